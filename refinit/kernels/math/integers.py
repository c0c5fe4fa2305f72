"""Integer arithmetic that vectorises."""

from numpy import float64, int32, int64

from .intrinsics import core


@core
def remainder(word, divisor, inverse):
    """word mod divisor for a divisor >= 2, exactly, with ``inverse`` = 1 / divisor rounded to float64.

    The quotient is below 2**31 and off by at most 1, because word * inverse has a relative error below 2**-51.
    Unlike a division, this vectorises.
    """
    quotient = int32(float64(word) * inverse)
    rest = int64(word) - int64(quotient) * int64(divisor)
    rest = int64(rest + divisor) if rest < 0 else rest
    return int64(rest - divisor) if rest >= divisor else rest
