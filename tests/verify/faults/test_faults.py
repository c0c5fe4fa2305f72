"""Every planted fault turns verify red, by the checks it declares and with the diagnosis it declares."""

import pytest

from verify.faults import Faulty, Unclaimed
from verify.faults.table import FAULTS
from verify.runs.plan import plan_of
from verify.runs.run import run
from verify.subjects import subject

TWIN_ONLY = {"bits", "state", "agreement"}


def findings(faulty, fault):
    return run(plan_of(faulty, 11, [fault.example])).findings


def base_of(fault):
    """torch, but for what only refinit has: refusals of its own, parameters that torch lacks."""
    beyond = fault.name == "nonsense_accepted" or not subject("torch").makes(fault.example)
    return subject("refinit" if beyond else "torch")


def failed(found):
    return {finding.check for finding in found if finding.verdict == "fail"}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_seen_by_the_checks_it_names_and_told(fault):
    found = findings(Faulty(fault, base_of(fault)), fault)
    assert set(fault.detected_by) <= failed(found)
    assert fault.diagnosis in " ".join(finding.diagnosis for finding in found)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_without_a_twin_laws_alone_see_what_they_can(fault):
    found = findings(Unclaimed(fault, base_of(fault)), fault)
    assert set(fault.detected_by) - TWIN_ONLY <= failed(found)
    # What only a twin can see must not be seen by luck: the law checks stay green.
    if set(fault.detected_by) <= TWIN_ONLY:
        assert not failed(found)


def test_the_right_subject_passes_every_example():
    examples = list({fault.example.id: fault.example for fault in FAULTS.values()}.values())
    examples = [case for case in examples if subject("torch").makes(case)]
    report = run(plan_of(subject("torch"), 11, examples))
    assert [finding for finding in report.findings if finding.verdict == "fail"] == []


def test_enough_faults_are_planted():
    assert len(FAULTS) >= 12
    assert {"fans_swapped", "sqrt3_missing", "gain_twice", "bound_reordered", "upper_bound_included"} <= set(
        FAULTS
    )
    assert {"dirac_centre", "sparse_floor", "stale_tail", "signs_not_fixed", "clamp_for_truncate"} <= set(
        FAULTS
    )


def test_swapped_fans_are_told_with_their_factor():
    fault = FAULTS["fans_swapped"]
    found = findings(Faulty(fault, subject("torch")), fault)
    variance = next(finding for finding in found if finding.check == "variance" and finding.verdict == "fail")
    assert variance.diagnosis.startswith("std is 0.5")
    assert "of the expected; matches fan_out: fans swapped?" in variance.diagnosis


def test_a_subject_that_raises_has_failed_and_the_run_goes_on():
    class Raising(Faulty):
        def fill(self, case, seed):
            if case.shape == (3,):
                raise RuntimeError("no such kernel")
            return super().fill(case, seed)

    fault = FAULTS["stale_tail"]
    cases = [fault.example.__class__("ones_", shape) for shape in ((3,), (4,))]
    report = run(plan_of(Raising(fault, subject("torch")), 11, cases))
    told = [finding.figure for finding in report.findings if finding.verdict == "fail"]
    assert told == ["raised RuntimeError: no such kernel"]
    assert any(finding.case.shape == (4,) for finding in report.findings)
