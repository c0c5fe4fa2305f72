"""Gains and fans: what a subject does not state is not run, what it states wrongly fails."""

import pytest

from tests.verify.fakes import NUMPY
from verify.cases.case import Case
from verify.checks.scaling import fans, gains
from verify.subjects import Filled, Subject


class FillsOnly(Subject):
    name, stream = "fills-only", NUMPY

    def fill(self, case: Case, seed: int) -> Filled:
        raise AssertionError(case, seed)


class Mistaken(FillsOnly):
    name = "mistaken"

    def gain(self, nonlinearity: str, parameter: float | None) -> float:  # noqa: ARG002
        return 1.5

    def fans(self, shape: tuple[int, ...]) -> tuple[int, int]:
        return shape[0], shape[1]


@pytest.mark.parametrize("check", [gains, fans], ids=["gains", "fans"])
def test_a_subject_that_only_fills_is_not_condemned(check):
    finding = check(FillsOnly(), [])
    assert (finding.verdict, finding.figure) == ("not run", f"fills-only states no {finding.check}")


@pytest.mark.parametrize("check", [gains, fans], ids=["gains", "fans"])
def test_wrong_numbers_fail(check):
    assert check(Mistaken(), []).verdict == "fail"
