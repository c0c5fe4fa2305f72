"""Nonsense that torch accepts or dies of: the subject refuses it and changes nothing, torch still does what it did.

The list is the subject's own table of known divergences, so that neither side changes unnoticed.
"""

from __future__ import annotations

from math import inf

from ..cases.case import Topic
from ..subjects import Subject
from ..subjects.base import KnownDivergence
from ..subjects.naming import naming
from .finding import Finding

# torch would redraw for ever there; what it does is known and not tried again.
_ENDLESS = "never returns"
# The subject whose table says what torch does.
_HOLDER = "refinit:torch"


def refusal(subject: Subject, known: KnownDivergence) -> Finding:
    """The subject raises what its table says, with weight and generator unchanged."""
    outcome = subject.attempt(known)
    return _finding("refusal", subject, known, outcome, known.refinit)


def torch_outcome(torch: Subject, known: KnownDivergence) -> Finding | None:
    """torch does with it what the table says."""
    if known.torch == _ENDLESS:
        return None
    outcome = torch.attempt(known).partition(",")[0]
    return _finding("known divergence", torch, known, outcome, known.torch.partition(",")[0])


def _finding(check: str, tried: Subject, known: KnownDivergence, outcome: str, wanted: str) -> Finding:
    case = Topic(known.function, known.shape, known.dtype, (("example", str(known)),))
    right = outcome == wanted
    figure = f"{known}: {outcome}" + ("" if right else f", expected {wanted}")
    table = "tried.divergences()" if check == "refusal" else f"subject({_HOLDER!r}).divergences()"
    lines = naming(tried).lines(
        f"table = [one for one in {table} if str(one) == {str(known)!r}]",
        "print([tried.attempt(one) for one in table])",
    )
    if right:
        return Finding(check, tried.name, case, "pass", figure)
    return Finding(check, tried.name, case, "fail", figure, inf, reproducer=lines)
