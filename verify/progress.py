"""How far a run is: a bar on a terminal, one line per function elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TextIO

from .cases import Case
from .checks.finding import Finding
from .plan import Plan
from .run import Observer


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
        self.left: dict[str, int] = {}
        for case in plan.cases:
            self.left[case.function] = self.left.get(case.function, 0) + 1
        self.stream, self.failed = stream, dict.fromkeys(self.left, 0)

    def observe(self, case: Case, findings: list[Finding]) -> None:
        """Count a case."""
        if case.function not in self.left:
            return
        self.left[case.function] -= 1
        self.failed[case.function] += sum(finding.verdict == "fail" for finding in findings)
        if not self.left[case.function]:
            failed = self.failed[case.function]
            print(
                f"{case.function}: {f'{failed} FAILED' if failed else 'done'}", file=self.stream, flush=True
            )


@contextmanager
def _bar(plan: Plan) -> Iterator[Observer]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[failed]}")) as bar:
        task = bar.add_task("verify", total=len(plan.cases) + 2, failed="")
        failed = 0

        def observe(case: Case, findings: list[Finding]) -> None:
            nonlocal failed
            failed += sum(finding.verdict == "fail" for finding in findings)
            text = f"[red]{failed} failed" if failed else ""
            bar.update(task, advance=1, description=case.function, failed=text)

        yield observe
