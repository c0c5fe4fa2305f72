"""Laws as streams realise them: truncation rounded once, the counter stream's ends and tails, orthogonal_ by law."""

import secrets

import numpy as np
import pytest

from tests.verify.checks.test_calibration import CLEAN, assert_conservative
from tests.verify.fakes import NUMPY, CounterFake, NumpySubject, sample
from verify.cases.case import Case
from verify.cases.formats import REAL, all_values, inner_bounds, numpy_dtype
from verify.cases.functions import FUNCTIONS
from verify.cases.selection import select
from verify.checks import moments, support
from verify.checks.finding import Sample
from verify.laws.half import uniform_cells
from verify.laws.streams import COUNTER_STREAM, TORCH, box_muller_reach
from verify.runs.plan import plan_of
from verify.runs.run import run
from verify.subjects import Filled, subject

ELEMENTS = (moments.mean, moments.variance, moments.cells)
# Each test's own false_fail_rate, and the number of p-values it may look at.
RATE, LOOKS = 1e-7, 100


def parameters_of(function):
    return [
        pytest.param(tuple(named.items()), id=str(named or "defaults"))
        for named in FUNCTIONS[function].parameters
    ]


@pytest.mark.parametrize("tried", [NumpySubject(), CounterFake()], ids=lambda one: one.name)
@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("parameters", parameters_of("trunc_normal_"))
def test_an_exact_truncation_rounded_once_is_right(tried, dtype, parameters):
    start = secrets.randbits(40)
    drawn = sample(tried, Case("trunc_normal_", (2**19,), dtype, parameters), start)
    assert support.support(drawn).verdict == "pass"
    for check in ELEMENTS:
        finding = check(drawn, 1e-9)
        assert finding.p_value > RATE / LOOKS, (check.__name__, finding.figure, start)


def test_torchs_truncation_is_told_from_one_that_is_rounded_once():
    """Both ways: the two laws differ by half a cell's mass at the bounds, and by rejection in the format."""

    class Mistaken(CounterFake):
        stream = TORCH

    case = Case("trunc_normal_", (2**19,), "bfloat16", (("a", 2.0), ("b", 4.0)))
    assert moments.cells(sample(Mistaken(), case, secrets.randbits(40)), 1e-9).verdict == "fail"
    pytest.importorskip("torch")
    drawn = sample(subject("torch"), case, secrets.randbits(40))
    assert moments.cells(drawn, 1e-9).verdict == "pass"
    judged_as_another = Sample(NumpySubject(), case, drawn.seeds, drawn.draws)
    assert moments.cells(judged_as_another, 1e-9).verdict == "fail"


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-0.1, 0.1), (-3.0, 5.0), (0.3, 0.7)])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_cell_masses_are_those_of_all_2_24_words(low, high, dtype):
    """The counter stream's recipe over every 24-bit word: one fma in float32, rounded once, kept inside [a, b)."""
    words = np.arange(2**24, dtype=np.float64) * 2.0**-24
    lo, hi = np.float32(low), np.float32(high)
    drawn = (words * np.float64(hi - lo) + np.float64(lo)).astype(np.float32).astype(numpy_dtype(dtype))
    every = all_values(dtype)
    allowed = every[(every >= low) & (every < high)]
    drawn = np.clip(drawn.astype(np.float64), allowed[0], allowed[-1])
    values, masses = uniform_cells(low, high, dtype, COUNTER_STREAM)
    assert (values == allowed).all()
    found = np.bincount(np.searchsorted(values, drawn), minlength=values.size) / 2**24
    assert np.abs(found - masses).max() <= 2.0**-21


@pytest.mark.parametrize("real", REAL)
@pytest.mark.parametrize(("low", "high"), [(-0.1, 0.7), (0.1, 0.3), (-1.0, 2.0), (-np.inf, 0.25)])
def test_held_values_are_the_outermost_inside(real, low, high):
    first, last = inner_bounds(low, high, real)
    dtype = numpy_dtype(real).type
    assert float(dtype(last)) == last <= high
    assert float(np.nextafter(dtype(last), dtype(np.inf))) > high
    if np.isfinite(low):
        assert low <= first == float(dtype(first))
        assert float(np.nextafter(dtype(first), dtype(-np.inf))) < low


