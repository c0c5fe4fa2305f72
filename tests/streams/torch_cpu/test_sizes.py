"""From the same seed the same bits, and the same generator state afterwards, as torch: sizes."""

import pytest

from tests.tables.cases import CALLS, EVERY, HUGE_SIZES, LARGE_SIZES, PATHS, REALS, SIZES, each_dtype
from tests.tables.places import contiguous
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import assert_same_as_torch  # noqa: E402 - needs torch


@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS))
def test_small_fills_have_torchs_bits(call, dtype):
    for size in SIZES:
        assert_same_as_torch(call, contiguous(*call.shape(size)), dtype, seed=size)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS))
def test_fills_around_4096_and_65536_have_torchs_bits(call, dtype):
    for size in LARGE_SIZES if call in PATHS or not call.random else LARGE_SIZES[:6]:
        assert_same_as_torch(call, contiguous(*call.shape(size)), dtype, seed=size)


@pytest.mark.parametrize("size", HUGE_SIZES)
@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS, ("bfloat16", "float32")))
def test_fills_that_threads_share_have_torchs_bits(call, dtype, size):
    assert_same_as_torch(call, contiguous(*call.shape(size)), dtype, seed=size)


@pytest.mark.parametrize(
    ("call", "dtype"), each_dtype(PATHS, ("float16", "float64", "complex64", "complex128"))
)
def test_every_dtype_shares_a_fill_among_threads_with_torchs_bits(call, dtype):
    assert_same_as_torch(call, contiguous(*call.shape(2**18 + 13)), dtype, seed=3)


@pytest.mark.parametrize("dtype", REALS)
def test_the_table_covers_every_dtype(dtype):
    assert any(dtype in call.dtypes for call in CALLS)
    assert set(EVERY) >= set(CALLS[0].dtypes)
