"""How a run is told: the opening, a closing table for each subject, each failure in full, and the verdict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..cases.functions import FUNCTIONS
from ..checks.finding import Finding, Verdict
from ..runs.plan import Plan
from ..runs.run import Report
from ..subjects.environment import Environment

SHOWN = 6  # failures told in full; the rest is counted, and listed in --json


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
    known = sum(finding.verdict == "divergence" for finding in ran)
    verdict = f"FAIL ({len(failed)})" if failed else "ok" if ran else "not run"
    if known and not failed:
        verdict += f", {known} known divergences"
    skipped = len(findings) - len(ran)
    if skipped and ran:
        verdict += f", {skipped} not run"
    return Row(function, cases, len(ran), worst(ran), verdict)


def worst(findings: list[Finding]) -> str:
    """The figure that came nearest to failing, or went farthest beyond."""
    judged = [finding for finding in findings if finding.verdict in ("pass", "fail")]
    if not judged:
        return "-"
    nearest = max(judged, key=lambda finding: finding.nearness)
    if nearest.nearness == 0:
        return "all exact"
    subject = "" if nearest.subject == judged[0].subject else f" [{nearest.subject}]"
    return f"{nearest.check}: {nearest.figure}{subject}"


def table_lines(report: Report) -> list[str]:
    """The closing table as plain text; its first column is headed by the subject."""
    header = Row(report.plan.subject.name, 0, 0, "worst figure", "verdict")
    table = rows(report)
    width = max(len(row.function) for row in [header, *table])
    wide = min(92, max(len(row.worst) for row in [header, *table]))
    lines = [f"{header.function:<{width}}  cases  checks  {'worst figure':<{wide}}  verdict"]
    lines += [
        f"{row.function:<{width}}  {row.cases or '-':>5}  {row.checks:>6}  {row.worst[:wide]:<{wide}}  {row.verdict}"
        for row in table
    ]
    if report.plan.drawing_only:
        lines.append("(gains, fans and what draws nothing: once, in the table above)")
    return lines


def opening_lines(plans: list[Plan], here: Environment) -> list[str]:
    """What is about to run, and on what."""
    first = plans[0]
    counts = ", ".join(f"{plan.subject.name} {len(plan.cases)}" for plan in plans)
    rate, checks = first.budget.false_fail_rate, first.budget.checks
    shares = f"{first.budget.share:.2g} for each of {checks} statistical checks"
    chance = f"false_fail_rate {rate:g} for the whole run, {shares}"
    return [
        here.headline,
        f"budget {first.budget_name}, cases: {counts}; seed {first.seed} (replay: --seed {first.seed})",
        chance if checks else "no check here fails by chance",
    ]


def failure_lines(reports: list[Report]) -> Iterator[str]:
    """Each failure: the case, what was seen, the diagnosis, and a reproducer."""
    failed = [finding for report in reports for finding in report.findings if finding.verdict == "fail"]
    for finding in _telling(failed)[:SHOWN]:
        yield ""
        yield f"FAIL {finding.check}: {finding.subject}, {finding.case.id}"
        yield f"  seen: {finding.figure}"
        if finding.diagnosis:
            yield f"  diagnosis: {finding.diagnosis}"
        if finding.reproducer:
            yield "  reproduce:"
            yield from (f"    {line}" for line in finding.reproducer)
    if len(failed) > SHOWN:
        yield ""
        yield f"{len(failed)} failures in all; --json PATH lists every one"


def _telling(failed: list[Finding]) -> list[Finding]:
    """Recognised mistakes first, and one failure of each kind before a second of any."""

    def kind(finding: Finding) -> tuple[str, str, str]:
        return finding.case.function, finding.check, re.sub(r"[-+.\d]+(e-?\d+)?", "#", finding.diagnosis)

    ordered = sorted(failed, key=lambda finding: "?" not in finding.diagnosis)
    first: dict[tuple[str, str, str], Finding] = {}
    for finding in ordered:
        first.setdefault(kind(finding), finding)
    chosen = {id(finding) for finding in first.values()}
    return [*first.values(), *(finding for finding in ordered if id(finding) not in chosen)]


def closing_lines(reports: list[Report]) -> list[str]:
    """Tables, failures, divergences and the verdict."""
    lines = [line for report in reports for line in (*table_lines(report), "")][:-1]
    lines += failure_lines(reports)
    lines += [line for report in reports for line in divergence_lines(report)]
    skipped = {f"{one.check}: {one.figure}" for report in reports for one in not_run(report)}
    lines += [f"not run - {text}" for text in sorted(skipped)]
    return [*lines, "", *power_lines(reports), verdict_line(reports)]


def not_run(report: Report) -> list[Finding]:
    """What could not be looked at."""
    return [finding for finding in report.findings if finding.verdict == "not run"]


def divergence_lines(report: Report) -> list[str]:
    """What differs because of the machine or of torch's version, by function and check."""
    counted = Counter((f.case.function, f.check) for f in report.findings if f.verdict == "divergence")
    why = "; ".join(report.environment.doubts)
    return [
        f"known divergence: {function} {check} in {number} cases ({why})"
        for (function, check), number in counted.items()
    ]


def power_lines(reports: list[Report]) -> Iterator[str]:
    """What each statistical check can see, at its best and at its worst sample."""
    by_check: dict[str, list[Finding]] = {}
    for finding in (one for report in reports for one in report.findings):
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
    found = [finding for report in reports for finding in report.findings if finding.verdict != "not run"]
    failed = sum(finding.verdict == "fail" for finding in found)
    cases, seconds = sum(len(r.plan.cases) for r in reports), sum(r.seconds for r in reports)
    told = f"{len(found)} checks of {cases} cases in {seconds:.1f} s{rest}"
    return f"FAIL: {failed} discrepancies in {told}" if failed else f"PASS: no discrepancy in {told}"
