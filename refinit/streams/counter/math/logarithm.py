"""Logarithms for Box-Muller and for the truncated normal: a word, or a float, to -2 log.

The polynomials are minimax (``docs/coefficients.py``).  A power of two is split off so that what remains, 1 + f,
lies in [sqrt(1/2), sqrt(2)]; f comes without cancellation, so the result is accurate relative to itself down to
the last number below 1.
"""

from numpy import float32, float64, int32, int64, uint32, uint64

from ....kernels.math.intrinsics import (
    bits_of_float32,
    bits_of_float64,
    core,
    float32_of_bits,
    float64_of_bits,
    fma,
)

#: Bits of sqrt(1/2), rounded down: subtracted, they leave in the exponent's field that of the nearest power of two.
_SQRT_HALF32 = uint32(0x3F3504F3)
_SQRT_HALF64 = uint64(0x3FE6A09E667F3BCC)


@core
def minus_two_log_parts32(exponent, f):
    """-2 log(2^exponent (1 + f)), float32; exponent integral, |f| <= 0.42, and the sum not near 1 by cancellation."""
    y = fma(float32(0.152436331), f, float32(-0.258089215))
    y = fma(y, f, float32(0.264859736))
    y = fma(y, f, float32(-0.283636421))
    y = fma(y, f, float32(0.332181633))
    y = fma(y, f, float32(-0.400039494))
    y = fma(y, f, float32(0.50003165))
    y = fma(y, f, float32(-0.666666508))
    y = fma(y, f, float32(0.999999762))
    y = fma(float32(f * f), y, float32(float32(-2) * f))
    return fma(exponent, float32(-1.38629436), y)  # 2 log 2 is within 2^-28.4 of this float32


@core
def radius_squared32(word):
    """uint32 -> float32: -2 log((word + 1) 2^-32), in [0, 64 log 2]; 0 only for the last word.

    Within 1.41 ulp at every word.
    """
    x = uint32(word + uint32(1))  # 0 stands for 2^32
    near = bits_of_float32(float32(float32(word) + float32(1)))
    power = int32(int32(uint32(near - _SQRT_HALF32)) >> int32(23))  # x is nearest to 2^power
    # x 2^-power - 1 in units of 2^-32, exact; word 0 shifts by 0, which leaves 2^-32 for 0
    f = int32(uint32(x << uint32(uint32(-power) & uint32(31))))
    return minus_two_log_parts32(float32(int32(power - int32(32))), float32(float32(f) * float32(2.0**-32)))


@core
def split32(x):
    """float32 x > 0, normal -> (exponent, f): x = 2^exponent (1 + f), f in [sqrt(1/2) - 1, sqrt(2) - 1], exact."""
    bits = bits_of_float32(x)
    power = int32(int32(uint32(bits - _SQRT_HALF32)) >> int32(23))
    mantissa = float32_of_bits(uint32(bits - uint32(uint32(power) << uint32(23))))
    return float32(power), float32(mantissa - float32(1))


@core
def minus_two_log32(x):
    """float32 -> -2 log(x) for a normal x > 0; within 0.93 ulp."""
    exponent, f = split32(x)
    return minus_two_log_parts32(exponent, f)


@core
def minus_two_log_parts64(exponent, f):
    """-2 log(2^exponent (1 + f)), float64; as ``minus_two_log_parts32``."""
    # two chains: one of 19 multiply-adds would be longer than what a CPU looks ahead
    z = f * f
    even = fma(float64(0.12012204197166047), z, float64(0.11356224218382328))
    even = fma(even, z, float64(0.12388730005087933))
    even = fma(even, z, float64(0.14299875027073033))
    even = fma(even, z, float64(0.16665728172057342))
    even = fma(even, z, float64(0.20000035877906436))
    even = fma(even, z, float64(0.24999999208975546))
    even = fma(even, z, float64(0.3333333334271199))
    even = fma(even, z, float64(0.49999999999949829))
    even = fma(even, z, float64(1.0000000000000007))
    odd = fma(float64(-0.052348039202214917), z, float64(-0.13059057947413763))
    odd = fma(odd, z, float64(-0.11317940712161718))
    odd = fma(odd, z, float64(-0.13371870405925373))
    odd = fma(odd, z, float64(-0.15382866064026249))
    odd = fma(odd, z, float64(-0.18181854903131323))
    odd = fma(odd, z, float64(-0.22222222197394417))
    odd = fma(odd, z, float64(-0.28571428559252066))
    odd = fma(odd, z, float64(-0.40000000000170299))
    odd = fma(odd, z, float64(-0.66666666666666052))
    y = fma(odd, f, even)
    y = fma(z, y, float64(-2) * f)
    y = fma(exponent, float64(-4.638093627692599e-17), y)  # what 2 log 2 has beyond a float64
    return fma(exponent, float64(-1.3862943611198906), y)


@core
def split64(x):
    """float64 x > 0, normal -> (exponent, f), as ``split32``."""
    bits = bits_of_float64(x)
    power = int64(int64(bits - _SQRT_HALF64) >> int64(52))
    mantissa = float64_of_bits(bits - (uint64(power) << uint64(52)))
    return float64(power), mantissa - float64(1)


@core
def minus_two_log64(x):
    """float64 -> -2 log(x) for a normal x > 0; within 1.3 ulp."""
    exponent, f = split64(x)
    return minus_two_log_parts64(exponent, f)


@core
def radius_squared64(bits53):
    """uint64 < 2^53 -> float64: -2 log((bits53 + 1) 2^-53), in [0, 106 log 2]; 0 only for 2^53 - 1.  Within 1.3 ulp."""
    return minus_two_log64(fma(float64(int64(bits53)), float64(2.0**-53), float64(2.0**-53)))  # exact
