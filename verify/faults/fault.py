"""Faults, and the subjects that have one: a right subject with an operator of mutation testing applied to its fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..cases.case import Case
from ..subjects.base import Filled, Subject
from ..subjects.catalogue import twin_of
from ..subjects.wrapped import Wrapped

Operator = Callable[[Subject, Case, int], Filled]


@dataclass(frozen=True)
class Fault:
    """One planted fault.

    `operator` makes the wrong fills of `functions` out of the base's own, so that any subject can have the fault;
    `overrides` are methods other than `fill`, to each of which the base is passed first. On `example` the checks of
    `detected_by` must fail (`bits`, `state` and `agreement` need a twin, the others do not), with the words of
    `diagnosis`. `subject` is what has the fault where nothing else is named.
    """

    name: str
    functions: tuple[str, ...]
    operator: Operator
    detected_by: tuple[str, ...]
    example: Case
    diagnosis: str = ""
    overrides: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    subject: str = "refinit:torch"


class Faulty(Wrapped):
    """A subject with a planted fault; it claims the same law, the same bits and the same twin."""

    name = "fault"
    library = None  # all of it is verified, also what another subject of that library does right
    calls = None  # no public library has it

    def __init__(self, fault: Fault, base: Subject) -> None:
        super().__init__(base)
        self.fault = fault
        self.name = f"fault:{fault.name}@{base.name}"
        for method, operator in fault.overrides.items():
            setattr(self, method, partial(operator, base))

    def fill(self, case: Case, seed: int) -> Filled:
        """The faulty fill, where the fault touches that function."""
        if case.function in self.fault.functions and case.size:
            return self.fault.operator(self.base, case, seed)
        return self.base.fill(case, seed)

    def twin(self, case: Case) -> Subject | None:
        """The twin of the base; of a base without one, that base itself."""
        return twin_of(self.base, case) or self.base

    def related(self, case: Case, seed: int) -> dict[str, list[Filled]]:
        """The base's, but with this one's own fills where only those are needed."""
        return {**self.base.related(case, seed), **Subject.related(self, case, seed)}


class Unclaimed(Faulty):
    """The same fault in a subject that promises nobody's bits: only laws can judge it."""

    bits_of = None

    def twin(self, case: Case) -> Subject | None:  # noqa: ARG002 - that is the point
        """None."""
        return None
