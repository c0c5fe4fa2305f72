"""How far a run is: a bar on a terminal over all its plans, one line per function elsewhere.

A plan is observed once before its cases and once after each of them.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TextIO

from ..checks.finding import Finding
from ..runs.plan import Plan
from ..runs.run import PREFACE, Observer

ObserverOf = Callable[[Plan], Observer]


@contextmanager
def progress(plans: list[Plan], stream: TextIO | None = None) -> Iterator[ObserverOf]:
    """What makes the observer of each plan: a bar on a terminal, one line per function elsewhere."""
    stream = sys.stdout if stream is None else stream
    if stream.isatty() and find_spec("rich"):
        with _bar(plans) as observer_of:
            yield observer_of
        return
    if stream.isatty():
        print("(the package rich would show a progress bar here: pip install rich)", file=stream)
    several = len(plans) > 1
    yield lambda plan: _PlainProgress(plan, stream, f"{plan.subject.name} " if several else "").observe


class _PlainProgress:
    """A line whenever a function is done."""

    def __init__(self, plan: Plan, stream: TextIO, prefix: str) -> None:
        self.remaining = Counter([PREFACE, *(case.function for case in plan.cases)])
        self.stream, self.prefix, self.failed = stream, prefix, dict.fromkeys(self.remaining, 0)

    def observe(self, label: str, findings: list[Finding]) -> None:
        """Count one observation."""
        self.remaining[label] -= 1
        self.failed[label] += _failures(findings)
        if not self.remaining[label]:
            failed = self.failed[label]
            outcome = f"{failed} FAILED" if failed else "done"
            print(f"{self.prefix}{label}: {outcome}", file=self.stream, flush=True)


def _failures(findings: list[Finding]) -> int:
    return sum(finding.verdict == "fail" for finding in findings)


@contextmanager
def _bar(plans: list[Plan]) -> Iterator[ObserverOf]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description:<40}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[failed]}")) as bar:
        task = bar.add_task("verify", total=sum(len(plan.cases) + 1 for plan in plans), failed="")
        failed = 0

        def observer_of(plan: Plan) -> Observer:
            def observe(label: str, findings: list[Finding]) -> None:
                nonlocal failed
                failed += _failures(findings)
                text = f"[red]{failed} FAILED" if failed else ""
                bar.update(task, advance=1, description=f"{plan.subject.name} {label}", failed=text)

            return observe

        yield observer_of
