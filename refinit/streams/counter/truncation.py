"""Parameters of the counter stream's truncated normal, prepared in decimal arithmetic.

A law is put into one of four regimes (``streams/counter/math/regimes.py`` has the layout of their parameters), and the
smooth part of its quantile function is fitted by a polynomial.  ``decimal`` gives the same digits on every platform,
which the C library's erf, exp and log do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import cache, lru_cache
from operator import mul
from typing import NamedTuple

from ...dtypes import ELEMENTS, Element
from .math.regimes import COEFFICIENTS

_ZERO, _ONE, _TWO = Decimal(0), Decimal(1), Decimal(2)
_ROOT_TWO_PI = Decimal("2.5066282746310005024157652848110452530069867406099383")
_CONTEXT = Context(
    prec=38,  # two words of libmpdec
    rounding=ROUND_HALF_EVEN,
    Emin=-999999,
    Emax=999999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, InvalidOperation, Overflow],
)

_Function = Callable[[Decimal], Decimal]


class Prepared(NamedTuple):
    """``regime``: "inner", "central", "tail" or "narrow"; its parameters; the smallest and the largest value."""

    regime: str
    parameters: tuple[float, ...]
    lowest: float
    highest: float


class _Accuracy(NamedTuple):
    """What an arithmetic type asks for."""

    words: int
    far: Decimal  # sigma from which the tail regime holds: beyond, mean + std z is too coarse next to lo
    outer: Decimal  # what one polynomial, a function of -2 log(4 t (1 - t)) up to 9.5 (13), reaches of t
    coefficients: int
    depth: Decimal  # at least -log of the smallest 1 - u, 22.9 (37.5)
    terms: int  # of a Taylor expansion
    bend: float  # how much denser than Chebyshev's the tail's nodes lie near lo, where the probability is


_FLOAT32 = _Accuracy(2**32, _ONE, Decimal("0.0022"), COEFFICIENTS[32], Decimal("23.6"), 18, 1.0)
_FLOAT64 = _Accuracy(2**53, Decimal("2.5"), Decimal("0.0004"), COEFFICIENTS[64], Decimal("37.5"), 32, 1.4)


@lru_cache(maxsize=256)
def prepared(mean: float, std: float, lo: float, hi: float, name: str) -> Prepared:
    """N(mean, std^2) given that it lies in [lo, hi], for elements of type ``name``.

    Parameters
    ----------
    mean, std, lo, hi
        Finite mean, std > 0, lo <= hi; the bounds may be infinite.
    name
        "float32", "float64", "float16" or "bfloat16".

    Raises
    ------
    ValueError
        If the type has no value in [lo, hi], or its arithmetic cannot hold mean, std or hi - lo where it needs them.
    """
    element = ELEMENTS[name]
    lowest, highest = element.within(lo, hi, "[a, b]")
    real = element.computed
    accuracy = _FLOAT64 if real.itemsize == 8 else _FLOAT32
    with localcontext(_CONTEXT):
        regime, numbers = _law(Decimal(mean), Decimal(std), Decimal(lo), Decimal(hi), accuracy)
        parameters = (lowest, highest, *(_rounded(number, real) for number in numbers))
    return Prepared(regime, parameters, lowest, highest)


def _rounded(number: Decimal, real: Element) -> float:
    """Return the nearest number of the arithmetic type, a finite one."""
    if abs(number) > Decimal(real.max):
        raise ValueError(
            f"expected mean, std and b - a of at most {real.max:g}, which {real.name} holds, got {float(number):g}"
        )
    return real.rounded(float(number)) + 0.0


def _law(
    mean: Decimal, std: Decimal, lo: Decimal, hi: Decimal, accuracy: _Accuracy
) -> tuple[str, list[Decimal]]:
    """Return the regime and its parameters after the first two."""
    alpha, beta, near, width = (lo - mean) / std, (hi - mean) / std, lo, hi - lo
    if -alpha > beta:  # the mirror image
        alpha, beta, near, width, std = -beta, -alpha, hi, -width, -std
    sigmas = abs(width / std)
    is_tail = alpha >= accuracy.far
    if is_tail:
        above = _tail_ratio(alpha, beta, sigmas)
        inside = 1 - above
    else:
        above = _upper(beta)
        inside = _upper(alpha) - above
    if above >= inside:
        outside = min(above, 4 * inside) / inside if inside > 0 else Decimal(4)
        return "narrow", [near, width, *_narrow_fit(alpha, sigmas, outside, accuracy)]
    if is_tail:
        step = inside / accuracy.words
        return "tail", [near, std / (2 * alpha), step, above + step / 2, *_tail_fit(alpha, above, accuracy)]
    regime = "inner" if above >= accuracy.outer else "central"
    half = inside / accuracy.words
    return regime, [mean, std, 2 * half, 2 * (1 - _upper(alpha)) + half, 2 * above + half]


def _upper(x: Decimal) -> Decimal:
    """Return Q(x), the probability above x sigma."""
    if x < 0:
        return 1 - _upper(-x)
    return (-x * x / 2).exp() / _ROOT_TWO_PI * _mills(x) if x.is_finite() else _ZERO


def _mills(x: Decimal) -> Decimal:
    """Return Q(x) / phi(x) for x >= 0: by Laplace's continued fraction, near 0 by the power series of what it lacks."""
    if x >= 3:
        value = x
        for k in range(int(2000 / (x * x)) + 12, 0, -1):
            value = x + k / value
        return 1 / value
    term = total = x
    odd = 1
    while term > Decimal("1e-40"):
        odd += 2
        term = term * x * x / odd
        total += term
    return _ROOT_TWO_PI / 2 * (x * x / 2).exp() - total


