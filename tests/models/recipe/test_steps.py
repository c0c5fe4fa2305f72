"""Buffers and views of the step format."""

import numpy as np
import pytest

from refinit.models.recipe.steps import Buffer, dense_strides


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 4), (3, 0, 2)], ids=str)
def test_dense_strides_are_numpys(shape):
    array = np.empty(shape, np.uint8)
    if array.size:
        assert dense_strides(shape) == array.strides
    whole = Buffer("w", "uint8", shape).whole
    assert (whole.buffer, whole.offset, whole.shape, whole.strides) == ("w", 0, shape, dense_strides(shape))
