"""How far a run is: a bar on a terminal, one line per function elsewhere.

A run is observed once before its cases and once after each of them.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TextIO

from .checks.finding import Finding
from .plan import Plan
from .run import PREFACE, Observer


@contextmanager
def progress(plan: Plan, stream: TextIO | None = None) -> Iterator[Observer]:
    """A bar on a terminal, one line per function elsewhere."""
    stream = sys.stdout if stream is None else stream
    if stream.isatty() and find_spec("rich"):
        with _bar(plan) as observer:
            yield observer
        return
    if stream.isatty():
        print("(the package rich would show a progress bar here: pip install rich)", file=stream)
    yield _PlainProgress(plan, stream).observe


class _PlainProgress:
    """A line whenever a function is done."""

    def __init__(self, plan: Plan, stream: TextIO) -> None:
        self.left = Counter([PREFACE, *(case.function for case in plan.cases)])
        self.stream, self.failed = stream, dict.fromkeys(self.left, 0)

    def observe(self, label: str, findings: list[Finding]) -> None:
        """Count one observation."""
        self.left[label] -= 1
        self.failed[label] += _failures(findings)
        if not self.left[label]:
            failed = self.failed[label]
            print(f"{label}: {f'{failed} FAILED' if failed else 'done'}", file=self.stream, flush=True)


def _failures(findings: list[Finding]) -> int:
    return sum(finding.verdict == "fail" for finding in findings)


@contextmanager
def _bar(plan: Plan) -> Iterator[Observer]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[failed]}")) as bar:
        task = bar.add_task("verify", total=len(plan.cases) + 1, failed="")
        failed = 0

        def observe(label: str, findings: list[Finding]) -> None:
            nonlocal failed
            failed += _failures(findings)
            text = f"[red]{failed} FAILED" if failed else ""
            bar.update(task, advance=1, description=label, failed=text)

        yield observe
