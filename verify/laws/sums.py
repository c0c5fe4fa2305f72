"""Proven p-values: sums of independent draws by Chernoff's bound, counts by the binomial law, and what they detect."""

from __future__ import annotations

from math import exp, lgamma, log, log1p, sqrt

import numpy as np
from scipy import stats
from scipy.special import ndtri

from ..cases.formats import Reals


def chernoff(values: Reals, weights: Reals, average: float, n: int, slack: float = 0.0) -> float:
    """Bound of P(|mean of n draws - E| >= |average - E|) for draws of `values` with those weights.

    For any t > 0, P(sum of g >= n d) <= exp(n (log E exp(t g) - t d)); a poor t only makes the bound larger, so
    Newton's search for the best one needs no guarantee. Twice the one-sided bound covers both sides; an
    expectation that is known up to `slack` costs that much of the distance.
    """
    expectation = float(weights @ values)
    distance = abs(average - expectation) - slack
    if distance <= 0:
        return 1.0
    g = (values - expectation) * (1.0 if average > expectation else -1.0)
    g, weights = g[weights > 0], weights[weights > 0]
    variance = float(weights @ g**2)
    if variance == 0:
        return 0.0
    largest = float(g.max())
    t, best = distance / variance, 0.0
    for _ in range(30):
        t = min(t, 700.0 / largest)
        grown = np.expm1(t * g)
        total = float(weights @ grown)
        tilted = weights * (grown + 1.0) / (1.0 + total)
        best = min(best, n * (log1p(total) - t * distance))
        slope = float(tilted @ g)
        step = (distance - slope) / max(float(tilted @ g**2) - slope**2, 1e-12 * variance)
        if abs(step) <= 1e-6 * t or t >= 700.0 / largest:
            break
        t = max(t + step, t / 4.0)
    return min(1.0, 2.0 * exp(max(best, -745.0)))


def chi_square(total: float, n: int, slack: float = 0.0) -> float:
    """Two-sided exact p-value of a sum of squares of n standard normals, its scale known up to `slack`."""
    upper = stats.chi2.sf(total / (1.0 + slack), n)
    lower = stats.chi2.cdf(total / (1.0 - slack), n)
    return float(min(1.0, 2.0 * min(upper, lower)))


def normal_mean(average: float, n: int, std: float, slack: float = 0.0) -> float:
    """Two-sided exact p-value of the average of n normals around zero."""
    distance = max(0.0, abs(average) - slack)
    return float(2.0 * stats.norm.sf(distance * sqrt(n) / std))


def binomial(observed: Reals, n: int, probabilities: Reals, slack: float = 0.0) -> Reals:
    """Two-sided exact binomial p-value of each count, its probability known up to `slack`."""
    high = np.minimum(1.0, probabilities + slack)
    low = np.maximum(0.0, probabilities - slack)
    upper = stats.binom.sf(observed - 1, n, high)
    lower = stats.binom.cdf(observed, n, low)
    return np.asarray(np.minimum(1.0, 2.0 * np.minimum(upper, lower)))


def hypergeometric(observed: int, first: int, second: int, n: int) -> float:
    """Two-sided bound for the pairs of which both members are marked, given how many first and second ones are.

    Independent members make it hypergeometric, whatever the chance of a mark (Fisher's exact test). The ratio of
    neighbouring probabilities falls along the tail, so a geometric series with the first ratio bounds its sum.
    """
    if observed * n >= first * second:
        ratio = (
            (first - observed) * (second - observed) / ((observed + 1) * (n - first - second + observed + 1))
        )
    else:
        ratio = (
            observed * (n - first - second + observed) / ((first - observed + 1) * (second - observed + 1))
        )
    if ratio >= 1.0:
        return 1.0
    chosen = _log_binomial(first, observed) + _log_binomial(n - first, second - observed)
    return min(1.0, 2.0 * exp(max(-745.0, chosen - _log_binomial(n, second))) / (1.0 - ratio))


def _log_binomial(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def sub_gaussian(distance: float, n: int, variance: float) -> float:
    """Bound of P(|mean of n draws - E| >= distance) where E exp(t (X - E)) <= exp(t^2 variance / 2) for every t."""
    return min(1.0, 2.0 * exp(max(-745.0, -n * distance**2 / (2.0 * variance))))


def bernstein(distance: float, n: int, variance: float, largest: float) -> float:
    """Bernstein's bound of the same where |X - E| <= largest."""
    spread = variance + largest * distance / 3.0
    return min(1.0, 2.0 * exp(max(-745.0, -n * distance**2 / (2.0 * spread)))) if distance > 0 else 1.0


def massart(distance: float, n: int, slack: float = 0.0) -> float:
    """Dvoretzky-Kiefer-Wolfowitz with Massart's constant: P(sup |F_n - F| >= distance) <= 2 exp(-2 n distance^2)."""
    return min(1.0, 2.0 * exp(max(-745.0, -2.0 * n * max(0.0, distance - slack) ** 2)))


def detectable_shift(share: float, n: int, std: float, false_pass_rate: float = 0.01) -> float:
    """The shift of a mean that a test at that share misses with at most `false_pass_rate`."""
    return float((-ndtri(share / 2.0) - ndtri(false_pass_rate)) * std / sqrt(n))


def detectable_distance(share: float, n: int) -> float:
    """The Kolmogorov distance that Massart's bound finds with a false pass rate of 1 %."""
    return sqrt(log(2.0 / share) / (2.0 * n)) + sqrt(log(2.0 / 0.01) / (2.0 * n))
