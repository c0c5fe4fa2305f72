"""The truncated normal's quantile function where it is the normal law's own: a word in, a value in [lowest, highest].

The law's CDF at the result is (word + 1/2) / N to within 8 2^-24 (5e-15), or one step of the element type where that
is more; so the result rises with the word, up to the rounding of the last steps.  Blocks of parameters: ``regimes.py``.

Nothing here branches: what depends on the lane is computed both ways and selected.
"""

from numpy import float32, float64, int64, uint32, uint64

from ....kernels.math.intrinsics import core, fma, sqrt
from .logarithm import minus_two_log32, minus_two_log64


@core
def clamped(x, lowest, highest):
    """``x``, moved into [lowest, highest]."""
    inside = x > lowest
    x = x if inside else lowest
    inside = x < highest
    return x if inside else highest


@core
def counts32(word):
    """uint32 -> float32: the word, and 2^32 - 1 less it; each rounded on its own, so that either end is fine."""
    return float32(word), float32(uint32(~word))


@core
def _near32(m, x):
    """-ndtri(t) = x p(m) for m = -2 log(4 t (1 - t)) <= 9.5, x = 1 - 2 t; p is minimax (``docs/coefficients.py``)."""
    v = fma(m, float32(0.210526316), float32(-1))
    y = fma(float32(7.73700958e-05), v, float32(0.000212497078))
    y = fma(y, v, float32(-0.00103378505))
    y = fma(y, v, float32(-0.000212408238))
    y = fma(y, v, float32(0.00995564088))
    y = fma(y, v, float32(-0.0258162599))
    y = fma(y, v, float32(-0.0294165127))
    y = fma(y, v, float32(0.831709325))
    y = fma(y, v, float32(2.07962465))
    return float32(x * y)


@core
def _far32(m, x):
    """-ndtri(t) = x p(sqrt(m)) for 9.5 <= m <= 46.84."""
    v = fma(sqrt(m), float32(0.52892562), float32(-2.61983471))
    y = fma(float32(-0.00026004485), v, float32(-0.001766167))
    y = fma(y, v, float32(0.00500656851))
    y = fma(y, v, float32(-0.00471702125))
    y = fma(y, v, float32(0.00420180941))
    y = fma(y, v, float32(-0.00674754661))
    y = fma(y, v, float32(0.0083566634))
    y = fma(y, v, float32(1.90457296))
    y = fma(y, v, float32(4.72048855))
    return float32(x * y)


@core
def _nearer32(word, step, below, above):
    """The smaller of P(Z <= z) and P(Z > z) as t: (-2 log(4 t (1 - t)), 1 - 2 t, whether it is the former)."""
    low, high = counts32(word)
    lower, upper = fma(low, step, below), fma(high, step, above)
    negative = lower < upper
    twice = lower if negative else upper
    return (
        minus_two_log32(float32(twice * float32(float32(2) - twice))),
        float32(float32(1) - twice),
        negative,
    )


@core
def central32(word, block):
    """Where alpha < 1: the nearer tail's probability, its z, mean + z std; variables after Giles (2011), "erfinv"."""
    head, _ = block
    lowest, highest, mean, std, step, below, above = head
    m, x, negative = _nearer32(word, step, below, above)
    near, far = _near32(m, x), _far32(m, x)
    z = near if m < float32(9.5) else far
    return clamped(fma(z, -std if negative else std, mean), lowest, highest)


@core
def inner32(word, block):
    """``central32`` where the interval ends before the far tails."""
    head, _ = block
    lowest, highest, mean, std, step, below, above = head
    m, x, negative = _nearer32(word, step, below, above)
    z = _near32(m, x)
    return clamped(fma(z, -std if negative else std, mean), lowest, highest)


@core
def counts64(word):
    """uint64 -> float64: the word's top 53 bits, and 2^53 - 1 less them, exact."""
    bits = int64(word >> uint64(11))
    return float64(bits), float64(int64(0x1FFFFFFFFFFFFF) - bits)


