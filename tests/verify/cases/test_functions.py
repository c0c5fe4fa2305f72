"""A function of somebody else's: added to the two tables by name, it is tried and judged like torch's."""

import pytest

from tests.verify.fakes import NumpySubject
from verify.cases.case import Case
from verify.cases.functions import COUNTER_FUNCTIONS, FUNCTIONS, Function
from verify.laws.reference import LAWS, Normal, law
from verify.runs.plan import plan
from verify.runs.run import run


@pytest.fixture
def toy(monkeypatch):
    """A normal law, its scale halved with each axis."""
    function = Function("toy_", ("float32",), (1, 2), ({"scale": 1.0}, {"scale": 0.5}))
    monkeypatch.setitem(FUNCTIONS, "toy_", function)
    monkeypatch.setitem(LAWS, "toy_", lambda shape, scale: Normal(0.0, scale * 0.5 ** len(shape)))


def test_a_function_without_a_law_is_told_by_name(monkeypatch):
    monkeypatch.setitem(FUNCTIONS, "toy_", Function("toy_", ("float32",), None))
    with pytest.raises(KeyError, match="no reference law for toy_"):
        law(Case("toy_", (3,)))


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "pass"), (1.1, "fail")])
def test_a_function_is_judged_by_the_law_that_is_added_with_it(factor, verdict):
    planned = plan(NumpySubject(factor=factor), seed=0, only=["toy_"])
    assert {case.named["scale"] for case in planned.cases} == {1.0, 0.5}
    report = run(planned)
    assert report.verdict == verdict
    failed = {finding.check for finding in report.findings if finding.verdict == "fail"}
    assert failed == ({"variance", "cells"} if verdict == "fail" else set())


@pytest.mark.usefixtures("toy")
def test_a_function_is_tried_by_position_too():
    assert COUNTER_FUNCTIONS["toy_"].sources == ("generator", "shards")
    assert list(COUNTER_FUNCTIONS) == list(FUNCTIONS)