COUNTER_CASES = {
    "normal": Case("normal_", (257,)),
    "normal bfloat16": Case("normal_", (257,), "bfloat16", (("mean", 1.5), ("std", 0.5))),
    "uniform": Case("uniform_", (300,), parameters=(("a", -0.1), ("b", 0.1))),
    "uniform float16": Case("uniform_", (300,), "float16"),
    "uniform bfloat16": Case("uniform_", (300,), "bfloat16", (("a", -0.1), ("b", 0.1))),
    "truncated bfloat16": Case("trunc_normal_", (200,), "bfloat16", (("a", 2.0), ("b", 4.0))),
    "truncated float64": Case("trunc_normal_", (200,), "float64", (("mean", 0.5), ("a", -0.1), ("b", 0.2))),
    "complex": Case("normal_", (150,), "complex64"),
}


@pytest.mark.parametrize("name", COUNTER_CASES)
def test_the_counter_streams_p_values_are_conservative(name):
    start, found = secrets.randbits(40), {check: [] for check in ELEMENTS}
    for index in range(CLEAN):
        drawn = sample(CounterFake(), COUNTER_CASES[name], start + index)
        for check in ELEMENTS:
            found[check].append(check(drawn, 1e-9).p_value)
    for check, p_values in found.items():
        assert_conservative(p_values, (name, check.__name__, start))


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "complex64"])
@pytest.mark.parametrize("layout", ["contiguous", "transposed"])
@pytest.mark.parametrize("shape", [(3, 3), (40, 40)], ids=str)
def test_the_counter_streams_tails_end_where_the_bits_of_its_radius_do(dtype, layout, shape):
    reach = box_muller_reach(53 if dtype == "float64" else 32)
    assert COUNTER_STREAM.largest_normal(Case("normal_", shape, dtype, layout=layout)) == reach
    assert reach == pytest.approx(8.57 if dtype == "float64" else 6.66, abs=0.01)


@pytest.mark.parametrize(("sigmas", "verdict"), [(6.6, "pass"), (6.7, "fail")])
def test_values_beyond_the_last_normal_are_outside(sigmas, verdict):
    class Far(CounterFake):
        def fill(self, case, seed):
            filled = super().fill(case, seed)
            filled.values.reshape(-1)[0] = sigmas
            return Filled(filled.values, None)

    assert support.support(sample(Far(), Case("normal_", (40, 40)), 1)).verdict == verdict


def test_a_ziggurat_has_no_last_normal():
    assert NUMPY.largest_normal(Case("normal_", (40, 40))) == np.inf
    realised = sample(NumpySubject(), Case("normal_", (40, 40)), 1).realised
    assert realised.highest == np.inf
    assert realised.slack < 1e-5


def test_torchs_tails_depend_on_size_and_layout():
    blocked, serial = (TORCH.largest_normal(Case("normal_", shape)) for shape in ((16,), (15,)))
    assert (blocked, serial) == (box_muller_reach(24), box_muller_reach(53))


def test_a_right_subject_of_that_description_passes_every_function():
    cases = [case for case in select("quick") if case.size <= 100_000 and case.layout == "contiguous"]
    report = run(plan_of(CounterFake(), secrets.randbits(32), cases[::5]))
    assert [finding for finding in report.findings if finding.verdict == "fail"] == []
    assert {"orthonormality", "haar"} <= {finding.check for finding in report.findings}


def test_a_haar_matrix_that_factorises_nothing_is_right_only_where_nothing_else_is_claimed():
    class Claiming(CounterFake):
        stream = TORCH

    case = Case("orthogonal_", (5, 4))
    assert run(plan_of(CounterFake(), 3, [case])).verdict == "pass"
    failed = {f.check for f in run(plan_of(Claiming(), 3, [case])).findings if f.verdict == "fail"}
    assert failed == {"backward error"}


def test_columns_that_are_not_orthonormal_are_seen_without_a_factorisation():
    class Slack(CounterFake):
        def fill(self, case, seed):
            filled = super().fill(case, seed)
            filled.values[0] *= 1.0001
            return filled

    report = run(plan_of(Slack(), 3, [Case("orthogonal_", (100, 100))]))
    assert {f.check for f in report.findings if f.verdict == "fail"} == {"orthonormality"}
