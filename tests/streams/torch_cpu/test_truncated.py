"""trunc_normal_: both of torch's algorithms, every dtype, layout and size; the bounds hold, also after rounding."""

import math

import numpy as np
import pytest

import refinit
from tests.tables.cases import NARROW_TRUNCATION, REALS, SIZES, WIDE_TRUNCATION, Call, each_dtype
from tests.tables.places import PLACES, Place, contiguous, dtype_of
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import Twins, assert_same_as_torch  # noqa: E402 - needs torch

EDGES = (  # near the switch at P = 0.3, at the bounds of a dtype, on grids that hold one value or two
    Call("trunc_normal_", {"a": -0.385, "b": 0.385}, dtypes=REALS),  # P = 0.2998
    Call("trunc_normal_", {"a": -0.386, "b": 0.386}, dtypes=REALS),  # P = 0.3005
    Call("trunc_normal_", {"a": 0.0, "b": 1.0}, dtypes=REALS),
    Call("trunc_normal_", {"a": -math.inf, "b": 0.5}, dtypes=REALS),
    Call("trunc_normal_", {"a": -math.inf, "b": math.inf}, dtypes=REALS),
    Call("trunc_normal_", {"mean": 1.0, "std": 1.0, "a": 1.0, "b": 1.00390625}, dtypes=REALS),
    Call("trunc_normal_", {"mean": 100, "std": 3, "a": 97, "b": 103}, dtypes=REALS),
    Call(
        "trunc_normal_", {"mean": 0.0, "std": 1e-20, "a": -1e-20, "b": 2e-20}, dtypes=("float32", "float64")
    ),
    Call("trunc_normal_", {"mean": 0, "std": 1, "a": 10, "b": 10.5}, dtypes=("float32", "float64")),
    Call("trunc_normal_", {"mean": -3.0, "std": 0.5, "a": -1.5, "b": -1.0}, dtypes=REALS),
    Call("trunc_normal_", {"mean": 7.0, "std": 2.0, "a": 2.0, "b": 4.0}, dtypes=REALS),
    Call("trunc_normal_", {"mean": 2, "std": 1, "a": 2, "b": 2.7}, dtypes=REALS),
)
TRUNCATIONS = (*WIDE_TRUNCATION, *NARROW_TRUNCATION, *EDGES)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(EDGES))
def test_edges_have_torchs_bits_on_every_size_and_layout(call, dtype):
    for size in (*SIZES, 4097, 40_000):
        assert_same_as_torch(call, contiguous(size), dtype, seed=size)
    for seed, place in enumerate(PLACES):
        assert_same_as_torch(call, place, dtype, seed)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(TRUNCATIONS))
@pytest.mark.parametrize("seed", range(3))
def test_one_generator_through_many_truncated_fills_stays_torchs(call, dtype, seed):
    twins = Twins(seed)
    for size in (1, 15, 16, 100, 625, 3, 1300):
        twins.assert_same_fill(call, contiguous(size), dtype)
        twins.assert_same_fill(call, Place("step", (size,), (2,), 1), dtype)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(TRUNCATIONS))
def test_no_value_lies_outside_the_bounds_rounded_to_the_dtype(call, dtype):
    values = call.on(refinit, np.empty(50_000, dtype_of(dtype)), refinit.Generator()).astype(np.float64)
    a, b = (np.float64(dtype_of(dtype).type(call.parameters.get(k, d))) for k, d in (("a", -2.0), ("b", 2.0)))
    assert values.min() >= a
    assert values.max() <= b


@pytest.mark.parametrize("bounds", [(-2.0, 2.0), (3.0, 4.0)], ids=["wide", "narrow"])
def test_parameters_may_be_any_real_numbers(bounds):
    a, b = bounds
    call = Call("trunc_normal_", {"mean": np.float32(0), "std": np.int64(1), "a": np.float64(a), "b": int(b)})
    assert_same_as_torch(call, contiguous(100), "float32")


def test_the_bounds_are_attained_only_by_rounding_never_by_clamping():
    """A fill that clamps would put P = 0.05 of its values on each bound; float32 has about 2**23 in [1, 2)."""
    values = refinit.trunc_normal_(
        np.empty(100_000, np.float32), 0.0, 1.0, -1.6449, 1.6449, generator=refinit.Generator()
    )
    assert (np.abs(values) == np.float32(1.6449)).sum() < 3
