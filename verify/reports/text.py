"""A run as text: what it is about to do, a table for each subject, each failure in full, and the verdict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from ..cases.functions import FUNCTIONS
from ..checks.finding import Finding, Verdict
from ..runs.plan import Plan
from ..runs.run import Report
from ..subjects.environment import Environment

FIGURE_WIDTH = 92  # of the table's longest column
FAILURES_SHOWN = 6  # in full; the rest is counted, and listed in --json


@dataclass(frozen=True)
class Row:
    """One line of the closing table; `cases` are the plan's own, relations and refusals are checks beside them."""

    function: str
    cases: int
    checks: int
    worst: str
    verdict: str


def rows(report: Report) -> list[Row]:
    """One row per function: the two of scaling, then torch's order."""
    by_function: dict[str, list[Finding]] = {}
    order = list(FUNCTIONS)
    for finding in report.findings:
        by_function.setdefault(finding.case.function, []).append(finding)
    names = sorted(by_function, key=lambda name: order.index(name) if name in order else -1)
    cases = Counter(case.function for case in report.plan.cases)
    return [_row(name, by_function[name], cases[name]) for name in names]


def _row(function: str, findings: list[Finding], cases: int) -> Row:
    ran = [finding for finding in findings if finding.verdict != "not run"]
    failed = [finding for finding in ran if finding.verdict == "fail"]
    divergences = sum(finding.verdict == "divergence" for finding in ran)
    verdict = f"FAIL ({len(failed)})" if failed else "ok" if ran else "not run"
    if divergences and not failed:
        verdict += f", {divergences} known divergences"
    skipped = len(findings) - len(ran)
    if skipped and ran:
        verdict += f", {skipped} not run"
    return Row(function, cases, len(ran), worst(ran), verdict)


def worst(findings: list[Finding]) -> str:
    """The figure that came nearest to failing, or went farthest beyond."""
    decided = [finding for finding in findings if finding.verdict in ("pass", "fail")]
    if not decided:
        return "-"
    nearest = max(decided, key=lambda finding: finding.nearness)
    if nearest.nearness == 0:
        return "all exact"
    subject = "" if nearest.subject == decided[0].subject else f" [{nearest.subject}]"
    return f"{nearest.check}: {nearest.figure}{subject}"


def table_lines(report: Report) -> list[str]:
    """The closing table as plain text; its first column is headed by the subject."""
    header = Row(report.plan.subject.name, 0, 0, "worst figure", "verdict")
    table = rows(report)
    function_width = max(len(row.function) for row in [header, *table])
    figure_width = min(FIGURE_WIDTH, max(len(row.worst) for row in [header, *table]))
    lines = [f"{header.function:<{function_width}}  cases  checks  {header.worst:<{figure_width}}  verdict"]
    for row in table:
        figure = f"{row.worst[:figure_width]:<{figure_width}}"
        counts = f"{row.cases or '-':>5}  {row.checks:>6}"
        lines.append(f"{row.function:<{function_width}}  {counts}  {figure}  {row.verdict}")
    if report.plan.drawing_only:
        lines.append("(gains, fans and what draws nothing: once, in the table above)")
    return lines


def opening_lines(plans: list[Plan], environment: Environment) -> list[str]:
    """What is about to run, and on what."""
    first = plans[0]
    counts = ", ".join(f"{plan.subject.name} {len(plan.cases)}" for plan in plans)
    rate, checks = first.budget.false_fail_rate, first.budget.checks
    shares = f"{first.budget.share:.2g} for each of {checks} statistical checks"
    chance = f"false_fail_rate {rate:g} for the whole run, {shares}"
    return [
        environment.headline,
        environment.c_library,
        f"budget {first.budget_name}, cases: {counts}; seed {first.seed} (replay: --seed {first.seed})",
        chance if checks else "no check here fails by chance",
    ]