@core
def _near64(m, x):
    """-ndtri(t) = x p(m) for m = -2 log(4 t (1 - t)) <= 13.0, x = 1 - 2 t; p is minimax (``docs/coefficients.py``)."""
    v = fma(m, float64(0.15384615384615385), float64(-1))
    y = fma(float64(-1.285975235577293e-08), v, float64(1.659591773832668e-08))
    y = fma(y, v, float64(9.825389003189075e-08))
    y = fma(y, v, float64(-2.3340381058483241e-07))
    y = fma(y, v, float64(-1.6552998358832766e-07))
    y = fma(y, v, float64(1.394087620704607e-06))
    y = fma(y, v, float64(-1.8589504376132984e-06))
    y = fma(y, v, float64(-3.0088056704423646e-06))
    y = fma(y, v, float64(1.5525644176139573e-05))
    y = fma(y, v, float64(-1.7370489599275968e-05))
    y = fma(y, v, float64(-4.2589866515165368e-05))
    y = fma(y, v, float64(0.00017938818434497453))
    y = fma(y, v, float64(-0.00016306144605378729))
    y = fma(y, v, float64(-0.00058048536598250152))
    y = fma(y, v, float64(0.0021249931016430897))
    y = fma(y, v, float64(-0.001680312045194126))
    y = fma(y, v, float64(-0.0075742703177743512))
    y = fma(y, v, float64(0.028047698484095364))
    y = fma(y, v, float64(-0.031534109637933516))
    y = fma(y, v, float64(-0.094020493217480766))
    y = fma(y, v, float64(1.0967276795779648))
    y = fma(y, v, float64(2.3809397712604832))
    return float64(x * y)


@core
def _far64(m, x):
    """-ndtri(t) = x p(sqrt(m)) for 13.0 <= m <= 82.7."""
    v = fma(sqrt(m), float64(0.36363636363636365), float64(-2.3068181818181817))
    y = fma(float64(2.4268166006815044e-05), v, float64(1.1251965683722255e-05))
    y = fma(y, v, float64(-0.00013952811901757201))
    y = fma(y, v, float64(-1.2015834156035794e-05))
    y = fma(y, v, float64(0.00028309541611470858))
    y = fma(y, v, float64(-5.0338569068647516e-05))
    y = fma(y, v, float64(-0.00013968103796673661))
    y = fma(y, v, float64(-0.00012131780563987564))
    y = fma(y, v, float64(2.7272017690059388e-05))
    y = fma(y, v, float64(0.00042275509896585447))
    y = fma(y, v, float64(-0.00057291511915670871))
    y = fma(y, v, float64(0.0005320459245629816))
    y = fma(y, v, float64(-0.00053481435946032912))
    y = fma(y, v, float64(0.00052147664310438582))
    y = fma(y, v, float64(-0.00056648433816023378))
    y = fma(y, v, float64(0.000874503940058599))
    y = fma(y, v, float64(-0.0016507581314411371))
    y = fma(y, v, float64(0.0030515427383437043))
    y = fma(y, v, float64(-0.0045626799976368508))
    y = fma(y, v, float64(0.0018506081131395972))
    y = fma(y, v, float64(2.778113701235446))
    y = fma(y, v, float64(6.1239920169225384))
    return float64(x * y)


@core
def _nearer64(word, step, below, above):
    """The smaller of P(Z <= z) and P(Z > z) as t: (-2 log(4 t (1 - t)), 1 - 2 t, whether it is the former)."""
    low, high = counts64(word)
    lower, upper = fma(low, step, below), fma(high, step, above)
    negative = lower < upper
    twice = lower if negative else upper
    return (
        minus_two_log64(float64(twice * float64(float64(2) - twice))),
        float64(float64(1) - twice),
        negative,
    )


@core
def central64(word, block):
    """Where alpha < 2.5: the nearer tail's probability, its z, mean + z std; variables after Giles (2011), "erfinv"."""
    head, _ = block
    lowest, highest, mean, std, step, below, above = head
    m, x, negative = _nearer64(word, step, below, above)
    near, far = _near64(m, x), _far64(m, x)
    z = near if m < float64(13.0) else far
    return clamped(fma(z, -std if negative else std, mean), lowest, highest)


@core
def inner64(word, block):
    """``central64`` where the interval ends before the far tails."""
    head, _ = block
    lowest, highest, mean, std, step, below, above = head
    m, x, negative = _nearer64(word, step, below, above)
    z = _near64(m, x)
    return clamped(fma(z, -std if negative else std, mean), lowest, highest)
