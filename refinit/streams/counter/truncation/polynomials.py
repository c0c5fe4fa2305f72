"""Polynomials through the solution of a differential equation, in decimal arithmetic."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from operator import mul
from typing import NamedTuple

_ZERO = Decimal(0)
_Function = Callable[[Decimal], Decimal]


class Equation(NamedTuple):
    """y'' = y' ((constant + linear y) y' - damping)."""

    constant: Decimal
    linear: Decimal
    damping: Decimal


def _expansion(y: Decimal, slope: Decimal, ode: Equation, terms: int) -> list[Decimal]:
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


def solution(
    points: list[Decimal], slope: _Function, ode: Equation, radius: _Function, terms: int
) -> list[Decimal]:
    """Return y at the points, which ascend from 0 where y = 0, by Taylor steps of 1/4 of the radius of convergence.

    ``slope`` gives y' from y: carried on by itself it would be unstable, its error growing as 1 / Q.
    """
    origin = _ZERO
    values = _expansion(_ZERO, slope(_ZERO), ode, terms)
    heights = []
    for point in points:
        while point - origin > (step := radius(origin) / 4):
            y = _horner(values, step)
            values = _expansion(y, slope(y), ode, terms)
            origin += step
        heights.append(_horner(values, point - origin))
    return heights


@cache
def nodes_of(count: int, bend: float) -> list[Decimal]:
    """Return Chebyshev nodes on [-1, 1], drawn towards -1 by a power; rounded, for any C library to agree on."""
    unit = [(1 - math.cos(math.pi * (k + 0.5) / count)) / 2 for k in range(count)]
    return [Decimal(f"{2 * fraction**bend - 1:.9f}") for fraction in unit]


def interpolated(nodes: list[Decimal], values: list[Decimal]) -> list[Decimal]:
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
    return [_ZERO if abs(c) < Decimal("1e-25") else c for c in coefficients]
