"""What a run will do, before it does it: the cases, and the number of checks that share its false_fail_rate."""

from __future__ import annotations

from dataclasses import dataclass

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
    """Everything that determines a run: replaying it with the same versions gives the same verdicts."""

    subject: Subject
    cases: tuple[Case, ...]
    seed: int
    budget_name: str
    budget: Budget

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
    """The plan of a run of that subject."""
    return plan_of(subject, seed, select(budget, only, dtypes), budget, false_fail_rate)


def plan_of(
    subject: Subject, seed: int, cases: list[Case], name: str = "chosen", rate: float = FALSE_FAIL_RATE
) -> Plan:
    """The plan of a run over those very cases."""
    laws = [subject.law(case) if case.size else None for case in cases]
    checks = sum(
        _SIDES * len(statistical_checks(case, law)) + 1 for case, law in zip(cases, laws, strict=True)
    )
    checks += MOST_CHECKS * len(related_cases(cases))
    return Plan(subject, tuple(cases), seed, name, Budget(rate, checks))
