"""From the same seed the same bits and generator state as torch: transposed, sliced, stepped, channels-last ..."""

import pytest

from tests.tables.cases import CALLS, FIXED, PATHS, Call, each_dtype
from tests.tables.places import PLACES, Place, permuted
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import assert_same_as_torch  # noqa: E402 - needs torch


@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS))
def test_every_layout_has_torchs_bits(call: Call, dtype: str):
    for seed, place in enumerate(PLACES):
        if len(place.shape) in call.ndims:
            assert_same_as_torch(call, place, dtype, seed)


LONG = (
    permuted((700, 600), (1, 0)),
    Place("step", (400_000,), (2,)),
    Place("block", (700, 600), (611, 1), 3),
    Place("channels-last", (64, 64, 9, 9), (5184, 1, 576, 64)),
)


@pytest.mark.parametrize("place", LONG, ids=str)
@pytest.mark.parametrize(
    ("call", "dtype"), each_dtype((*PATHS[:6], *FIXED), ("bfloat16", "float32", "complex64"))
)
def test_long_strided_fills_have_torchs_bits(call: Call, dtype: str, place: Place):
    assert_same_as_torch(call, place, dtype, seed=7)
