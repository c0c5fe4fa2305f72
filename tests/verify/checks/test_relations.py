"""Independence within and between fills, and the Haar law: right subjects are left alone, wrong ones are named."""

import secrets
from dataclasses import replace

import numpy as np
import pytest

from tests.verify.checks.test_calibration import assert_conservative
from tests.verify.fakes import CounterFake, NumpySubject
from verify.cases.case import Case
from verify.checks import orthogonal
from verify.checks.finding import Sample, draw
from verify.checks.relations import CHECKS_LIMIT, related_cases, relations
from verify.runs.plan import plan_of
from verify.runs.run import PREFACE, related, run
from verify.subjects import Filled, subject

CASES = [
    Case("normal_", (2**12,)),
    Case("uniform_", (2**12,), "bfloat16"),
    Case("normal_", (2**12,), "bfloat16"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_relations_are_conservative(case):
    start, found = secrets.randbits(40) * 2, {}
    for index in range(150):
        seeds = tuple(start + 100 * index + i for i in range(4))
        drawn = draw(NumpySubject(), case, seeds)
        for finding in relations(drawn, drawn.subject.related(case, seeds[0]), 1e-9):
            found.setdefault(finding.check, []).append(finding.p_value)
    assert set(found) == {"lags", "lanes and words", "neighbouring seeds"}
    for check, p_values in found.items():
        assert_conservative(p_values, (check, start))


def test_every_real_format_there_is_looked_at_once():
    cases = [
        Case("normal_", (3,)),
        Case("normal_", (5,)),
        Case("uniform_", (3,), "float16"),
        Case("eye_", (3, 3)),
    ]
    assert {(case.function, case.dtype) for case in related_cases(cases)} == {("normal_", "float32")}


def test_the_plan_counts_them():
    cases = [Case("constant_", (3,), parameters=(("val", 1),)), Case("normal_", (3,))]
    without = plan_of(NumpySubject(), 1, cases[:1]).budget.checks
    assert plan_of(NumpySubject(), 1, cases).budget.checks >= without + CHECKS_LIMIT


class Substreams(CounterFake):
    """Substreams named by a number, of which the last bit is lost."""

    def related(self, case, seed):
        fills = [self.fill(case, seed + (number & ~1)) for number in range(4)]
        return {**super().related(case, seed), "sibling substreams": fills}


def test_equal_substreams_are_told_by_name_with_a_reproducer():
    plan = plan_of(Substreams(), 3, [Case("uniform_", (3,))])
    failed = [
        finding for case in plan.related for finding in related(plan, case) if finding.verdict == "fail"
    ]
    assert [finding.check for finding in failed] == ["sibling substreams"]
    assert "agree in 1.0000 of pairs" in failed[0].figure
    assert any("sibling substreams" in line for line in failed[0].reproducer)


def test_substreams_shifted_by_a_tile_are_seen():
    class Shifted(CounterFake):
        def related(self, case, seed):
            whole = self.fill(replace(case, shape=(case.size + 64,)), seed).values
            other = self.fill(replace(case, shape=(case.size + 64,)), seed + 1).values
            fills = [whole[64:], whole[:-64], other[64:], other[:-64]]
            return {"sibling substreams": [Filled(values, None) for values in fills]}

    plan = plan_of(Shifted(), 3, [Case("normal_", (3,))])
    failed = [
        finding for case in plan.related for finding in related(plan, case) if finding.verdict == "fail"
    ]
    assert [finding.figure.split(" agree")[0] for finding in failed] == ["sides at shift 64"]


def test_a_subject_that_raises_in_a_relation_has_failed_and_the_run_goes_on():
    class Raising(NumpySubject):
        def related(self, case, seed):  # noqa: ARG002
            raise RuntimeError("no substreams today")

    labels = []
    report = run(plan_of(Raising(), 3, [Case("normal_", (40,))]), lambda label, _: labels.append(label))
    assert labels == [PREFACE, "normal_"]
    assert [f.figure for f in report.findings if f.verdict == "fail"] == [
        "raised RuntimeError: no substreams today"
    ]


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 3), (5, 2)], ids=str)
def test_haar_check_is_conservative(shape):
    tried, start, p_values = CounterFake(), secrets.randbits(40), []
    for index in range(60):
        seeds = tuple(range(start + 100 * index, start + 100 * index + 50))
        p_values.append(orthogonal.haar(draw(tried, Case("orthogonal_", shape), seeds), 1e-9).p_value)
    assert_conservative(p_values, start)


