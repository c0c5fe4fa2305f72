"""float32 logarithm, sine and cosine after Cephes, in the form torch's AVX2 build computes them; for CPUs only.

The multiply-adds that its compiler contracts are the explicit ``fma`` calls, and every other rounding stays.
"""

from numpy import float32, int32, uint32

from .intrinsics import bits_of_float32, core, float32_of_bits, fma

_SQRT_HALF = float32(0.707106781186547524)


@core
def log_float32(x):
    """Natural logarithm on (0, 1], to about 1 ulp; log(1) = 0 exactly."""
    bits = bits_of_float32(x)
    exponent = float32(int32(int32(bits >> uint32(23)) - int32(126)))
    mantissa = float32_of_bits((bits & uint32(0x007FFFFF)) | uint32(0x3F000000))  # in [1/2, 1)
    small = mantissa < _SQRT_HALF
    exponent = float32(exponent - (float32(1) if small else float32(0)))
    x = float32(float32(mantissa - float32(1)) + (mantissa if small else float32(0)))
    z = float32(x * x)
    y = fma(float32(7.0376836292e-2), x, float32(-1.1514610310e-1))
    y = fma(y, x, float32(1.1676998740e-1))
    y = fma(y, x, float32(-1.2420140846e-1))
    y = fma(y, x, float32(1.4249322787e-1))
    y = fma(y, x, float32(-1.6668057665e-1))
    y = fma(y, x, float32(2.0000714765e-1))
    y = fma(y, x, float32(-2.4999993993e-1))
    y = fma(y, x, float32(3.3333331174e-1))
    y = float32(y * x)
    y = fma(y, z, float32(exponent * float32(-2.12194440e-4)))
    y = float32(y - float32(z * float32(0.5)))
    return fma(exponent, float32(0.693359375), float32(x + y))


@core
def sincos_float32(t):
    """(sin t, cos t) for 0 <= t <= 2 pi, to about 1 ulp of 1."""
    octant = int32(float32(t * float32(1.27323954473516)))  # 4 / pi
    octant = int32((octant + int32(1)) & int32(-2))
    y = float32(octant)
    # t - octant pi / 4 with pi / 4 in three parts (Cody & Waite)
    x = fma(y, float32(-0.78515625), t)
    x = fma(y, float32(-2.4187564849853515625e-4), x)
    x = fma(y, float32(-3.77489497744594108e-8), x)
    z = float32(x * x)
    c = fma(float32(2.443315711809948e-5), z, float32(-1.388731625493765e-3))
    c = fma(c, z, float32(4.166664568298827e-2))
    c = float32(c * z)
    c = fma(c, z, float32(float32(-0.5) * z))
    c = float32(c + float32(1))
    s = fma(float32(-1.9515295891e-4), z, float32(8.3321608736e-3))
    s = fma(s, z, float32(-1.6666654611e-1))
    s = float32(s * z)
    s = fma(s, x, x)
    straight = (octant & int32(2)) == 0
    sine = bits_of_float32(s if straight else c) ^ uint32(uint32(octant & int32(4)) << uint32(29))
    cosine = bits_of_float32(c if straight else s) ^ uint32(
        uint32(~(octant - int32(2)) & int32(4)) << uint32(29)
    )
    return float32_of_bits(sine), float32_of_bits(cosine)
