"""float8: constants have torch's bits in tensors and in ml_dtypes' arrays; random laws are refused as in torch."""

import math
import sys

import ml_dtypes
import numpy as np
import pytest

import refinit
from refinit.float8 import FLOAT8, float8_code
from tests.tables.references.torch import torch_module

torch = torch_module()

each_type = pytest.mark.parametrize("name", FLOAT8)
VALUES = (
    *(
        0,
        1,
        -1,
        True,
        2,
        3,
        -7,
        255,
        2**63,
        2**63 - 1,
        -(2**63),
        2**64,
        -(10**30),
        0.0,
        -0.0,
        1.0,
        0.3,
        -77.7,
    ),
    *(
        1.5,
        0.75,
        1.0625,
        240.0,
        248.0,
        256.0,
        448.0,
        448.1,
        464.0,
        480.0,
        57344.0,
        57344.1,
        61440.0,
        -61440.0,
    ),
    *(1e-3, 1e-30, 2.0**-127, 2.0**-128, 2.0**127, 3.4e38, 1e39, 1e300, -1e300, 1e-300),
    *(
        math.inf,
        -math.inf,
        math.nan,
        -math.nan,
        1j,
        1 + 0j,
        2 + 1j,
        -3 + 0j,
        np.float16(1.1),
        np.float32(0.1),
    ),
)


def codes(tensor):
    return tensor.contiguous().view(torch.uint8).flatten().tolist()


def outcome(fill, tensor):
    """The codes, or the error."""
    try:
        fill(tensor)
    except (RuntimeError, OverflowError, TypeError) as error:
        return type(error), str(error).partition(": ")[0]
    return codes(tensor)


@each_type
@pytest.mark.parametrize("shape", [(), (1,), (2,), (0,), (5, 7)], ids=str)
def test_constants_end_as_torchs_do(name, shape):
    for value in VALUES * 2:
        got, want = (torch.full(shape, 9, dtype=torch.uint8).view(getattr(torch, name)) for _ in range(2))
        assert outcome(lambda w, v=value: refinit.constant_(w, v), got) == outcome(
            lambda w, v=value: torch.nn.init.constant_(w, v), want
        ), value


def every_number(name):
    """All halves, all bfloat16, and every tie between two values of the type with its neighbours, as float32."""
    halves, bfloats = (
        torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(dtype).float()
        for dtype in (torch.float16, torch.bfloat16)
    )
    values = torch.arange(256, dtype=torch.int32).to(torch.uint8).view(getattr(torch, name)).double()
    values = values[values.isfinite()].sort().values
    ties = torch.cat([(values[1:] + values[:-1]) / 2, values]).float()
    around = [torch.nextafter(ties, torch.tensor(limit)) for limit in (math.inf, -math.inf)]
    return torch.cat([halves, bfloats, ties, *around])


@each_type
def test_every_half_and_every_tie_is_rounded_as_torch_rounds_it(name):
    numbers = every_number(name)
    want = codes(numbers.to(getattr(torch, name)))
    assert [float8_code(name, number) for number in numbers.tolist()] == want


@each_type
def test_every_half_is_rounded_as_torchs_constant_rounds_one_element(name):
    for number in every_number(name)[::97].tolist():
        got, want = (torch.empty(1, dtype=getattr(torch, name)) for _ in range(2))
        assert codes(refinit.constant_(got, number)) == codes(torch.nn.init.constant_(want, number)), number


@each_type
@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("ones_", (3, 5)),
        ("zeros_", (3, 5)),
        ("eye_", (3, 5)),
        ("dirac_", (4, 2, 3)),
        ("dirac_", (2, 2, 4, 3)),
    ],
    ids=str,
)
def test_fixed_laws_in_any_layout(call, shape, name):
    dtype = getattr(torch, name)
    for make in (
        lambda: torch.full(shape, 9, dtype=torch.uint8).view(dtype),
        lambda: (
            torch.full(shape[::-1], 9, dtype=torch.uint8).view(dtype).permute(*reversed(range(len(shape))))
        ),
        lambda: torch.full((*shape, 2), 9, dtype=torch.uint8).view(dtype)[..., 1],
    ):
        got, want = make(), make()
        assert getattr(refinit, call)(got) is got
        getattr(torch.nn.init, call)(want)
        assert codes(got) == codes(want)


@each_type
def test_arrays_of_ml_dtypes_have_the_tensors_bits(name):
    array = refinit.empty(300, dtype=name)
    assert array.dtype == np.dtype(getattr(ml_dtypes, name))
    for value in (0.3, 1.5, 100, math.nan):
        assert refinit.constant_(array, value) is array
        want = torch.nn.init.constant_(torch.empty(300, dtype=getattr(torch, name)), value)
        assert array.view(np.uint8).tolist() == codes(want)
    large = refinit.ones_(refinit.empty(1 << 24, dtype=name))  # of the size that threads share
    assert (large == 1).all()


@each_type
def test_tensors_need_no_ml_dtypes(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    refinit.eye_(torch.empty(3, 3, dtype=getattr(torch, name)))


RANDOM = [
    *(("uniform_", {}), ("normal_", {}), ("trunc_normal_", {}), ("trunc_normal_", {"a": 3.0, "b": 4.0})),
    *(("xavier_uniform_", {}), ("xavier_normal_", {}), ("orthogonal_", {}), ("sparse_", {"sparsity": 0.5})),
    *(("kaiming_uniform_", {}), ("kaiming_normal_", {})),
]


@each_type
@pytest.mark.parametrize("shape", [(4, 4), (0, 4)], ids=str)
@pytest.mark.parametrize(("call", "keywords"), RANDOM, ids=str)
@pytest.mark.filterwarnings("ignore:.*no-op", "ignore:mean is more than 2 std")
def test_random_laws_are_refused_where_torch_refuses_them(call, keywords, shape, name):
    if (call, shape, name) == ("sparse_", (0, 4), "float8_e8m0fnu"):
        return  # torch cannot write zeros there, of which there are none
    results = []
    for module in (torch.nn.init, refinit):
        tensor, state = torch.zeros(shape, dtype=getattr(torch, name)), torch.get_rng_state()
        try:
            getattr(module, call)(tensor, **keywords)
        except NotImplementedError:
            results.append("refused")
            assert torch.equal(torch.get_rng_state(), state)
        else:
            results.append("filled")
    assert results[0] == results[1]
    if results[0] == "refused":
        with pytest.raises(NotImplementedError, match=f"{name.capitalize()}|expected"):
            getattr(refinit, call)(
                torch.zeros(shape, dtype=getattr(torch, name)),
                **keywords,
                generator=refinit.CounterGenerator(0),
            )
