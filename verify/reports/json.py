"""A run as JSON, as schema.json describes it."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any

from ..checks.finding import Finding
from ..runs.run import Report
from .text import rows, verdict_of


def as_json(reports: list[Report]) -> dict[str, Any]:
    """The reports of one run, one for each subject."""
    plan, environment = reports[0].plan, reports[0].environment
    return {
        "schema": 2,
        "verdict": verdict_of(reports),
        "seed": plan.seed,
        "budget": plan.budget_name,
        "false_fail_rate": plan.budget.false_fail_rate,
        "share": plan.budget.share,
        "seconds": round(sum(report.seconds for report in reports), 3),
        "environment": {
            **vars(environment),
            "reference": environment.reference,
            "doubts": list(environment.doubts),
        },
        "subjects": [_subject_json(report) for report in reports],
    }


def _subject_json(report: Report) -> dict[str, Any]:
    subject = report.plan.subject
    return {
        "subject": subject.name,
        "stream": subject.stream.name,
        "bits_of": subject.bits_of,
        "verdict": report.verdict,
        "cases": len(report.plan.cases),
        "seconds": round(report.seconds, 3),
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
        **({"cause": finding.cause} if finding.cause else {}),
        **({"diagnosis": finding.diagnosis} if finding.diagnosis else {}),
        **({"reproducer": list(finding.reproducer)} if finding.reproducer else {}),
    }


def write_json(reports: list[Report], path: Path) -> None:
    """Write the JSON report."""
    path.write_text(json.dumps(as_json(reports)) + "\n", encoding="utf-8")