def _tail_ratio(alpha: Decimal, beta: Decimal, sigmas: Decimal) -> Decimal:
    """Return Q(beta) / Q(alpha), without either."""
    fall = sigmas * (alpha + sigmas / 2)
    return (-fall).exp() * _mills(beta) / _mills(alpha) if fall < 2000 else _ZERO


def _narrow_fit(alpha: Decimal, sigmas: Decimal, outside: Decimal, accuracy: _Accuracy) -> list[Decimal]:
    """Return p of u p(2 u - 1), the quantile function as a fraction of the width.

    With z = alpha + sigmas h, phi(z) h' is constant: h'' = sigmas (alpha + sigmas h) h'^2.  Its singularities are
    where the CDF would be 0 and 1: ``outside``, or more, beyond either end.
    """
    ode = _Equation(alpha * sigmas, sigmas * sigmas, _ZERO)
    power, last, first = _ONE, _ZERO, _ZERO  # of exp(-alpha s - s^2 / 2), integrated over [0, sigmas]
    for k in range(accuracy.terms):
        first += power / (k + 1)
        power, last = -(ode.constant * power + ode.linear * last) / (k + 1), power
    nodes = _nodes(accuracy.coefficients, 1.0)
    places = [(1 + v) / 2 for v in nodes]

    def slope(h: Decimal) -> Decimal:
        return first * (h * (ode.constant + h * ode.linear / 2)).exp()

    heights = _solution(places, slope, ode, lambda u: min(u, 1 - u) + outside, accuracy.terms)
    return _interpolated(nodes, [h / u for h, u in zip(heights, places, strict=True)])


def _tail_fit(alpha: Decimal, above: Decimal, accuracy: _Accuracy) -> list[Decimal]:
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
    nodes = _nodes(accuracy.coefficients, accuracy.bend)
    places = [(middle + half * v) ** 2 - shift for v in nodes]
    ode = _Equation(_ONE, 1 / (alpha * alpha), _ONE)
    radius = half_square + Decimal("1.3")

    def slope(e: Decimal) -> Decimal:
        return alpha * _mills(alpha + e / alpha)

    excess = _solution(places, slope, ode, lambda at: at + radius, accuracy.terms)
    fit = _interpolated(nodes, [e / at for e, at in zip(excess, places, strict=True)])
    return [2 * shift, 1 / (_TWO.sqrt() * half), -middle / half, *fit]


class _Equation(NamedTuple):
    """y'' = y' ((constant + linear y) y' - damping)."""

    constant: Decimal
    linear: Decimal
    damping: Decimal


def _expansion(y: Decimal, slope: Decimal, ode: _Equation, terms: int) -> list[Decimal]:
    """Return the Taylor coefficients of y."""
    values, slopes, weights = [y], [slope], [ode.constant + ode.linear * y]
    rates: list[Decimal] = []  # of (constant + linear y) y' - damping
    for k in range(terms):
        rates.append(sum(map(mul, slopes, reversed(weights)), _ZERO if k else -ode.damping))
        slopes.append(sum(map(mul, slopes, reversed(rates)), _ZERO) / (k + 1))
        values.append(slopes[k] / (k + 1))
        weights.append(ode.linear * values[-1])
    return values


def _horner(coefficients: Sequence[Decimal], x: Decimal) -> Decimal:
    total = _ZERO
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def _solution(
    places: list[Decimal], slope: _Function, ode: _Equation, radius: _Function, terms: int
) -> list[Decimal]:
    """Return y at the places, which ascend from 0 where y = 0, by Taylor steps of 1/4 of the radius of convergence.

    ``slope`` gives y' from y: carried on by itself it would be unstable, its error growing as 1 / Q.
    """
    at = _ZERO
    values = _expansion(_ZERO, slope(_ZERO), ode, terms)
    found = []
    for place in places:
        while place - at > (step := radius(at) / 4):
            y = _horner(values, step)
            values = _expansion(y, slope(y), ode, terms)
            at += step
        found.append(_horner(values, place - at))
    return found


@cache
def _nodes(count: int, bend: float) -> list[Decimal]:
    """Return Chebyshev nodes on [-1, 1], drawn towards -1 by a power; rounded, for any C library to agree on."""
    unit = [(1 - math.cos(math.pi * (k + 0.5) / count)) / 2 for k in range(count)]
    return [Decimal(f"{2 * place**bend - 1:.9f}") for place in unit]


def _interpolated(nodes: list[Decimal], values: list[Decimal]) -> list[Decimal]:
    """Return the coefficients, constant term first, of the polynomial through the points, by Newton's differences."""
    differences = list(values)
    for order in range(1, len(nodes)):
        for i in range(len(nodes) - 1, order - 1, -1):
            differences[i] = (differences[i] - differences[i - 1]) / (nodes[i] - nodes[i - order])
    coefficients = [_ZERO] * len(nodes)
    for node, difference in zip(reversed(nodes), reversed(differences), strict=True):
        shifted = [_ZERO, *coefficients[:-1]]
        coefficients = [high - node * low for high, low in zip(shifted, coefficients, strict=True)]
        coefficients[0] += difference
    # below any rounding, and subnormal in float32 they would slow some CPUs down
    return [_ZERO if abs(one) < Decimal("1e-25") else one for one in coefficients]
