"""Words to uniform reals, as torch's CPU generator does it."""

from numpy import float32, float64, int32, int64, uint32, uint64

from ....kernels.math.intrinsics import core


@core
def low24(word):
    """uint32 -> float32 in [0, 1): the 2**24 multiples of 2**-24, equally likely; the word's LOW bits; never 1.0."""
    return float32(int32(word & uint32(0xFFFFFF))) * float32(2.0**-24)


@core
def low53(pair):
    """uint64 -> float64 in [0, 1): the 2**53 multiples of 2**-53, equally likely; the LOW bits; never 1.0."""
    return float64(int64(pair & uint64(0x1FFFFFFFFFFFFF))) * float64(2.0**-53)
