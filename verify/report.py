"""How a run is told: the opening, the closing table, each failure in full, and JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from .cases import FUNCTIONS
from .checks.finding import Finding
from .environment import Environment
from .plan import Plan
from .run import Report

SHOWN = 6  # failures told in full; the rest is counted, and listed in --json


@dataclass(frozen=True)
class Row:
    """One line of the closing table."""

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
    return [_row(name, by_function[name]) for name in names]


def _row(function: str, findings: list[Finding]) -> Row:
    ran = [finding for finding in findings if finding.verdict != "not run"]
    failed = [finding for finding in ran if finding.verdict == "fail"]
    known = sum(finding.verdict == "divergence" for finding in ran)
    verdict = f"FAIL ({len(failed)})" if failed else "ok" if ran else "not run"
    if known and not failed:
        verdict += f", {known} known divergences"
    skipped = len(findings) - len(ran)
    if skipped and ran:
        verdict += f", {skipped} not run"
    return Row(function, len({finding.case for finding in findings}), len(ran), worst(ran), verdict)


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
    """The closing table as plain text."""
    header = Row("function", 0, 0, "worst figure", "verdict")
    table = rows(report)
    width = max(len(row.function) for row in [header, *table])
    wide = min(92, max(len(row.worst) for row in [header, *table]))
    lines = [f"{'function':<{width}}  cases  checks  {'worst figure':<{wide}}  verdict"]
    lines += [
        f"{row.function:<{width}}  {row.cases:>5}  {row.checks:>6}  {row.worst[:wide]:<{wide}}  {row.verdict}"
        for row in table
    ]
    return lines


def opening_lines(plan: Plan, here: Environment) -> list[str]:
    """What is about to run, and on what."""
    rate, share = plan.budget.false_fail_rate, plan.budget.share
    cases = f"subject {plan.subject.name}, budget {plan.budget_name}: {len(plan.cases)} cases"
    seed = f"seed {plan.seed} (replay: --seed {plan.seed})"
    split = f"{share:.2g} for each of {plan.budget.checks} statistical checks"
    return [
        here.headline,
        f"{cases}, {seed}",
        f"false_fail_rate {rate:g} for the whole run, {split}",
    ]


def failure_lines(report: Report) -> Iterator[str]:
    """Each failure: the case, what was seen, the diagnosis, and a reproducer."""
    failed = [finding for finding in report.findings if finding.verdict == "fail"]
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


def closing_lines(report: Report) -> list[str]:
    """Table, failures, divergences and the verdict."""
    lines = [*table_lines(report), *failure_lines(report)]
    lines += divergence_lines(report)
    skipped = sorted({f"{f.check}: {f.figure}" for f in report.findings if f.verdict == "not run"})
    lines += [f"not run - {text}" for text in skipped]
    return [*lines, "", *power_lines(report), verdict_line(report)]


def divergence_lines(report: Report) -> list[str]:
    """What differs because of the machine or of torch's version, by function and check."""
    counted = Counter((f.case.function, f.check) for f in report.findings if f.verdict == "divergence")
    why = "; ".join(report.environment.doubts)
    return [
        f"known divergence: {function} {check} in {number} cases ({why})"
        for (function, check), number in counted.items()
    ]


def power_lines(report: Report) -> Iterator[str]:
    """What each statistical check can see, at its best and at its worst sample."""
    by_check: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.power is not None:
            by_check.setdefault(finding.check, []).append(finding)
    for check, findings in by_check.items():
        findings.sort(key=lambda finding: finding.power or 0.0)
        best, typical, worst_ = findings[0], findings[len(findings) // 2], findings[-1]
        yield f"{check} sees {best.detectable} at best, {typical.power:.2g} typically, {worst_.power:.2g} at worst"


def verdict_line(report: Report) -> str:
    """The last line."""
    checks = sum(finding.verdict != "not run" for finding in report.findings)
    failed = sum(finding.verdict == "fail" for finding in report.findings)
    if report.verdict == "not run":
        return "NOTHING COULD RUN"
    told = f"{checks} checks of {len(report.plan.cases)} cases in {report.seconds:.1f} s"
    return f"FAIL: {failed} discrepancies in {told}" if failed else f"PASS: no discrepancy in {told}"


def as_json(report: Report) -> dict[str, Any]:
    """The report as schema.json describes it."""
    return {
        "schema": 1,
        "verdict": report.verdict,
        "subject": report.plan.subject.name,
        "seed": report.plan.seed,
        "budget": report.plan.budget_name,
        "false_fail_rate": report.plan.budget.false_fail_rate,
        "share": report.plan.budget.share,
        "seconds": round(report.seconds, 3),
        "environment": {
            "reference": report.environment.reference,
            **{name: value for name, value in vars(report.environment).items() if name != "doubts"},
            "doubts": list(report.environment.doubts),
        },
        "functions": [vars(row) for row in rows(report)],
        "findings": [_finding_json(finding) for finding in report.findings],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    case = finding.case
    return {
        "check": finding.check,
        "subject": finding.subject,
        "case": case.id,
        "function": case.function,
        "model": case.model,
        "layer": case.layer,
        "verdict": finding.verdict,
        "figure": finding.figure,
        "nearness": finding.nearness if isfinite(finding.nearness) else None,
        "p_value": finding.p_value,
        "detectable": finding.detectable,
        "power": finding.power,
        "seed": finding.seed,
        **({"diagnosis": finding.diagnosis} if finding.diagnosis else {}),
        **({"reproducer": list(finding.reproducer)} if finding.reproducer else {}),
    }


def write_json(report: Report, path: Path) -> None:
    """Write the JSON report."""
    path.write_text(json.dumps(as_json(report)) + "\n", encoding="utf-8")
