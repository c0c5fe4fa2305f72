"""What a check looks at (a sample) and what it says (a finding)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf, log
from typing import Any, Literal

import numpy as np

from ..cases.case import Case
from ..cases.formats import FORMATS, Format, Reals, components
from ..laws import reference
from ..laws.elements import ElementLaw, Realised, component_law
from ..laws.realised import realise
from ..subjects import Filled, Subject

Verdict = Literal["pass", "fail", "divergence", "not run"]
# What shows a failure again: a fill of the case from the seed, its comparison with the twin's (bits, final state,
# distance), related fills from the seed, or `gain`, `fans` or `attempt` of the subject with the finding's arguments.
Replay = Literal["fill", "bits", "state", "distance", "related", "gain", "fans", "attempt"]


@dataclass(frozen=True)
class Finding:
    """The outcome of one check on one subject and case.

    `figure` is the outcome in words, `nearness` how near it came to failing (1 and above: failed), `detectable`
    what the check finds with a false_pass_rate of 1 %: `power` is that smallest discrepancy as a number. `replay` (of
    `case` from `seed`, or with `arguments`) is what the reproducer of a failure is written from, `cause` what of this
    machine or torch a divergence comes from.
    """

    check: str
    subject: str
    case: Case
    verdict: Verdict
    figure: str = ""
    nearness: float = 0.0
    p_value: float | None = None
    share: float | None = None
    detectable: str = ""
    power: float | None = None
    diagnosis: str = ""
    seed: int = 0
    replay: Replay = "fill"
    arguments: tuple[Any, ...] = ()
    reproducer: tuple[str, ...] = ()
    cause: str = ""


@dataclass
class Sample:
    """Draws of one case by one subject, and its law."""

    subject: Subject
    case: Case
    seeds: tuple[int, ...]
    draws: list[Filled] = field(default_factory=list)

    @cached_property
    def form(self) -> Format:
        """The weight's number format."""
        return FORMATS[self.case.dtype]

    @cached_property
    def law(self) -> reference.Law | None:
        """The law the subject claims; nothing is claimed of a weight without elements."""
        return self.subject.law(self.case) if self.case.size else None

    @cached_property
    def element_law(self) -> ElementLaw:
        """The law of the elements that are drawn (of a sparse weight: those not set to zero)."""
        law = self.law
        if isinstance(law, reference.Sparse):
            return reference.Normal(0.0, law.std)
        if not isinstance(law, ElementLaw):
            raise TypeError(f"{self.case.function} has no law of single elements")
        return law

    @cached_property
    def component_law(self) -> ElementLaw:
        """The law of one real component."""
        return component_law(self.element_law, self.form)

    @cached_property
    def realised(self) -> Realised:
        """The same law in this format and stream."""
        stream = self.subject.stream
        return realise(self.element_law, self.form, stream, stream.largest_normal(self.case))

    @cached_property
    def values(self) -> Reals:
        """All real components of all draws; of a sparse weight those that are not zero."""
        pooled = np.concatenate([components(draw.values) for draw in self.draws])
        return pooled[pooled != 0] if isinstance(self.law, reference.Sparse) else pooled


def draw(subject: Subject, case: Case, seeds: tuple[int, ...]) -> Sample:
    """The sample of that case from those seeds."""
    return Sample(subject, case, seeds, [filled(subject.fill(case, seed)) for seed in seeds])


def filled(fill: Filled) -> Filled:
    """What a subject returned as a fill, if it is one."""
    if not isinstance(fill, Filled):
        kind = type(fill).__name__
        raise TypeError(f"fill must return Filled(values, state), got {kind}: Filled(array) will do")
    return fill


def statistical_finding(
    sample: Sample, check: str, p_value: float, share: float, figure: str, power: float, unit: str
) -> Finding:
    """The finding of a statistical check: it fails where its proven p-value is at most its share.

    `unit` is the text that says what is detected, with a place for the number `power`.
    """
    nearness = log(max(p_value, 1e-320)) / log(share) if p_value < 1 else 0.0
    return Finding(
        check,
        sample.subject.name,
        sample.case,
        "fail" if p_value <= share else "pass",
        f"{figure} (p = {p_value:.2g})",
        nearness,
        p_value,
        share,
        unit.format(power),
        power,
        seed=sample.seeds[0],
    )


def exact_finding(sample: Sample, check: str, passes: bool, figure: str, replay: Replay = "fill") -> Finding:
    """The finding of a check that chance cannot fail."""
    return Finding(
        check,
        sample.subject.name,
        sample.case,
        "pass" if passes else "fail",
        figure,
        0.0 if passes else inf,
        seed=sample.seeds[0],
        replay=replay,
    )


def diverging(finding: Finding, cause: str) -> Finding:
    """A failure that this machine or torch's version explains: named, and nobody's fault."""
    figure = f"{finding.figure} (known divergence of {cause})"
    return replace(finding, verdict="divergence", figure=figure, diagnosis="", reproducer=(), cause=cause)


Statistical = Callable[[Sample, float], Finding]
Exact = Callable[[Sample], Finding]
