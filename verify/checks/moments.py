"""Mean, variance, cells and extremes of single elements, each against the exact law in that format and stream."""

from __future__ import annotations

from math import sqrt

import numpy as np

from ..cases.formats import Reals
from ..laws import sums
from ..laws.elements import Discrete
from ..laws.reference import Normal, TruncatedNormal, Uniform
from .finding import Finding, Sample, statistical_finding

# Enough for one part in a thousand of Kolmogorov distance; more would only cost time.
CELL_SAMPLE = 2**18
_LEVELS = np.concatenate([[1e-3, 1e-2], np.arange(1, 32) / 32.0, [0.99, 0.999]])


def centre(sample: Sample) -> float:
    """The point squares are taken around: the mean of the continuous law, or near it."""
    law = sample.component_law
    return law.mean if isinstance(law, Normal) else (law.low + law.high) / 2.0


def mean(sample: Sample, share: float) -> Finding:
    """The average: exact for normals, else Chernoff's bound with the exact generating function."""
    law, realised, n = sample.component_law, sample.realised, sample.values.size
    average = float(sample.values.mean())
    points, weights = realised.nodes()
    expectation = float(weights @ points)
    std = sqrt(float(weights @ (points - expectation) ** 2))
    if isinstance(law, Normal) and not isinstance(realised, Discrete):
        p_value = sums.normal_mean(average - law.mean, n, law.std, realised.mean_slack)
    else:
        p_value = sums.chernoff(points, weights, average, n, realised.mean_slack)
    shift = sums.detectable_shift(share, n, std) / std if std else 0.0
    figure = f"mean is off by {(average - expectation) / std if std else 0.0:+.3g} std"
    return statistical_finding(sample, "mean", p_value, share, figure, shift, "shift of {:.2g} std")


def variance(sample: Sample, share: float) -> Finding:
    """The mean square around the centre: chi-square for normals, else Chernoff's bound."""
    law, realised, n = sample.component_law, sample.realised, sample.values.size
    middle = centre(sample)
    square = float(np.square(sample.values - middle).mean())
    points, weights = realised.nodes()
    squares = (points - middle) ** 2
    expectation = float(weights @ squares)
    if isinstance(law, Normal) and not isinstance(realised, Discrete):
        p_value = sums.chi_square(n * square / law.std**2, n, realised.square_slack / law.std**2)
    else:
        p_value = sums.chernoff(squares, weights, square, n, realised.square_slack)
    relative = (
        sqrt(max(0.0, float(weights @ squares**2) - expectation**2)) / expectation if expectation else 0.0
    )
    factor = sums.detectable_shift(share, n, relative) / 2.0
    figure = f"std is {sqrt(square / expectation) if expectation else float('nan'):.4g} of the expected"
    return statistical_finding(
        sample, "variance", p_value, share, figure, 100 * factor, "std off by {:.2g} %"
    )


def cells(sample: Sample, share: float) -> Finding:
    """Counts in about 35 cells, each binomial, and the distance of distribution functions (Massart)."""
    realised = sample.realised
    x = sample.values[:: max(1, sample.values.size // CELL_SAMPLE)]
    edges = realised.edges(_LEVELS)
    below = np.searchsorted(np.sort(x), edges, "right") / x.size
    truth = realised.up_to(edges)
    distance = float(np.abs(below - truth).max())
    observed = np.rint(np.diff(np.concatenate([[0.0], below, [1.0]])) * x.size)
    masses = np.clip(np.diff(np.concatenate([[0.0], truth, [1.0]])), 0.0, 1.0)
    singles = np.concatenate([sums.binomial(observed, x.size, masses, 2 * realised.slack), _atoms(sample, x)])
    p_value = min(
        1.0, 2.0 * sums.massart(distance, x.size, realised.slack), 2.0 * singles.size * singles.min()
    )
    figure = f"distribution functions differ by {distance:.3g}"
    power = sums.detectable_distance(share / 2, x.size)
    return statistical_finding(sample, "cells", p_value, share, figure, power, "Kolmogorov distance {:.2g}")


def _atoms(sample: Sample, x: Reals) -> Reals:
    """Exact p-values of the numbers of elements that sit on the lowest and on the highest value."""
    realised = sample.realised
    ends = np.array([realised.lowest, realised.highest])
    masses = realised.up_to(ends) - realised.below(ends)
    observed = np.array([np.count_nonzero(x == end) for end in ends], np.float64)
    return sums.binomial(observed, x.size, masses, 2 * realised.slack)


def extremes(sample: Sample, share: float) -> Finding:
    """Largest and smallest of n uniforms: P(max <= m) = F(m)^n, so a bound that is 1 % too small is seen at once."""
    realised, n = sample.realised, sample.values.size
    largest, smallest = float(sample.values.max()), float(sample.values.min())
    ends = np.array([largest, smallest])
    reached, missed = float(realised.up_to(ends)[0]), float(1.0 - realised.below(ends)[1])
    chances = [min(1.0, part + realised.slack) ** n for part in (reached, missed)]
    law = sample.component_law
    assert isinstance(law, Uniform)
    parts = _percent(largest, law.low, law.high), _percent(smallest, law.high, law.low)
    figure = f"values reach {parts[0]} and {parts[1]} of the way to the bounds"
    # m in F(m)^n = share: the bound may be too small by a little more than that without being seen.
    gap = 100.0 * float(1.0 - (share / 2.0) ** (1.0 / n))
    p_value = min(1.0, 2.0 * min(chances))
    return statistical_finding(sample, "extremes", p_value, share, figure, gap, "bound too small by {:.2g} %")


def _percent(value: float, start: float, end: float) -> str:
    return f"{100 * (value - start) / (end - start):.5g} %"


def has_atoms(sample: Sample) -> bool:
    """Whether a truncated normal piles up on its bounds, as clamping does."""
    law = sample.component_law
    return isinstance(law, TruncatedNormal) and float(_atoms(sample, sample.values).min()) < 1e-12
