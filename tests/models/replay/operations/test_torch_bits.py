"""Operations against torch's own, bit for bit: its types, its rounding, its shapes."""

import numpy as np
import pytest

from refinit.dtypes import ELEMENTS
from refinit.models.recipe.signatures import SIGNATURES
from refinit.models.replay.operations.run import run

torch = pytest.importorskip("torch", reason="the operations are its")
ml_dtypes = pytest.importorskip("ml_dtypes", reason="bfloat16 is its")

FLOATS = ("float32", "float64", "float16", "bfloat16")
EXACT_UNARY = ["neg", "abs", "sign", "square", "reciprocal", "floor", "ceil", "round", "trunc"]
EXACT_BINARY = ["add", "sub", "rsub", "mul", "div", "minimum", "maximum", "eq", "ne", "lt", "le", "gt", "ge"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, float("inf"), float("-inf"), float("nan"), 1e-40, 3e4]


def tensor(dtype, shape=(37, 11), key=0, special=True):
    generator = torch.Generator().manual_seed(key)
    values = torch.randn(shape, generator=generator, dtype=torch.float64) * 3
    if special and values.numel() > len(SPECIAL):
        flat = values.view(-1)
        flat[: len(SPECIAL)] = torch.tensor(SPECIAL, dtype=torch.float64)
        flat[: len(SPECIAL)] = flat[: len(SPECIAL)][torch.randperm(len(SPECIAL), generator=generator)]
    return values.to(getattr(torch, dtype))


def array(value):
    """The elements of a tensor as an array of ours."""
    if isinstance(value, (list, tuple)):
        return [array(item) for item in value]
    if not isinstance(value, torch.Tensor):
        return value
    name = str(value.dtype).removeprefix("torch.")
    if name == "bfloat16":
        return value.contiguous().view(torch.int16).numpy().view(ELEMENTS[name].dtype)
    return value.numpy()


def bits(value):
    """Bytes in which every nan is the same one."""
    if value.dtype.name == "bfloat16" or value.dtype.kind == "f":
        value = np.where(np.isnan(value), value.dtype.type(np.nan), value)
    return np.ascontiguousarray(value).tobytes()


def check(name, *operands, function=None, **options):
    expected = array((function or getattr(torch, name))(*operands, **options))
    names = list(SIGNATURES[name].parameters)
    values = dict(zip(names, map(array, operands), strict=False)) | {k: array(v) for k, v in options.items()}
    out = np.empty(expected.shape, expected.dtype)
    run(name, out, values)
    if bits(out) != bits(expected):
        different = ~((out == expected) | (np.isnan(out) & np.isnan(expected)))
        index = tuple(np.argwhere(different)[0]) if different.any() else ()
        pytest.fail(
            f"{different.sum()} of {out.size}: ours {out[index]!r}, torch's {expected[index]!r} at {index}"
        )


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", EXACT_UNARY)
def test_unary(name, dtype):
    check(name, tensor(dtype))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", [name for name in EXACT_BINARY if name != "rsub"])
def test_binary(name, dtype):
    check(name, tensor(dtype), tensor(dtype, key=1))
    check(name, tensor(dtype), tensor(dtype, (11,), key=2))


@pytest.mark.parametrize("number", [0.1, -3, 2, 0.02, 1.0 / 3, 7.0])
@pytest.mark.parametrize("dtype", [*FLOATS, "int64", "int8"])
@pytest.mark.parametrize("name", ["add", "sub", "rsub", "mul", "div", "eq", "lt"])
def test_numbers(name, dtype, number):
    check(name, tensor(dtype, special=dtype in FLOATS), number)


@pytest.mark.parametrize("first", [*FLOATS, "int64", "uint8", "bool"])
@pytest.mark.parametrize("second", [*FLOATS, "int64", "int8", "bool"])
@pytest.mark.parametrize("scalar", [False, True])
def test_mixed_types(first, second, scalar):
    for name in ("add", "mul", "div"):
        check(
            name, tensor(first, special=False), tensor(second, () if scalar else (11,), key=1, special=False)
        )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("wide", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in EXACT_BINARY if name != "rsub"])
def test_a_wider_0d_tensor_on_either_side_of_a_half_type(name, wide, dtype):
    values = tensor(dtype)
    for key in range(5):
        scalar = values[key, 3].to(getattr(torch, wide)) * 1.0001  # equal only once it is rounded
        check(name, values, scalar)
        check(name, scalar, values)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("alpha", [-1, 2, 0.5, -4.0])
def test_alpha_of_a_power_of_two(dtype, alpha):
    for name in ("add", "sub"):
        check(name, tensor(dtype), tensor(dtype, key=1), alpha=alpha)


