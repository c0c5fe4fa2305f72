"""Nonsense that torch accepts or dies of: the subject refuses it and changes nothing, torch still does what it did.

The list is the subject's own table of known divergences, so that neither side changes unnoticed.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf

from ..cases.case import Topic
from ..subjects import Subject
from ..subjects.base import ENDLESS, KnownDivergence
from .finding import Finding


def refusal(subject: Subject, divergence: KnownDivergence) -> Finding:
    """The subject raises what its table says, with weight and generator unchanged."""
    return _finding("refusal", subject, divergence, subject.attempt(divergence), divergence.refinit)


def torch_outcome(torch: Subject, divergence: KnownDivergence) -> Finding | None:
    """torch does with it what the table says; None where it would redraw for ever."""
    if divergence.torch == ENDLESS:
        return None
    outcome = torch.attempt(divergence).partition(",")[0]
    return _finding("known divergence", torch, divergence, outcome, divergence.torch.partition(",")[0])


def _finding(
    check: str, subject: Subject, divergence: KnownDivergence, outcome: str, expected: str
) -> Finding:
    call = str(divergence)
    case = Topic(divergence.function, divergence.shape, divergence.dtype, (("example", call),))
    finding = Finding(
        check, subject.name, case, "pass", f"{call}: {outcome}", replay="attempt", arguments=(call,)
    )
    if outcome == expected:
        return finding
    return replace(finding, verdict="fail", figure=f"{finding.figure}, expected {expected}", nearness=inf)
