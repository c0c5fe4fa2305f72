"""What a run will do, before it does it: the cases, and the number of checks that share its false_fail_rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .budget import FALSE_FAIL_RATE, Budget
from .cases import Case
from .checks import statistical_checks
from .checks.relations import MOST_CHECKS, related_cases
from .selection import select
from .subjects import Subject

# Each case may be judged twice, ours and torch's; one more for bits that may differ by a stated chance.
_SIDES = 2


@dataclass(frozen=True)
class Plan:
    """Everything that determines a run: replaying it with the same versions gives the same verdicts.

    `drawing_only`: what does not draw (gains, fans, refusals of constants) is left to another subject's plan.
    """

    subject: Subject
    cases: tuple[Case, ...]
    seed: int
    budget_name: str
    budget: Budget
    drawing_only: bool = False

    @property
    def related(self) -> tuple[Case, ...]:
        """The cases whose fills are compared with related ones."""
        return related_cases(self.cases)


def plan(
    subject: Subject,
    seed: int,
    budget: str = "quick",
    only: list[str] | None = None,
    dtypes: list[str] | None = None,
    false_fail_rate: float = FALSE_FAIL_RATE,
) -> Plan:
    """The plan of a run of that subject, over all functions and dtypes or only those."""
    found = plans([subject], seed, budget, only, dtypes, false_fail_rate)
    if not found:
        raise ValueError("no function of `only` takes a dtype of `dtypes`")
    return found[0]


def plans(
    subjects: Iterable[Subject],
    seed: int,
    budget: str = "quick",
    only: list[str] | None = None,
    dtypes: list[str] | None = None,
    false_fail_rate: float = FALSE_FAIL_RATE,
) -> list[Plan]:
    """A plan for each subject that has cases: they share the rate, and try once what a library's subjects share."""
    made: list[Plan] = []
    for subject in subjects:
        shared = subject.library is not None and subject.library in {one.subject.library for one in made}
        cases = select(budget, only, dtypes, subject.functions)
        chosen = [case for case in cases if case.random or not shared]
        planned = plan_of(subject, seed, chosen, budget, false_fail_rate)
        if chosen:
            made.append(replace(planned, drawing_only=shared))
    together = Budget(false_fail_rate, sum(one.budget.checks for one in made))
    return [replace(one, budget=together) for one in made]


def plan_of(
    subject: Subject, seed: int, cases: list[Case], name: str = "chosen", rate: float = FALSE_FAIL_RATE
) -> Plan:
    """The plan of a run over those very cases."""
    statistical = [statistical_checks(case, subject.law(case) if case.size else None) for case in cases]
    checks = sum(_SIDES * len(found) + 1 for found in statistical if found)
    checks += MOST_CHECKS * len(related_cases(cases))
    return Plan(subject, tuple(cases), seed, name, Budget(rate, checks))
