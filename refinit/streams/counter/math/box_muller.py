"""Box-Muller (1958) for the counter stream: sine and cosine of a word's fraction of a turn, and the normal pair.

The quadrant is taken from the word by integer arithmetic, so the angle is reduced exactly; the polynomials on the
remaining eighth of a turn either way are minimax (``docs/coefficients.py``).
"""

from numpy import float32, float64, int32, int64, uint32, uint64

from ....kernels.math.intrinsics import (
    bits_of_float32,
    bits_of_float64,
    core,
    float32_of_bits,
    float64_of_bits,
    fma,
    sqrt,
)
from .logarithm import radius_squared32, radius_squared64


@core
def circle32(word):
    """uint32 -> float32 (cos, sin) of 2 pi word 2^-32; each within 1.62 ulp of itself.

    The four quadrants are bitwise images of each other up to sign, so a zero takes its quadrant's sign.
    """
    x = float32(
        float32(int32(uint32(word << uint32(2)))) * float32(2.0**-31)
    )  # eighths of a turn, in [-1, 1]
    z = float32(x * x)
    s = fma(float32(-3.59504629e-05), z, float32(0.00249000103))
    s = fma(s, z, float32(-0.0807454363))
    s = fma(s, z, float32(-0.214601845))
    s = fma(s, x, x)
    c = fma(float32(3.53033806e-06), z, float32(-0.000325940084))
    c = fma(c, z, float32(0.015854327))
    c = fma(c, z, float32(-0.308425128))
    c = fma(c, z, float32(1))
    quadrant = uint32(word + uint32(0x20000000))  # in the top two bits
    straight = quadrant & uint32(0x40000000) == uint32(0)
    cosine = bits_of_float32(c if straight else s) ^ (
        uint32(quadrant + uint32(0x40000000)) & uint32(0x80000000)
    )
    sine = bits_of_float32(s if straight else c) ^ (quadrant & uint32(0x80000000))
    return float32_of_bits(uint32(cosine)), float32_of_bits(uint32(sine))


@core
def circle64(word):
    """uint64 -> float64 (cos, sin) of 2 pi word 2^-64; each within 1.4 ulp of itself."""
    x = float64(int64(word << uint64(2))) * float64(2.0**-63)
    z = x * x
    s = fma(float64(-2.0225313982553206e-14), z, float64(6.9481520386281782e-12))
    s = fma(s, z, float64(-1.7572474176218104e-09))
    s = fma(s, z, float64(3.133616889173284e-07))
    s = fma(s, z, float64(-3.65762041821464e-05))
    s = fma(s, z, float64(0.0024903945701927163))
    s = fma(s, z, float64(-0.080745512188280785))
    s = fma(s, z, float64(-0.21460183660255169))
    s = fma(s, x, x)
    c = fma(float64(9.9282072896770302e-16), z, float64(-3.897903272277604e-13))
    c = fma(c, z, float64(1.1501157412412258e-10))
    c = fma(c, z, float64(-2.4611369494872759e-08))
    c = fma(c, z, float64(3.590860448588058e-06))
    c = fma(c, z, float64(-0.00032599188692738936))
    c = fma(c, z, float64(0.015854344243815502))
    c = fma(c, z, float64(-0.30842513753404244))
    c = fma(c, z, float64(1))
    quadrant = word + uint64(0x2000000000000000)
    straight = quadrant & uint64(0x4000000000000000) == uint64(0)
    sign = uint64(0x8000000000000000)
    cosine = bits_of_float64(c if straight else s) ^ ((quadrant + uint64(0x4000000000000000)) & sign)
    sine = bits_of_float64(s if straight else c) ^ (quadrant & sign)
    return float64_of_bits(cosine), float64_of_bits(sine)


@core
def normal_pair32(radius_word, angle_word, mean, std):
    """Two uint32 -> two independent N(mean, std^2), cosine first; |z| <= sqrt(64 log 2) = 6.66."""
    radius = sqrt(radius_squared32(radius_word))
    cosine, sine = circle32(angle_word)
    return fma(float32(radius * cosine), std, mean), fma(float32(radius * sine), std, mean)


@core
def normal_pair64(radius_word, angle_word, mean, std):
    """Two uint64 -> two independent N(mean, std^2), the radius from the top 53 bits; |z| <= sqrt(106 log 2) = 8.57."""
    radius = sqrt(radius_squared64(radius_word >> uint64(11)))
    cosine, sine = circle64(angle_word)
    return fma(radius * cosine, std, mean), fma(radius * sine, std, mean)
