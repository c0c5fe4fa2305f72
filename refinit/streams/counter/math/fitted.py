"""The truncated normal's quantile function by a polynomial fitted to the law: far tails, and nearly uniform laws.

A word in, a value in [lowest, highest] out, as accurate as in ``quantile.py``.  Blocks of parameters: ``regimes.py``.
"""

from numpy import float32, float64

from ....kernels.math.intrinsics import core, fma, sqrt
from .logarithm import minus_two_log_parts32, minus_two_log_parts64, split32, split64
from .quantile import clamped, counts32, counts64


@core
def _polynomial32(v, coefficients):
    """Constant term first."""
    c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12 = coefficients
    y = fma(c12, v, c11)
    y = fma(y, v, c10)
    y = fma(y, v, c9)
    y = fma(y, v, c8)
    y = fma(y, v, c7)
    y = fma(y, v, c6)
    y = fma(y, v, c5)
    y = fma(y, v, c4)
    y = fma(y, v, c3)
    y = fma(y, v, c2)
    y = fma(y, v, c1)
    return fma(y, v, c0)


@core
def tail32(word, block):
    """Where lo is further above: lo + std (z - alpha).

    z - alpha = L p(m sqrt(L + k) + n) / (2 alpha), L = -2 log(Q(z) / Q(alpha)).

    The excess over alpha and not z is computed, so that values next to lo come as densely as their type has them.
    """
    head, coefficients = block
    lowest, highest, base, scale, step, right, k, m, n = head
    low, high = counts32(word)
    # Q(z) / Q(alpha) = 1 - u (1 - r): near 1 from what it lacks, elsewhere itself, each to its own last bit
    lacking = float32(float32(low + float32(0.5)) * step)
    exponent, f = split32(fma(high, step, right))
    near = lacking < float32(0.25)
    twice_log = minus_two_log_parts32(float32(0) if near else exponent, -lacking if near else f)
    y = _polynomial32(fma(sqrt(float32(twice_log + k)), m, n), coefficients)
    return clamped(fma(float32(twice_log * y), scale, base), lowest, highest)


@core
def narrow32(word, block):
    """Where either side has at least as much probability outside as there is inside: lo + (hi - lo) u p(2 u - 1)."""
    head, coefficients = block
    lowest, highest, base, scale = head
    low, _ = counts32(word)
    u = float32(float32(low + float32(0.5)) * float32(2.0**-32))
    y = _polynomial32(fma(u, float32(2), float32(-1)), coefficients)
    return clamped(fma(float32(u * y), scale, base), lowest, highest)


@core
def _polynomial64(v, coefficients):
    """Constant term first."""
    c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21 = (
        coefficients
    )
    y = fma(c21, v, c20)
    y = fma(y, v, c19)
    y = fma(y, v, c18)
    y = fma(y, v, c17)
    y = fma(y, v, c16)
    y = fma(y, v, c15)
    y = fma(y, v, c14)
    y = fma(y, v, c13)
    y = fma(y, v, c12)
    y = fma(y, v, c11)
    y = fma(y, v, c10)
    y = fma(y, v, c9)
    y = fma(y, v, c8)
    y = fma(y, v, c7)
    y = fma(y, v, c6)
    y = fma(y, v, c5)
    y = fma(y, v, c4)
    y = fma(y, v, c3)
    y = fma(y, v, c2)
    y = fma(y, v, c1)
    return fma(y, v, c0)


@core
def tail64(word, block):
    """Where lo is further above: lo + std (z - alpha).

    z - alpha = L p(m sqrt(L + k) + n) / (2 alpha), L = -2 log(Q(z) / Q(alpha)).

    The excess over alpha and not z is computed, so that values next to lo come as densely as their type has them.
    """
    head, coefficients = block
    lowest, highest, base, scale, step, right, k, m, n = head
    low, high = counts64(word)
    # Q(z) / Q(alpha) = 1 - u (1 - r): near 1 from what it lacks, elsewhere itself, each to its own last bit
    lacking = float64(float64(low + float64(0.5)) * step)
    exponent, f = split64(fma(high, step, right))
    near = lacking < float64(0.25)
    twice_log = minus_two_log_parts64(float64(0) if near else exponent, -lacking if near else f)
    y = _polynomial64(fma(sqrt(float64(twice_log + k)), m, n), coefficients)
    return clamped(fma(float64(twice_log * y), scale, base), lowest, highest)


@core
def narrow64(word, block):
    """Where either side has at least as much probability outside as there is inside: lo + (hi - lo) u p(2 u - 1)."""
    head, coefficients = block
    lowest, highest, base, scale = head
    low, _ = counts64(word)
    u = float64(float64(low + float64(0.5)) * float64(2.0**-53))
    y = _polynomial64(fma(u, float64(2), float64(-1)), coefficients)
    return clamped(fma(float64(u * y), scale, base), lowest, highest)