def failure_lines(reports: list[Report]) -> Iterator[str]:
    """Each failure: the case, the figure, the diagnosis, and a reproducer."""
    failed = [finding for report in reports for finding in report.findings if finding.verdict == "fail"]
    for finding in _by_interest(failed)[:FAILURES_SHOWN]:
        yield ""
        yield f"FAIL {finding.check}: {finding.subject}, {finding.case.id}"
        yield f"  seen: {finding.figure}"
        if finding.diagnosis:
            yield f"  diagnosis: {finding.diagnosis}"
        if finding.reproducer:
            yield "  reproduce:"
            yield from (f"    {line}" for line in finding.reproducer)
    if len(failed) > FAILURES_SHOWN:
        yield ""
        yield f"{len(failed)} failures in all; --json PATH lists every one"


def _by_interest(failed: list[Finding]) -> list[Finding]:
    """Recognised mistakes first, and one failure of each kind before a second of any."""

    def kind(finding: Finding) -> tuple[str, str, str]:
        return finding.case.function, finding.check, re.sub(r"[-+.\d]+(e-?\d+)?", "#", finding.diagnosis)

    ordered = sorted(failed, key=lambda finding: "?" not in finding.diagnosis)
    by_kind: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in ordered:
        by_kind.setdefault(kind(finding), []).append(finding)
    first = [findings[0] for findings in by_kind.values()]
    return first + [finding for finding in ordered if finding is not by_kind[kind(finding)][0]]


def closing_lines(reports: list[Report]) -> list[str]:
    """Tables, failures, divergences and the verdict."""
    lines = [line for report in reports for line in (*table_lines(report), "")][:-1]
    lines += failure_lines(reports)
    lines += [line for report in reports for line in divergence_lines(report)]
    skipped = {f"{finding.check}: {finding.figure}" for report in reports for finding in not_run(report)}
    lines += [f"not run - {text}" for text in sorted(skipped)]
    return [*lines, "", *power_lines(reports), verdict_line(reports)]


def not_run(report: Report) -> list[Finding]:
    """What could not be checked."""
    return [finding for finding in report.findings if finding.verdict == "not run"]


def divergence_lines(report: Report) -> list[str]:
    """What differs because of the machine or of torch's version, by function and check."""
    diverged = (finding for finding in report.findings if finding.verdict == "divergence")
    counts = Counter((finding.case.function, finding.check, finding.cause) for finding in diverged)
    return [
        f"known divergence: {function} {check} in {number} cases ({cause})"
        for (function, check, cause), number in counts.items()
    ]


def power_lines(reports: list[Report]) -> Iterator[str]:
    """What each statistical check can see, at its best and at its worst sample."""
    by_check: dict[str, list[Finding]] = {}
    for finding in chain.from_iterable(report.findings for report in reports):
        if finding.power is not None:
            by_check.setdefault(finding.check, []).append(finding)
    for check, findings in by_check.items():
        findings.sort(key=lambda finding: finding.power or 0.0)
        best, typical, worst_ = findings[0], findings[len(findings) // 2], findings[-1]
        yield f"{check} sees {best.detectable} at best, {typical.power:.2g} typically, {worst_.power:.2g} at worst"


def verdict_of(reports: list[Report]) -> Verdict:
    """The worst: a failure, else a subject of which nothing ran."""
    verdicts = {report.verdict for report in reports}
    worst_first: tuple[Verdict, ...] = ("fail", "not run", "pass")
    return next(verdict for verdict in worst_first if verdict in verdicts)


def verdict_line(reports: list[Report]) -> str:
    """The last line."""
    verdict = verdict_of(reports)
    skipped = Counter(finding.check for report in reports for finding in not_run(report))
    rest = "; not run: " + ", ".join(f"{check} ({n})" for check, n in skipped.items()) if skipped else ""
    if verdict == "not run":
        idle = [report.plan.subject.name for report in reports if report.verdict == "not run"]
        return f"NOTHING COULD RUN of {', '.join(idle)}{rest}"
    ran = [finding for report in reports for finding in report.findings if finding.verdict != "not run"]
    failed = sum(finding.verdict == "fail" for finding in ran)
    cases, seconds = sum(len(r.plan.cases) for r in reports), sum(r.seconds for r in reports)
    extent = f"{len(ran)} checks of {cases} cases in {seconds:.1f} s{rest}"
    return f"FAIL: {failed} discrepancies in {extent}" if failed else f"PASS: no discrepancy in {extent}"
