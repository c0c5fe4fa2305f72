"""Haar matrices are Haar, by exact laws."""

import math

import numpy as np
import pytest
from scipy import stats

from tests.streams.counter.haar.matrices import whole

DRAWS = 2000


def draws(shape, dtype):
    """From the system's entropy: a fixed seed would hide what a test misses."""
    generator = np.random.default_rng()
    size = sorted(shape, reverse=True)
    return np.array(
        [whole(shape, generator.standard_normal(size).astype(dtype)) for _ in range(DRAWS)], float
    )


def bernstein(variance, width, rate):
    """What the mean of ``DRAWS`` numbers departs from its expectation by, with probability ``rate`` at most."""
    log = math.log(2 / rate)
    return math.sqrt(2 * variance * log / DRAWS) + 2 * width * log / (3 * DRAWS)


@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (5, 2), (2, 5)], ids=str)
def test_every_entry_has_the_law_of_a_coordinate_of_the_sphere(shape):
    """(1 + q) / 2 ~ Beta((m - 1) / 2, (m - 1) / 2). false_fail_rate 1e-8: Kolmogorov-Smirnov, shared by the entries."""
    q, m = draws(shape, "float32"), max(shape)
    law = stats.beta((m - 1) / 2, (m - 1) / 2)
    for entry in np.ndindex(shape):
        result = stats.kstest((1 + q[:, *entry]) / 2, law.cdf)
        assert result.pvalue > 1e-8 / math.prod(shape), entry


@pytest.mark.parametrize("n", [3, 4])
def test_traces_and_determinants_of_square_matrices(n):
    """E tr Q = 0, E tr^2 Q = E tr Q^2 = 1; det +-1 alike. false_fail_rate 4e-9: Bernstein, and the exact binomial.

    |tr| <= n, and var(tr^2) <= n^2 E tr^2; E tr^2 = 1 and E tr Q^2 = 1 for O(n) from n = 2 on.
    """
    q = draws((n, n), "float64")
    traces, squares = np.trace(q, axis1=1, axis2=2), np.trace(q @ q, axis1=1, axis2=2)
    assert abs(traces.mean()) <= bernstein(1, n, 1e-9)
    assert abs((traces**2).mean() - 1) <= bernstein(n**2, n**2, 1e-9)
    assert abs(squares.mean() - 1) <= bernstein(n**2, 2 * n, 1e-9)
    positive = int((np.linalg.det(q) > 0).sum())
    assert stats.binomtest(positive, DRAWS).pvalue > 1e-9
