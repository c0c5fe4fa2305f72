"""Bits are judged only where a subject promises them, by the stream it names; laws by the stream it describes."""

from dataclasses import replace

import pytest

from tests.verify.fakes import CounterFake, NumpySubject
from verify.cases.case import Case
from verify.cases.selection import select
from verify.checks import hashes
from verify.faults import Faulty
from verify.faults.table import FAULTS
from verify.runs.plan import plan_of
from verify.runs.run import run
from verify.subjects import catalogue, environment, subject

CASES = select("quick", ["normal_", "sparse_", "eye_"], ["float32"])[:30:3]


@pytest.fixture
def elsewhere(monkeypatch):
    """A machine whose torch is no reference."""
    monkeypatch.setattr(environment, "_torch", lambda: ("2.13.0", "DEFAULT"))
    environment.environment.cache_clear()
    yield
    environment.environment.cache_clear()


class Promising(NumpySubject):
    """A subject that wrongly says its bits are torch's."""

    bits_of = "torch"


def verdicts(tried, cases=CASES):
    return {(finding.check, finding.verdict) for finding in run(plan_of(tried, 5, cases)).findings}


NORMALS = [case for case in CASES if case.function == "normal_"]


@pytest.mark.usefixtures("elsewhere")
def test_who_promises_no_bits_is_judged_by_law_alone_on_every_machine():
    assert not environment.environment().reference
    found = run(plan_of(NumpySubject(), 5, NORMALS)).findings
    assert {finding.check for finding in found} & {"hash", "bits", "state"} == set()
    assert {finding.subject for finding in found} == {"numpy"}
    assert all(finding.verdict != "fail" for finding in found)


@pytest.mark.usefixtures("elsewhere")
def test_a_broken_promise_is_seen_where_there_is_no_reference():
    assert ("hash", "fail") in verdicts(Promising(), NORMALS)


def test_a_broken_promise_is_seen_where_there_is_a_reference():
    if not environment.environment().reference:
        pytest.skip("needs a reference machine")
    assert ("bits", "fail") in verdicts(Promising(), NORMALS)


@pytest.mark.usefixtures("elsewhere")
def test_a_kept_promise_is_seen_where_there_is_no_reference():
    found = verdicts(subject("refinit"), CASES)
    assert ("hash", "pass") in found
    assert not {check for check, verdict in found if verdict == "fail"}


class Counting(CounterFake):
    """A stream of its own, which it has by definition on every machine."""

    name, bits_of = "counting", "counter"


@pytest.fixture
def counted(monkeypatch, tmp_path):
    """Hashes of the fake's stream, in a folder of their own."""
    monkeypatch.setitem(catalogue.ORIGINS, "counter", "counting")
    monkeypatch.setattr(hashes, "FOLDER", tmp_path)
    monkeypatch.setitem(catalogue.SUBJECTS, "counting", Counting)
    monkeypatch.setattr(hashes, "select", lambda budget, functions: CASES)
    hashes.committed.cache_clear()
    yield tmp_path
    hashes.committed.cache_clear()


@pytest.mark.usefixtures("elsewhere")
def test_another_stream_has_hashes_of_its_own_on_every_machine(counted):
    hashes.main(["counter"])
    assert [path.name for path in counted.iterdir()] == ["counter.json"]
    assert {("hash", "pass")} <= verdicts(Counting())
    assert not {check for check, verdict in verdicts(Counting()) if verdict == "fail"}


@pytest.mark.usefixtures("elsewhere", "counted")
def test_a_fault_against_a_stream_of_its_own_is_seen_by_its_origin():
    found = verdicts(Faulty(FAULTS["stale_tail"], subject("counting")), NORMALS)
    assert ("bits", "fail") in found


@pytest.mark.usefixtures("elsewhere", "counted")
def test_a_change_of_that_stream_misses_its_hashes():
    class Changed(Counting):
        def fill(self, case, seed):
            return super().fill(case, seed + 1)

    hashes.main(["counter"])
    assert ("hash", "fail") in verdicts(Changed(), NORMALS)


@pytest.mark.usefixtures("elsewhere")
def test_hashes_of_torch_are_not_made_elsewhere():
    before = hashes.path("torch").read_bytes()
    with pytest.raises(SystemExit, match="must come from a reference machine, this is none: CPU capability"):
        hashes.main(["torch"])
    assert hashes.path("torch").read_bytes() == before


def test_hashes_of_unknown_streams_are_not_made():
    with pytest.raises(SystemExit, match="streams with hashes are torch, counter; got philox"):
        hashes.main(["philox"])


def test_equal_weights_are_looked_at_once():
    """torch against torch: no finding of a law is told a second time under the twin's name."""
    pytest.importorskip("torch")
    faultless = replace(FAULTS["stale_tail"], functions=())
    found = run(plan_of(Faulty(faultless, subject("torch")), 5, NORMALS)).findings
    looked = [(f.case.id, f.check) for f in found]
    assert len(looked) == len(set(looked))
    assert {f.subject for f in found if f.check in ("mean", "variance", "cells", "support")} == {
        "fault:stale_tail@torch"
    }


def test_a_failure_that_the_twin_shares_is_told_once_and_says_so():
    class Wrong(NumpySubject):
        def twin(self, case):  # noqa: ARG002
            return NumpySubject(factor=2.0, name="other")

    found = run(plan_of(Wrong(factor=2.0), 5, [Case("normal_", (400, 100))])).findings
    failed = [finding for finding in found if finding.verdict == "fail"]
    assert failed
    assert {finding.subject for finding in failed} == {"numpy"}
    assert all("other has the same values, and fails alike" in finding.diagnosis for finding in failed)
