"""The table of refusals, second part: numbers out of range, values and dtypes that do not fit, nonsense, nan."""

import math

from tests.tables.refusals import FANS, KAIMING, OURS, Refusal, ours, words

FOUND = "uniform_ expects to return a [from, to) range, but found from="
CONVERT = "value cannot be converted to type {} without overflow"
_STD = "normal expects std >= 0.0, but found std "
RANGES = (
    words("uniform_", (3,), RuntimeError, FOUND + "2 > to=1", a=2, b=1),
    words("uniform_", (0,), RuntimeError, FOUND + "2 > to=1", a=2, b=1),
    words(
        "uniform_",
        (3,),
        RuntimeError,
        FOUND + "1.09545 > to=-1.09545",
        a=1.0954451150103321,
        b=-1.0954451150103321,
    ),
    *(
        words("uniform_", (3,), RuntimeError, "from is out of bounds for float", a=a)
        for a in (-math.inf, 1e39, -3.4028235e38)
    ),
    *(words("uniform_", (3,), RuntimeError, "to is out of bounds for float", b=b) for b in (math.inf, 1e39)),
    words("uniform_", (3,), RuntimeError, "from is out of bounds for c10::Half", "float16", a=-1e5),
    words("uniform_", (3,), RuntimeError, "to is out of bounds for c10::BFloat16", "bfloat16", b=3.4e38),
    words("uniform_", (3,), RuntimeError, "to is out of bounds for double", "float64", b=math.inf),
    words("uniform_", (3,), RuntimeError, "to is out of bounds for float", "complex64", b=1e39),
    words(
        "uniform_",
        (3,),
        RuntimeError,
        "numeric_limits<Float>::max(), but found to=3e+38 and from=-3e+38",
        a=-3e38,
        b=3e38,
    ),
    words("uniform_", (3,), RuntimeError, "numeric_limits<Half>::max()", "float16", a=-40000, b=40000),
    words("uniform_", (3,), RuntimeError, "numeric_limits<Double>::max()", "float64", a=-1e308, b=1e308),
    words("uniform_", (3,), OverflowError, "int too large to convert to float", b=10**400),
    *(words("normal_", shape, RuntimeError, _STD + "-1", std=-1) for shape in ((3,), (0,), (40,))),
    words("normal_", (3,), RuntimeError, _STD + "-1", "complex64", std=-1),
    words("xavier_uniform_", (3, 3), RuntimeError, FOUND + "1 > to=-1", gain=-1),
    words("xavier_uniform_", (3, 3), RuntimeError, "from is out of bounds for float", gain=math.inf),
    words("xavier_normal_", (3, 3), RuntimeError, _STD + "-0.57735", gain=-1),
    words("sparse_", (3, 3), RuntimeError, _STD + "-1", sparsity=0.5, std=-1),
    words("trunc_normal_", (3,), RuntimeError, FOUND + "2 > to=-2", a=2, b=-2),
    words("trunc_normal_", (0,), RuntimeError, FOUND + "2 > to=-2", a=2, b=-2),
    words("trunc_normal_", (3,), RuntimeError, "to is out of bounds for float", a=2, b=math.inf),
    words("trunc_normal_", (3,), RuntimeError, "from is out of bounds for float", a=-1e39, b=2.3, mean=3),
    words("trunc_normal_", (3,), OverflowError, "", mean=1e200),
    *(words(name, (3, 3), OverflowError, "", a=1e200) for name in KAIMING),
)
_HALVES = (
    ("float16", 65504.1, "c10::Half"),
    ("float16", 1e39, "c10::Half"),
    ("bfloat16", 3.39e38, "c10::BFloat16"),
)
_INTEGERS = (
    *(
        ("int8", 300, "int8_t"),
        ("int8", 127.5, "int8_t"),
        ("uint8", 256, "uint8_t"),
        ("uint8", -256, "uint8_t"),
    ),
    *(
        ("uint8", -0.5, "uint8_t"),
        ("uint8", 255.5, "uint8_t"),
        ("int16", 40000, "int16_t"),
        ("int32", 2**31, "int"),
    ),
    *(
        ("int64", 2**63, "int64_t"),
        ("uint16", 65536, "uint16_t"),
        ("uint32", 2**32, "uint32_t"),
        ("int64", math.nan, "int64_t"),
    ),
    *(
        ("int32", math.inf, "int"),
        ("int8", 1j, "int8_t"),
        ("uint64", 1e20, "uint64_t"),
        ("uint64", -1.0, "uint64_t"),
    ),
)
_FLOATS = (
    ("float32", 1e39, "float"),
    ("float32", 3.4028235e38, "float"),
    ("complex64", 1e39, "c10::complex<float>"),
)
_COMPLEX = ("float32", 1 + 2j, "float"), ("float64", 1j, "double")
VALUES = (
    *(
        words("constant_", (3,), RuntimeError, CONVERT.format(name), dtype, val=value)
        for dtype, value, name in (*_HALVES, *_INTEGERS, *_FLOATS, *_COMPLEX)
    ),
    *(
        words("constant_", (3,), OverflowError, "int too big to convert", d, val=2**64)
        for d in ("float32", "int8", "bool")
    ),
    words("constant_", (3,), OverflowError, "can't convert negative int to unsigned", val=-(2**63) - 1),
)
_UNIFORM, _NORMAL = '"check_uniform_bounds" not implemented for ', '"normal_kernel_cpu" not implemented for '
DTYPES = (
    *(
        words("uniform_", (3,), NotImplementedError, f"{_UNIFORM}'{n}'", d)
        for d, n in (("int64", "Long"), ("bool", "Bool"))
    ),
    *(
        words("normal_", (3,), NotImplementedError, f"{_NORMAL}'{n}'", d)
        for d, n in (("int8", "Char"), ("uint64", "UInt64"))
    ),
    *(words(name, (3, 3), NotImplementedError, "not implemented for 'Int'", "int32") for name in FANS),
    words("sparse_", (3, 3), NotImplementedError, f"{_NORMAL}'Short'", "int16", sparsity=0.5),
    *(
        words("trunc_normal_", (3,), NotImplementedError, "not implemented for 'Complex", d)
        for d in ("complex64", "complex128")
    ),
    words("trunc_normal_", (3,), NotImplementedError, "not implemented for 'Long'", "int64"),
    *(
        words("orthogonal_", (3, 3), NotImplementedError, f"\"geqrf_cpu\" not implemented for '{n}'", d)
        for d, n in (("float16", "Half"), ("bfloat16", "BFloat16"))
    ),
    *(
        words("orthogonal_", (3, 3), NotImplementedError, "torch.sign", d)
        for d in ("complex64", "complex128")
    ),
    words("orthogonal_", (3, 3), NotImplementedError, f"{_NORMAL}'Long'", "int64"),
    *(
        words("eye_", (3, 3), NotImplementedError, '"eye" not implemented for \'UInt', d)
        for d in ("uint16", "uint32", "uint64")
    ),
)
_NAN = {"uniform_": ("a", "b"), "normal_": ("mean", "std"), "trunc_normal_": ("mean", "std", "a", "b")}
NONSENSE = (
    *(
        ours("sparse_", (4, 3), "sparsity", sparsity=s)
        for s in (-0.1, -1, 1.5, 1.0000001, math.nan, math.inf)
    ),
    *(ours("dirac_", (4, 3, 3), "groups", groups=g) for g in (0, -1, -2, -4)),
    *(ours("trunc_normal_", shape, "std", std=s) for s in (0, -1, 0.0) for shape in ((3,), (0,))),
    *(ours("trunc_normal_", (3,), "std", std=-1, a=-0.1, b=0.1) for _ in (0,)),
    *(ours(name, shape, "fan|element|shape|zero") for name in FANS[:2] for shape in ((0, 0), (3, 4, 0))),
    *(ours("trunc_normal_", (40,), "std|mean", mean=m, std=s, a=-3e38, b=3e38) for m, s in ((0, 7e38),)),
    ours("orthogonal_", (3, 3), "gain", gain=math.nan),
)
NAN = tuple(
    Refusal(name, (3,), Exception, f"nan|{parameter}|bounds", {parameter: math.nan}, torch=OURS)
    for name, parameters in _NAN.items()
    for parameter in parameters
) + tuple(
    Refusal(
        name,
        (3, 3),
        Exception,
        "nan|gain|bounds",
        {"gain": math.nan} if name in FANS[:2] else {"a": math.nan},
        torch=OURS,
    )
    for name in FANS
)
NUMBERS = (*RANGES, *VALUES, *DTYPES, *NONSENSE, *NAN)
