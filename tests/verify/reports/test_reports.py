"""What a person reads: the table, failures, the bar on a terminal and lines elsewhere."""

import io
from dataclasses import replace

import pytest

from verify.cases.case import Case
from verify.checks.finding import Finding
from verify.reports import progress
from verify.reports import text as report
from verify.runs.plan import plan_of
from verify.runs.run import PREFACE, Report, run
from verify.subjects import subject
from verify.subjects.environment import environment

CASES = [Case("ones_", (3,)), Case("normal_", (40, 50)), Case("orthogonal_", (4, 4))]
BAD = Finding("bits", "torch", CASES[1], "fail", "3 of 2000 differ", float("inf"))


@pytest.fixture(scope="module")
def ran():
    return run(plan_of(subject("torch"), 1, CASES))


def test_there_is_one_row_per_function(ran):
    rows = report.rows(ran)
    assert [row.function for row in rows] == [
        "calculate_gain",
        "_calculate_fan_in_and_fan_out",
        "normal_",
        "ones_",
        "orthogonal_",
    ]
    # The cases of the plan, and no others.
    assert [row.cases for row in rows] == [0, 0, 1, 1, 1]
    assert all(row.verdict == "ok" for row in rows)
    assert next(row for row in rows if row.function == "ones_").worst == "all exact"
    assert "(p = " in next(row for row in rows if row.function == "normal_").worst


def test_the_worst_figure_is_a_failure_where_there_is_one(ran):
    told = report.rows(replace(ran, findings=(*ran.findings, BAD)))
    row = next(row for row in told if row.function == "normal_")
    assert row.verdict == "FAIL (1)"
    assert row.worst == "bits: 3 of 2000 differ"


def test_what_did_not_run_is_not_called_right(ran):
    skipped = Finding("fill", "torch", CASES[0], "not run", "bfloat16 needs the package ml_dtypes")
    only = Report(ran.plan, environment(), (skipped,), 0.0)
    assert only.verdict == "not run"
    assert report.rows(only)[0].verdict == "not run"
    assert report.closing_lines([only])[-1] == "NOTHING COULD RUN of torch; not run: fill (1)"


def test_one_subject_of_which_nothing_ran_decides_and_a_failure_before_that(ran):
    skipped = Finding("fill", "torch", CASES[0], "not run", "no such format")
    idle, failed = replace(ran, findings=(skipped,)), replace(ran, findings=(*ran.findings, BAD))
    assert report.verdict_of([ran, ran]) == "pass"
    assert report.verdict_of([ran, idle]) == "not run"
    assert report.verdict_of([idle, failed, ran]) == "fail"


def test_the_verdict_adds_up_all_subjects(ran):
    checks = len(ran.findings)
    told = report.verdict_line([ran, replace(ran, seconds=0.0)])
    assert told == f"PASS: no discrepancy in {2 * checks} checks of 6 cases in {ran.seconds:.1f} s"


def test_each_subject_has_its_table(ran):
    lines = report.closing_lines([ran, ran])
    assert sum(line.startswith("torch  ") for line in lines) == 2
    assert sum(line.startswith("mean sees") for line in lines) == 1


def test_power_is_told_for_every_statistical_check(ran):
    told = "\n".join(report.power_lines([ran]))
    for check in ("mean sees shift of ", "variance sees std off by ", "cells sees Kolmogorov ", "haar sees "):
        assert check in told


def observe_all(observe, last=()):
    """What a run tells: once before its cases, once after each."""
    for label in (PREFACE, *(case.function for case in CASES[:-1])):
        observe(label, [])
    observe(CASES[-1].function, list(last))


def test_elsewhere_than_on_a_terminal_there_are_plain_lines(ran):
    stream = io.StringIO()
    with progress.progress([ran.plan], stream) as watch:
        observe_all(watch(ran.plan))
    assert stream.getvalue() == f"{PREFACE}: done\nones_: done\nnormal_: done\northogonal_: done\n"


def test_of_several_subjects_each_line_names_its_own(ran):
    stream = io.StringIO()
    with progress.progress([ran.plan, ran.plan], stream) as watch:
        observe_all(watch(ran.plan))
    assert stream.getvalue().startswith(f"torch {PREFACE}: done\ntorch ones_: done\n")


def test_a_failure_in_the_last_case_of_a_function_is_told(ran):
    stream = io.StringIO()
    with progress.progress([ran.plan], stream) as watch:
        observe_all(watch(ran.plan), [BAD])
    assert stream.getvalue().endswith("normal_: done\northogonal_: 1 FAILED\n")


def test_refusals_consume_no_functions_count():
    """A subject with known divergences of dirac_ is observed once before the cases, and dirac_ is done at its end."""
    cases = [Case("dirac_", (4, 4, 3)), Case("dirac_", (6, 4, 2)), Case("ones_", (3,))]
    plan, stream, seen = plan_of(subject("refinit"), 1, cases), io.StringIO(), []
    with progress.progress([plan], stream) as watch:
        observe = watch(plan)

        def both(label, findings):
            seen.append(label)
            observe(label, findings)

        report_ = run(plan, both)
    assert any(
        finding.check == "refusal" and finding.case.function == "dirac_" for finding in report_.findings
    )
    assert seen == [PREFACE, "dirac_", "dirac_", "ones_"]
    assert stream.getvalue() == f"{PREFACE}: done\ndirac_: done\nones_: done\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_there_is_a_bar(ran, capsys):
    pytest.importorskip("rich")
    with progress.progress([ran.plan, ran.plan], Terminal()) as watch:
        observe_all(watch(ran.plan))
        observe_all(watch(ran.plan), [BAD])
    told = capsys.readouterr().out
    assert "torch orthogonal_" in told
    assert f"{2 * len(CASES) + 2}/{2 * len(CASES) + 2}" in told
    assert "1 FAILED" in told


def test_a_terminal_without_rich_gets_lines_and_a_hint(ran, monkeypatch):
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    stream = Terminal()
    with progress.progress([ran.plan], stream) as watch:
        watch(ran.plan)("ones_", [])
    assert stream.getvalue().startswith(
        "(the package rich would show a progress bar here: pip install rich)\n"
    )
    assert "ones_: done" in stream.getvalue()
