"""What a person reads: the table, failures, the bar on a terminal and lines elsewhere."""

import io
from dataclasses import replace

import pytest

from verify import progress, report
from verify.cases import Case
from verify.checks.finding import Finding
from verify.environment import environment
from verify.plan import plan_of
from verify.run import Report, run
from verify.subjects import subject

CASES = [Case("ones_", (3,)), Case("normal_", (40, 50)), Case("orthogonal_", (4, 4))]


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
    assert all(row.verdict == "ok" and row.cases == 1 for row in rows)
    assert next(row for row in rows if row.function == "ones_").worst == "all exact"
    assert "(p = " in next(row for row in rows if row.function == "normal_").worst


def test_the_worst_figure_is_a_failure_where_there_is_one(ran):
    bad = Finding("bits", "torch", CASES[1], "fail", "3 of 2000 differ", float("inf"))
    told = report.rows(replace(ran, findings=(*ran.findings, bad)))
    row = next(row for row in told if row.function == "normal_")
    assert row.verdict == "FAIL (1)"
    assert row.worst == "bits: 3 of 2000 differ"


def test_what_did_not_run_is_not_called_right(ran):
    skipped = Finding("fill", "torch", CASES[0], "not run", "bfloat16 needs the package ml_dtypes")
    only = Report(ran.plan, environment(), (skipped,), 0.0)
    assert only.verdict == "not run"
    assert report.rows(only)[0].verdict == "not run"
    assert report.closing_lines(only)[-1] == "NOTHING COULD RUN"


def test_power_is_told_for_every_statistical_check(ran):
    told = "\n".join(report.power_lines(ran))
    for check in ("mean sees shift of ", "variance sees std off by ", "cells sees Kolmogorov ", "haar sees "):
        assert check in told


def test_elsewhere_than_on_a_terminal_there_are_plain_lines(ran):
    stream = io.StringIO()
    with progress.progress(ran.plan, stream) as observe:
        for case in CASES:
            observe(case, [])
    assert stream.getvalue() == "ones_: done\nnormal_: done\northogonal_: done\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_there_is_a_bar(ran, capsys):
    pytest.importorskip("rich")
    with progress.progress(ran.plan, Terminal()) as observe:
        for case in CASES:
            observe(case, [])
    assert "orthogonal_" in capsys.readouterr().out


def test_a_terminal_without_rich_gets_lines_and_a_hint(ran, monkeypatch):
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    stream = Terminal()
    with progress.progress(ran.plan, stream) as observe:
        observe(CASES[0], [])
    assert stream.getvalue().startswith(
        "(the package rich would show a progress bar here: pip install rich)\n"
    )
    assert "ones_: done" in stream.getvalue()