def test_torchs_own_matrices_are_haars():
    pytest.importorskip("torch")
    start = secrets.randbits(40)
    for side in (1, 2, 5):
        drawn = draw(subject("torch"), Case("orthogonal_", (side, side)), tuple(range(start, start + 600)))
        assert orthogonal.haar(drawn, 1e-9).verdict == "pass", start


@pytest.mark.parametrize("side", [1, 2, 3, 7])
def test_traces_of_haar_matrices_stay_within_their_bounds(side):
    rng = np.random.default_rng()
    found = {orthogonal._trace: [], orthogonal._trace_of_square: [], orthogonal._determinants: []}
    for _ in range(500):
        q, r = np.linalg.qr(rng.standard_normal((30, side, side)))
        q *= np.sign(np.einsum("kii->ki", r))[:, None, :]
        for check, p_values in found.items():
            p_values.append(check(q, 1e-16)[0] if check is not orthogonal._determinants else check(q)[0])
    for check, p_values in found.items():
        assert_conservative(p_values, (check.__name__, side))


def unfixed(rng, side):
    return np.linalg.qr(rng.standard_normal((side, side)))[0]


def one_sign_fixed(rng, side):
    q, r = np.linalg.qr(rng.standard_normal((side, side)))
    q[:, -1] *= np.sign(r[-1, -1])
    return q


def rotation(rng, side):
    q = unfixed(rng, side) * rng.choice([-1.0, 1.0], side)
    q[:, 0] *= np.sign(np.linalg.det(q))
    return q


def symmetric(rng, side):
    q = unfixed(rng, side) * rng.choice([-1.0, 1.0], side)
    return q @ np.diag(rng.choice([-1.0, 1.0], side)) @ q.T


def of_uniforms(rng, side):
    q, r = np.linalg.qr(rng.random((side, side)))
    return q * np.sign(np.diag(r))


@pytest.mark.parametrize("side", [2, 8, 64])
@pytest.mark.parametrize(
    "made", [unfixed, one_sign_fixed, rotation, symmetric, of_uniforms], ids=lambda f: f.__name__
)
def test_orthonormal_matrices_that_are_not_haars_are_seen(made, side):
    class Made(CounterFake):
        def fill(self, case, seed):  # noqa: ARG002
            return Filled(made(np.random.default_rng(seed), side).astype(np.float32), None)

    report = run(plan_of(Made(), 3, [Case("orthogonal_", (side, side))]))
    assert {finding.check for finding in report.findings if finding.verdict == "fail"} == {"haar"}


def best(rng, side, merit, number):
    """Of so many Haar matrices the one with the largest merit."""
    candidates = [unfixed(rng, side) * rng.choice([-1.0, 1.0], side) for _ in range(number)]
    return max(candidates, key=merit)


@pytest.mark.parametrize(
    ("told", "side", "merit"),
    [("mean trace +", 32, np.trace), ("mean trace of the square", 8, lambda q: np.trace(q @ q))],
    ids=["trace", "trace of the square"],
)
def test_each_trace_sees_what_nothing_else_does(told, side, merit):
    rng = np.random.default_rng()
    q = np.stack([best(rng, side, merit, 4) for _ in range(600)])
    others = [*orthogonal._entries(q), orthogonal._determinants(q)]
    assert min(p for p, _ in others) > 1e-8
    draws = [Filled(one.astype(np.float32), None) for one in q]
    finding = orthogonal.haar(Sample(CounterFake(), Case("orthogonal_", (side, side)), (0,), draws), 1e-9)
    assert finding.p_value < 1e-9
    assert finding.figure.startswith(told)


def test_a_matrix_of_nans_is_not_orthogonal():
    class Nothing(CounterFake):
        def fill(self, case, seed):  # noqa: ARG002
            return Filled(np.full(case.shape, np.nan, np.float32), None)

    for shape in ((8, 8), (100, 100)):
        report = run(plan_of(Nothing(), 3, [Case("orthogonal_", shape)]))
        failed = {finding.check for finding in report.findings if finding.verdict == "fail"}
        assert "orthonormality" in failed, shape


@pytest.mark.parametrize("name", ["refinit", "torch"])
def test_right_factors_of_long_columns_stay_well_within_the_bound(name):
    pytest.importorskip("torch")
    drawn = draw(subject(name), Case("orthogonal_", (768, 768), "float64"), (secrets.randbits(40),))
    assert orthogonal.backward_error(drawn).nearness < 0.7


def test_one_nan_among_right_matrices_is_not_lost():
    case = Case("orthogonal_", (5, 5))
    drawn = draw(CounterFake(), case, (1, 2, 3))
    assert orthogonal.orthonormality(drawn).verdict == "pass"
    drawn.draws[1].values[2, 2] = np.nan
    assert orthogonal.orthonormality(drawn).verdict == "fail"
