"""p-values of right subjects are uniform or conservative; discrepancies of the stated size are found.

Seeds come from the system each time. Each test's own false_fail_rate is 1e-7: it counts how often p <= alpha in N
clean runs and fails where that many would be that rare at probability alpha.
"""

import secrets

import numpy as np
import pytest
from scipy import stats

from tests.verify.fakes import NumpySubject, sample
from verify.cases.case import Case
from verify.checks import dependence, moments, sparse
from verify.subjects import subject

RATE = 1e-7
CLEAN = 1000
ALPHAS = (0.1, 0.01, 1e-3, 1e-4)
CASES = {
    "normal": Case("normal_", (257,)),
    "normal, moved": Case("normal_", (257,), parameters=(("mean", 1.5), ("std", 0.5))),
    "uniform": Case("uniform_", (300,), parameters=(("a", -0.1), ("b", 0.1))),
    "uniform bfloat16": Case("uniform_", (300,), "bfloat16"),
    "normal float16": Case("normal_", (300,), "float16"),
    "truncated": Case("trunc_normal_", (200,), parameters=(("std", 1.0), ("a", -1.0), ("b", 0.5))),
    "truncated bfloat16": Case("trunc_normal_", (200,), "bfloat16"),
}
CHECKS = {"mean": moments.mean, "variance": moments.variance, "cells": moments.cells}


def assert_conservative(p_values, what):
    p_values = np.array(p_values)
    for alpha in ALPHAS:
        hits = int((p_values <= alpha).sum())
        assert stats.binom.sf(hits - 1, p_values.size, alpha) > RATE / len(ALPHAS), (what, alpha, hits)


@pytest.mark.parametrize("name", CASES)
def test_element_checks_are_conservative(name):
    start, found = secrets.randbits(40), {check: [] for check in CHECKS}
    for index in range(CLEAN):
        drawn = sample(NumpySubject(), CASES[name], start + index)
        for check, function in CHECKS.items():
            found[check].append(function(drawn, 1e-9).p_value)
    for check, p_values in found.items():
        assert_conservative(p_values, (name, check, start))


def test_exact_p_values_are_not_needlessly_large():
    """The normal mean and variance are exact: their p-values are uniform, not merely conservative."""
    start = secrets.randbits(40)
    drawn = [sample(NumpySubject(), CASES["normal"], start + index) for index in range(CLEAN)]
    for check in (moments.mean, moments.variance):
        p_values = [check(one, 1e-9).p_value for one in drawn]
        distance = stats.kstest(p_values, "uniform").statistic
        # Massart: exceeds this with probability 1e-7.
        assert distance < np.sqrt(np.log(2 / RATE) / (2 * CLEAN)), start


def test_extremes_are_conservative():
    start = secrets.randbits(40)
    case = CASES["uniform"]
    p_values = [moments.extremes(sample(NumpySubject(), case, start + i), 1e-9).p_value for i in range(CLEAN)]
    assert_conservative(p_values, start)


def test_torchs_own_small_draws_are_conservative():
    torch = subject("torch")
    start = secrets.randbits(40)
    for case in (Case("sparse_", (40, 20), parameters=(("sparsity", 0.3),)),):
        drawn = [sample(torch, case, start + index) for index in range(500)]
        for check in (sparse.zeros, sparse.mask, moments.mean, moments.variance):
            assert_conservative([check(one, 1e-9).p_value for one in drawn], (case.id, check.__name__, start))


def test_dependence_is_confirmed_only_where_it_is_real():
    """The deciding sign test, on clean draws, for every lag looked at."""
    start, case = secrets.randbits(40), Case("normal_", (64, 9))
    p_values = []
    for index in range(150):
        drawn = sample(NumpySubject(), case, start + index)
        p_values += [dependence.confirmed(drawn, lag) for lag in (1, 9)]
    assert_conservative(p_values, start)


@pytest.mark.parametrize("share", [1e-3, 1e-6])
@pytest.mark.parametrize("name", ["normal", "uniform"])
def test_the_stated_power_is_reached(name, share):
    """A discrepancy of the detectable size is missed in at most 1 % of runs (3 % asked of 300: p < 1e-4 at 1 %)."""
    case = Case(CASES[name].function, (4096,), parameters=CASES[name].parameters)
    start = secrets.randbits(40)
    clean = sample(NumpySubject(), case, start)
    shift = moments.mean(clean, share).power
    factor = 1 + moments.variance(clean, share).power / 100
    # A normal's square grows with the factor's: to the sides the test is not symmetric, hence the 1.1.
    for check, broken in (
        (moments.mean, NumpySubject(shift=1.1 * shift)),
        (moments.variance, NumpySubject(factor=1 + 1.25 * (factor - 1))),
    ):
        missed = sum(check(sample(broken, case, start + i), share).verdict == "pass" for i in range(300))
        assert stats.binom.sf(missed - 1, 300, 0.01) > RATE, (check.__name__, missed, start)
