"""Independence of elements: correlations raise suspicion, an exact sign test on ten times fresh draws decides."""

from __future__ import annotations

from math import sqrt

import numpy as np

from ..cases.draws import derived_seed
from ..cases.formats import Reals, components
from ..laws import sums
from .finding import Finding, Sample, statistical_finding

# Asymptotic, so it only raises suspicion: at 5 standard errors about one case in 300 000 is looked at again.
SUSPICIOUS_SCORE = 5.0
CONFIRMATION_BATCHES = 10
SAMPLE_LIMIT = 2**20


def lags(sample: Sample) -> list[int]:
    """Neighbours, Box-Muller partners, blocks, rows, halves of a draw, and whole draws."""
    own = components(sample.draws[0].values).size
    row = own // sample.case.shape[0] if sample.case.shape else 1
    return sorted({lag for lag in (1, 8, 16, row, own // 2, own) if 0 < lag <= sample.values.size // 2})


def correlation(x: Reals, lag: int) -> float:
    """Serial correlation in standard errors."""
    x = x - x.mean()
    power = float(x @ x)
    return float(x[:-lag] @ x[lag:]) / power * x.size / sqrt(x.size - lag) if power else 0.0


def agreeing_pairs(x: Reals, lag: int, middle: float) -> tuple[int, int]:
    """(agreeing, all) disjoint pairs at that lag: both above the middle or both not."""
    above = x > middle
    blocks = above[: above.size // (2 * lag) * 2 * lag].reshape(-1, 2, lag)
    return int((blocks[:, 0] == blocks[:, 1]).sum()), blocks[:, 0].size


def dependence(sample: Sample, share: float) -> Finding:
    """No lag's correlation is suspicious, or the suspicion is not confirmed."""
    x = sample.values if sample.values.size <= SAMPLE_LIMIT else sample.values[:SAMPLE_LIMIT]
    whole = sample.values
    scores = {lag: correlation(x if 2 * lag <= x.size else whole, lag) for lag in lags(sample)}
    power, unit = (SUSPICIOUS_SCORE + 2.33) / sqrt(max(1, x.size)), "correlation of {:.2g}"
    if not scores:
        return statistical_finding(sample, "dependence", 1.0, share, "too few elements", 1.0, unit)
    lag = max(scores, key=lambda lag: abs(scores[lag]))
    figure = f"correlation at lag {lag}: {scores[lag]:+.2f} standard errors"
    p_value = confirmed(sample, lag) if abs(scores[lag]) > SUSPICIOUS_SCORE else 1.0
    return statistical_finding(sample, "dependence", p_value, share, figure, power, unit)


def confirmed(sample: Sample, lag: int) -> float:
    """Exact p-value of the agreeing pairs at that lag in ten times as many fresh draws."""
    middle = float(sample.realised.edges(np.array([0.5]))[0])
    agreeing = pairs = 0
    for batch in range(CONFIRMATION_BATCHES):
        seeds = [derived_seed(seed, sample.case, "confirmation", batch) for seed in sample.seeds]
        fresh = [components(sample.subject.fill(sample.case, seed).values) for seed in seeds]
        same, number = agreeing_pairs(np.concatenate(fresh), lag, middle)
        agreeing, pairs = agreeing + same, pairs + number
    above = 1.0 - float(sample.realised.up_to(np.array([middle]))[0])
    expected = above**2 + (1.0 - above) ** 2
    return float(
        sums.binomial(np.array([float(agreeing)]), pairs, np.array([expected]), 4 * sample.realised.slack)[0]
    )
