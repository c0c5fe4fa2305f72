"""The smooth part of a truncated normal's quantile function, fitted by a polynomial."""

from decimal import Decimal
from typing import NamedTuple

from ..math.regimes import COEFFICIENTS
from .normal_tail import mills
from .polynomials import Equation, interpolated, nodes_of, solution

_ZERO, _ONE, _TWO = Decimal(0), Decimal(1), Decimal(2)


class Accuracy(NamedTuple):
    """What an arithmetic type asks for."""

    words: int
    far: Decimal  # sigma from which the tail regime holds: beyond, mean + std z is too coarse next to lo
    outer: Decimal  # what one polynomial, a function of -2 log(4 t (1 - t)) up to 9.5 (13), reaches of t
    coefficients: int
    depth: Decimal  # at least -log of the smallest 1 - u, 22.9 (37.5)
    terms: int  # of a Taylor expansion
    bend: float  # how much denser than Chebyshev's the tail's nodes lie near lo, where the probability is


FLOAT32 = Accuracy(2**32, _ONE, Decimal("0.0022"), COEFFICIENTS[32], Decimal("23.6"), 18, 1.0)
FLOAT64 = Accuracy(2**53, Decimal("2.5"), Decimal("0.0004"), COEFFICIENTS[64], Decimal("37.5"), 32, 1.4)


def narrow_fit(alpha: Decimal, sigmas: Decimal, outside: Decimal, accuracy: Accuracy) -> list[Decimal]:
    """Return p of u p(2 u - 1), the quantile function as a fraction of the width.

    With z = alpha + sigmas h, phi(z) h' is constant: h'' = sigmas (alpha + sigmas h) h'^2.  Its singularities are
    where the CDF would be 0 and 1: ``outside``, or more, beyond either end.
    """
    ode = Equation(alpha * sigmas, sigmas * sigmas, _ZERO)
    power, last, first = _ONE, _ZERO, _ZERO  # of exp(-alpha s - s^2 / 2), integrated over [0, sigmas]
    for k in range(accuracy.terms):
        first += power / (k + 1)
        power, last = -(ode.constant * power + ode.linear * last) / (k + 1), power
    nodes = nodes_of(accuracy.coefficients, 1.0)
    points = [(1 + v) / 2 for v in nodes]

    def slope(h: Decimal) -> Decimal:
        return first * (h * (ode.constant + h * ode.linear / 2)).exp()

    heights = solution(points, slope, ode, lambda u: min(u, 1 - u) + outside, accuracy.terms)
    return interpolated(nodes, [h / u for h, u in zip(heights, points, strict=True)])


def tail_fit(alpha: Decimal, above: Decimal, accuracy: Accuracy) -> list[Decimal]:
    """Return k, m, n and p: z - alpha = L p(m sqrt(L + k) + n) / (2 alpha) for L = -2 log(Q(z) / Q(alpha)).

    As a function of L / 2, e = alpha (z - alpha) fulfils e'' = e' ((1 + e / alpha^2) e' - 1), for dz / d(L / 2) is
    Q / phi.  Its singularity nearest to the origin is where Q(z) would be 1: at least alpha^2 / 2 + 1.3 below it for
    alpha >= 1.
    """
    half_square = alpha * alpha / 2
    depth = min(accuracy.depth, -above.ln()) if above else accuracy.depth
    shift = min(2 * alpha - 1, Decimal(20))  # about where the fit is best
    first, last = shift.sqrt(), (shift + depth).sqrt()
    middle, half = (first + last) / 2, (last - first) / 2
    nodes = nodes_of(accuracy.coefficients, accuracy.bend)
    points = [(middle + half * v) ** 2 - shift for v in nodes]
    ode = Equation(_ONE, 1 / (alpha * alpha), _ONE)
    radius = half_square + Decimal("1.3")

    def slope(e: Decimal) -> Decimal:
        return alpha * mills(alpha + e / alpha)

    excess = solution(points, slope, ode, lambda point: point + radius, accuracy.terms)
    fit = interpolated(nodes, [e / point for e, point in zip(excess, points, strict=True)])
    return [2 * shift, 1 / (_TWO.sqrt() * half), -middle / half, *fit]
