"""torch's CUDA stream: Philox words to uniform and normal reals, as torch's kernels make them with cuRAND.

A call of cuRAND takes one block of four words: four float32 or two float64.  Where nvcc may contract a product and a
sum, an ``fma`` stands: it does so by default.  Logarithm, sine and cosine are each target's own; what stands between
them is here.
"""

import math

from numpy import float32, float64, int64, uint64

from ...kernels.math.cephes import log_float32, sincos_float32
from ...kernels.math.intrinsics import core, fma, libm_cos, libm_log, libm_sin, sqrt
from ...kernels.math.philox import philox

#: CURAND_2POW32_INV_2PI: the product of two float32, of which one is a power of two.
_TURN = float32(float32(2.0 * math.pi) * float32(2.0**-32))
_HALF_TURN = float32(_TURN * float32(0.5))
_PI = math.pi


@core
def call_words(call, thread, keys):
    """The four words of a thread's call number ``call``, both uint64, counted from the seed; ``round_keys`` of it."""
    return philox(call, call >> uint64(32), thread, thread >> uint64(32), keys)


@core
def joined53(first, second):
    """Two uint32 -> uint64 below 2**53; eleven bits are those of both, by exclusive or."""
    return uint64(first) ^ (uint64(second) << uint64(21))


@core
def unit32(word):
    """uint32 -> float32 in (0, 1]: the word as a float32, times 2**-32, plus 2**-33; 1.0 for the top 128 words."""
    return fma(float32(word), float32(2.0**-32), float32(2.0**-33))


@core
def unit64(number):
    """uint64 below 2**53 -> float64 in (0, 1]: (number + 1/2) 2**-53, rounded."""
    return fma(float64(int64(number)), 2.0**-53, 2.0**-54)


@core
def angle32(word):
    """uint32 -> float32 in (0, 2 pi]."""
    return fma(float32(word), _TURN, _HALF_TURN)


@core
def half_turns64(number):
    """uint64 below 2**53 -> float64 in (0, 2]: an angle in units of pi."""
    return fma(float64(int64(number)), 2.0**-52, 2.0**-53)


@core
def radius32(logarithm):
    """float32 log(u) -> float32 sqrt(-2 log(u))."""
    return float32(sqrt(float32(float32(-2) * logarithm)))


@core
def radius64(logarithm):
    """float64 log(u) -> float64 sqrt(-2 log(u))."""
    return sqrt(-2.0 * logarithm)


@core
def scaled32(radius, direction, mean, std):
    """radius * direction, a sine or a cosine, rounded to float32; times std plus mean with one rounding."""
    return fma(float32(radius * direction), std, mean)


@core
def scaled64(radius, direction, mean, std):
    """The same in float64."""
    return fma(radius * direction, std, mean)


@core
def normal32(radius_word, angle_word, is_cosine, mean, std):
    """Two uint32 -> one float32 of a normal pair, on a CPU; logarithm, sine and cosine within about 1 ulp."""
    radius = radius32(log_float32(unit32(radius_word)))
    sine, cosine = sincos_float32(angle32(angle_word))
    return scaled32(radius, cosine if is_cosine else sine, mean, std)


@core
def normal64(radius_number, angle_number, is_cosine, mean, std):
    """Two uint64 below 2**53 -> one float64 of a normal pair, by the C library's functions."""
    radius = radius64(libm_log(unit64(radius_number)))
    angle = half_turns64(angle_number) * _PI
    return scaled64(radius, libm_cos(angle) if is_cosine else libm_sin(angle), mean, std)
