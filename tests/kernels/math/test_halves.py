"""float32 to float16 and bfloat16 and back, against NumPy and ml_dtypes."""

import ml_dtypes
import numba
import numpy as np
import pytest

from refinit.dtypes import ELEMENTS
from refinit.kernels.math import halves

TYPES = {
    "float16": (halves.float16_bits, halves.float32_of_float16, np.dtype(np.float16)),
    "bfloat16": (halves.bfloat16_bits, halves.float32_of_bfloat16, np.dtype(ml_dtypes.bfloat16)),
}
EVERY_HALF = np.arange(2**16, dtype=np.uint16)
#: All float32 whose low 9 bits are 0, and those one off either way: every rounding decision of both types is there.
FLOATS = (
    np.arange(2**23, dtype=np.uint32)[:, None] * np.uint32(512)
    + np.array([-1, 0, 1], np.int32).view(np.uint32)
).ravel()


@numba.njit
def mapped(function, values, out):
    for i in range(values.size):
        out[i] = function(values[i])
    return out


@pytest.mark.parametrize("name", TYPES)
def test_every_half_decodes_exactly(name):
    _, decode, dtype = TYPES[name]
    expected = EVERY_HALF.view(dtype).astype(np.float32)
    decoded = mapped(decode, EVERY_HALF, np.empty(2**16, np.float32))
    numbers = ~np.isnan(expected)
    assert np.array_equal(decoded[numbers].view(np.uint32), expected[numbers].view(np.uint32))
    assert np.isnan(decoded[~numbers]).all()


@pytest.mark.parametrize("name", TYPES)
def test_every_rounding_decision_is_to_nearest_even(name):
    encode, _, dtype = TYPES[name]
    values = FLOATS.view(np.float32)
    values = values[~np.isnan(values)]
    with np.errstate(over="ignore"):
        expected = values.astype(dtype).view(np.uint16)
    assert np.array_equal(mapped(encode, values, np.empty(values.size, np.uint16)), expected)


@pytest.mark.parametrize("name", TYPES)
def test_nan_stays_nan(name):
    encode, decode, _ = TYPES[name]
    nans = np.array([0x7F800001, 0x7FC00000, 0xFFFFFFFF], np.uint32).view(np.float32)
    bits = mapped(encode, nans, np.empty(3, np.uint16))
    assert np.isnan(mapped(decode, bits, np.empty(3, np.float32))).all()


@pytest.mark.parametrize("name", TYPES)
def test_numbers_are_the_same_if_their_values_are(name):
    _, decode, _ = TYPES[name]
    some = EVERY_HALF[::257]
    values = mapped(decode, some, np.empty(some.size, np.float32))
    for bits, value in zip(some, values, strict=True):
        if not np.isnan(value):
            equal = np.array([halves.equal_halves(bits, other) for other in some])
            assert np.array_equal(equal & ~np.isnan(values), values == value)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize(
    "number", [0.1, -3.0, 65519.9, 65520.0, 1e39, -1e-8, 3.39e38, float("inf"), 2.0**-24]
)
def test_parameters_round_as_elements_do(name, number):
    with np.errstate(over="ignore"):
        expected = float(np.float32(number).astype(TYPES[name][2]))
    assert ELEMENTS[name].rounded(number) == expected
