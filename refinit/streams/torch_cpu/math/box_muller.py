"""Uniform reals to normal ones by Box & Muller (1958), with torch's arithmetic.

The multiply-adds that the compiler of torch's AVX2 build contracts are the explicit ``fma`` calls.
"""

import math

from numpy import float32, float64

from ....kernels.math.cephes import log_float32, sincos_float32
from ....kernels.math.intrinsics import core, fma, libm_cos, libm_log, libm_log1p, libm_sin, sqrt

_TWO_PI32 = float32(2.0 * math.pi)
_TWO_PI = 2.0 * math.pi


@core
def box_muller_float32(u1, u2, mean, std):
    """Two uniforms in [0, 1) -> (cosine, sine) members of a normal pair; |z| <= sqrt(48 log 2) = 5.77 sigma."""
    radius = float32(sqrt(float32(float32(-2) * log_float32(float32(float32(1) - u1)))))
    sine, cosine = sincos_float32(float32(_TWO_PI32 * u2))
    return fma(float32(radius * cosine), std, mean), fma(float32(radius * sine), std, mean)


@core
def box_muller_float64(u1, u2, mean, std):
    """The float64 pair of torch's block path: C library log, sin and cos; |z| <= 8.57 sigma."""
    radius = sqrt(float64(-2.0) * libm_log(1.0 - u1))
    angle = _TWO_PI * u2
    return fma(radius * libm_cos(angle), std, mean), fma(radius * libm_sin(angle), std, mean)


@core
def standard_pair_float64(u1, u2):
    """The standard pair (cosine, sine) of torch's one-by-one path: the radius from the second uniform, by log1p."""
    radius = sqrt(float64(-2.0) * libm_log1p(-u2))
    angle = _TWO_PI * u1
    return radius * libm_cos(angle), radius * libm_sin(angle)
