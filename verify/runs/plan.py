"""What a run will do, before it does it: the cases, and the number of checks that share its false_fail_rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..cases.case import Case
from ..cases.draws import draws_required
from ..cases.selection import TINY, select
from ..checks import statistical_checks
from ..checks.relations import CHECKS_LIMIT, related_cases
from ..subjects import Subject
from .budget import FALSE_FAIL_RATE, Budget

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

    @property
    def once(self) -> bool:
        """Whether each case is drawn once, which is too little for laws and independence."""
        return self.budget_name == TINY

    def draws(self, case: Case) -> int:
        """From how many seeds a random case is drawn."""
        return 1 if self.once else self.subject.draws(case)

    def judges(self, case: Case) -> bool:
        """Whether those are as many as its law needs."""
        return self.draws(case) >= draws_required(case)


def plan(
    subject: Subject,
    seed: int,
    budget: str = "quick",
    only: list[str] | None = None,
    dtypes: list[str] | None = None,
    false_fail_rate: float = FALSE_FAIL_RATE,
) -> Plan:
    """The plan of a run of that subject, over all functions and dtypes or only those."""
    planned = plans([subject], seed, budget, only, dtypes, false_fail_rate)
    if not planned:
        raise ValueError("no function of `only` takes a dtype of `dtypes`")
    return planned[0]


def plans(
    subjects: Iterable[Subject],
    seed: int,
    budget: str = "quick",
    only: list[str] | None = None,
    dtypes: list[str] | None = None,
    false_fail_rate: float = FALSE_FAIL_RATE,
) -> list[Plan]:
    """A plan for each subject that has cases: they share the rate, and try once what a library's subjects share."""
    planned: list[Plan] = []
    libraries: set[str] = set()
    for subject in subjects:
        if budget not in subject.budgets:
            allowed = f"expected a budget of {' or '.join(subject.budgets)} for {subject.name}"
            raise ValueError(f"{allowed}, which is too slow for others; got {budget}")
        shared = subject.library in libraries
        cases = select(budget, only, dtypes, subject.functions)
        cases = [case for case in cases if case.random or not shared]
        if cases:
            plan_ = plan_of(subject, seed, cases, budget, false_fail_rate)
            planned.append(replace(plan_, drawing_only=shared))
            libraries |= {subject.library} if subject.library else set()
    whole = Budget(false_fail_rate, sum(entry.budget.checks for entry in planned))
    return [replace(entry, budget=whole) for entry in planned]


def plan_of(
    subject: Subject, seed: int, cases: list[Case], name: str = "chosen", rate: float = FALSE_FAIL_RATE
) -> Plan:
    """The plan of a run over those very cases; each is drawn once if its name is that of the smallest budget."""
    unbudgeted = Plan(subject, tuple(cases), seed, name, Budget(rate, 0))
    judged = [case for case in cases if unbudgeted.judges(case)]
    statistical = [statistical_checks(case, subject.law(case) if case.size else None) for case in judged]
    number = sum(_SIDES * len(checks) + 1 for checks in statistical if checks)
    number += 0 if unbudgeted.once else CHECKS_LIMIT * len(related_cases(cases))
    return replace(unbudgeted, budget=Budget(rate, number))