@pytest.mark.parametrize("dtype", [*FLOATS, "int64"])
@pytest.mark.parametrize(
    "bounds", [(-1, 2), (None, 0.0), (0.1, None), (2.0, -2.0), (float("nan"), 1.0), (0.0, 1.0)]
)
def test_clamp(dtype, bounds):
    values = tensor(dtype, special=dtype in FLOATS)
    low, high = bounds
    check("clamp", values, min=low, max=high)
    if low is not None:
        check("clamp_min", values, low)
    if high is not None:
        check("clamp_max", values, high)


@pytest.mark.parametrize("dtype", [*FLOATS, "int64", "bool"])
def test_choices(dtype):
    mask, values = tensor("float32") > 0, tensor(dtype, special=False)
    check("where", mask, values, tensor(dtype, (11,), key=4, special=False))
    check("masked_fill", values, mask, 2)
    check("where", mask, values, torch.tensor(3.5))


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_integers(dtype):
    first, second = tensor(dtype, special=False), tensor(dtype, key=1, special=False)
    for name in (
        "add",
        "mul",
        "minimum",
        "maximum",
        "eq",
        "bitwise_and",
        "bitwise_or",
        "bitwise_xor",
        "logical_or",
    ):
        check(name, first, second)
    for name in ("logical_not", "bitwise_not"):
        check(name, first)


@pytest.mark.parametrize("dtype", [*FLOATS, "int64", "bool"])
def test_rearrangements(dtype):
    a, b = tensor(dtype, (3, 4, 5)), tensor(dtype, (3, 2, 5), key=1)
    check("cat", [a, b, torch.empty(0, dtype=a.dtype)], 1)
    check("cat", [a, b], dim=-2)
    check("stack", [a, a.flip(0)], -1)
    check("stack", [a, a.flip(0)])
    for name in ("tril", "triu"):
        check(name, a)
        check(name, a, 1)
        check(name, a, diagonal=-2)
    check("flip", a, [0, -1])
    check("roll", a, [2], [1])
    check("roll", a, 7)
    check("repeat", a, [2, 1, 3, 2], function=torch.Tensor.repeat)
    for pad, value in (([1, 2], 3), ([-1, 2, 0, -2], 0.0), ([1, 0, 0, 1, -1, 2], 1)):
        check("constant_pad_nd", a, pad, value)


def test_cat_of_types():
    check(
        "cat",
        [tensor("float16", (3, 4)), tensor("float32", (2, 4)), tensor("int64", (1, 4), special=False)],
        0,
    )


@pytest.mark.filterwarnings("ignore:Casting complex values")  # torch says it once in a process
@pytest.mark.parametrize("source", [*FLOATS, "int64", "int8", "uint8", "bool", "complex64"])
@pytest.mark.parametrize("dtype", [*FLOATS, "complex128", "bool"])
def test_copies_convert(source, dtype):
    values = tensor(source, special=source in FLOATS)
    check("copy", values, function=lambda src: torch.empty(src.shape, dtype=getattr(torch, dtype)).copy_(src))


@pytest.mark.parametrize("dtype", [*FLOATS, "complex64", "int64", "bool"])
@pytest.mark.parametrize("value", [0.1, 3, True, -0.0])
def test_fills(dtype, value):
    check("fill", value, function=lambda value: torch.empty((3, 5), dtype=getattr(torch, dtype)).fill_(value))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("exponent", [2, 2.0, -1])
def test_exact_powers(dtype, exponent):
    check("pow", tensor(dtype).abs(), exponent)


@pytest.mark.parametrize("dtype", FLOATS)
def test_extremes(dtype):
    values = tensor(dtype, (5, 6, 7), special=False)
    for name in ("amax", "amin"):
        check(name, values, [1])
        check(name, values, (0, -1), keepdim=True)
        check(name, values)
        check("linalg_vector_norm", values, float("inf"), [0], function=torch.linalg.vector_norm)


def test_sums_of_integers_are_exact():
    check("sum", tensor("int64", special=False), [0], function=lambda self, dim: self.sum(dim))
    check("sum", tensor("bool", special=False), [0], function=lambda self, dim: self.sum(dim))


def test_large_arrays_go_by_blocks():
    check("mul", tensor("float32", (300, 1001)), tensor("float32", (1001,), key=1))
    check("tril", tensor("float32", (1000, 1003)))
    check("triu", tensor("bfloat16", (3, 400, 303)), 5)
    check("amax", tensor("float32", (300, 1001), special=False), [0])
    check("copy", tensor("float32", (300, 1001)).t(), function=lambda src: src.to(torch.bfloat16))
