"""constant_, ones_, zeros_, eye_, dirac_: every dtype, value, shape and layout gives torch's bytes."""

import math

import numpy as np
import pytest

import refinit
from tests.tables.cases import EVERY, INTEGERS, Call
from tests.tables.places import Place, contiguous, permuted
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import assert_same_as_torch  # noqa: E402 - needs torch

VALUES = {  # value -> dtypes that torch fills with it
    **dict.fromkeys(
        (0, 1, 2.7, 0.3, -0.0, True, 100.9, np.float32(2.5), np.int64(3), np.float16(1.5)), EVERY
    ),
    **dict.fromkeys((-1, -127, np.int8(-7)), EVERY),  # unsigned integers wrap a negative int
    -0.9: tuple(d for d in EVERY if not d.startswith("u")),
    -77.7: tuple(d for d in EVERY if not d.startswith("u")),
    **dict.fromkeys(
        (math.inf, -math.inf), ("float16", "bfloat16", "float32", "float64", "complex64", "bool")
    ),
    65504.0: EVERY[:6],
    65519.9: ("bfloat16", "float32", "float64", "complex128", "uint16", "int32"),
    1e39: ("float64", "complex128", "bool"),
    3.3895313892515355e38: ("bfloat16", "float32", "complex64", "float64"),
    3.4028234663852886e38: ("float32", "complex64", "float64"),
    1e-45: ("float16", "bfloat16", "float32", "float64", "bool"),
    2**63 - 1: ("int64", "uint64", "float32", "float64", "bfloat16"),
    2**64 - 1: ("uint64", "float32", "float64"),
    -(2**63): ("int64", "uint64", "float64"),
    -65535: ("uint16", "uint32", "int32"),
    1 + 2j: ("complex64", "complex128", "bool"),
    3 + 0j: EVERY,
    16777217: ("float32", "complex64", "int32"),
    1.00390625: ("bfloat16", "float16"),  # a tie between two bfloat16 values
}
FILLED = [(value, dtype) for value, dtypes in VALUES.items() for dtype in dtypes]


@pytest.mark.parametrize(("value", "dtype"), FILLED, ids=[f"{v!r}-{d}" for v, d in FILLED])
def test_constant_converts_values_as_torch_does(value, dtype):
    call = Call("constant_", {"val": value}, random=False)
    for place in (
        contiguous(5),
        contiguous(40, 30),
        Place("step", (9,), (2,), 1),
        permuted((3, 4, 5), (2, 0, 1)),
    ):
        assert_same_as_torch(call, place, dtype)


@pytest.mark.parametrize("value", [65504.1, 65519.9, 65520.0, 1e39, -1e300])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_constant_on_one_element_of_a_half_type_rounds_what_more_elements_refuse(value, dtype):
    """torch converts a single element by another path, without the check (test_errors.py has the refusals)."""
    for place in (contiguous(1), contiguous(1, 1), Place("scalar", (), (), 2)):
        assert_same_as_torch(Call("constant_", {"val": value}, random=False), place, dtype)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_what_one_element_takes_is_refused_by_two_afterwards_too(dtype):
    """The short way of a law that is ready would not look at the value again."""
    one, two = (torch.zeros(size, dtype=getattr(torch, dtype)) for size in (1, 2))
    for _ in range(2):
        refinit.constant_(one, 1e38 if dtype == "float16" else 3.4e38)
    with pytest.raises(RuntimeError, match="without overflow"):
        refinit.constant_(two, 1e38 if dtype == "float16" else 3.4e38)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64"])
def test_constant_nan_is_nan(dtype):
    assert np.isnan(refinit.constant_(np.zeros(20, dtype), math.nan)).all()


@pytest.mark.parametrize("dtype", [d for d in EVERY if d not in {"uint16", "uint32", "uint64"}])
def test_eye_has_torchs_bytes(dtype):
    places = (
        *(
            contiguous(*shape)
            for shape in ((1, 1), (3, 5), (5, 3), (7, 7), (1, 9), (9, 1), (300, 200), (0, 3), (3, 0))
        ),
        *(
            permuted((5, 7), (1, 0), offset=2),
            Place("block", (40, 25), (50, 1), 5),
            Place("steps", (9, 8), (33, 2)),
        ),
    )
    for place in places:
        assert_same_as_torch(Call("eye_", random=False), place, dtype)


DIRAC_SHAPES = [
    *((4, 3, 3), (2, 2, 4), (6, 6, 1), (3, 16, 5, 5), (16, 4, 3, 3), (8, 4, 2, 4), (4, 4, 6, 1)),
    *((4, 3, 3, 3, 3), (6, 2, 2, 5, 4), (4, 0, 3), (0, 3, 3), (1, 1, 1), (12, 5, 7)),
]


@pytest.mark.parametrize("dtype", EVERY)
@pytest.mark.parametrize("groups", [1, 2, 3, 4, np.int64(2), True])
def test_dirac_has_torchs_bytes(groups, dtype):
    for shape in DIRAC_SHAPES:
        if shape[0] % groups == 0:
            call = Call("dirac_", {"groups": groups}, random=False)
            assert_same_as_torch(call, contiguous(*shape), dtype)
            order = (*range(2, len(shape)), 0, 1)
            assert_same_as_torch(call, permuted(shape, order, offset=1), dtype)
            assert_same_as_torch(call, permuted(shape, tuple(range(len(shape))), step=2), dtype)


def test_dirac_puts_the_one_at_k_over_2_of_an_even_kernel():
    weight = refinit.dirac_(np.empty((2, 2, 4, 6), np.float32))
    assert np.argwhere(weight).tolist() == [[0, 0, 2, 3], [1, 1, 2, 3]]


def test_dirac_of_groups_preserves_identity_within_each_group():
    weight = refinit.dirac_(np.empty((6, 2, 3), np.float32), groups=3)
    assert np.argwhere(weight).tolist() == [[0, 0, 1], [1, 1, 1], [2, 0, 1], [3, 1, 1], [4, 0, 1], [5, 1, 1]]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_are_filled_at_their_extremes(dtype):
    for value in (np.iinfo(dtype).min, np.iinfo(dtype).max):
        assert (refinit.constant_(np.zeros(3, dtype), int(value)) == value).all()


@pytest.mark.parametrize("name", ["constant_", "ones_", "zeros_"])
def test_large_fixed_fills_are_complete(name):
    array = np.full(2**20 + 5, 7, np.float32)
    expected = {"constant_": 0.25, "ones_": 1.0, "zeros_": 0.0}[name]
    getattr(refinit, name)(array, *([0.25] if name == "constant_" else []))
    assert (array == expected).all()
