"""Where the bits of a stream come from: the subject that has them by definition."""

from __future__ import annotations

from ..laws.streams import COUNTER_STREAM, TORCH
from .base import Subject
from .environment import environment

# The name of each stream whose bits anyone may promise, and the subject whose fills they are.
ORIGINS = {TORCH.name: "torch", COUNTER_STREAM.name: "refinit:counter"}


def doubts(stream: str) -> tuple[str, ...]:
    """Why the origin would have other bits here: torch's depend on its version and the machine, others on nothing."""
    return environment().doubts if stream == TORCH.name else ()


def origin(stream: str, other_than: str = "") -> Subject | None:
    """The subject that has the stream's bits on this machine, or None; nobody is compared with himself."""
    from . import subject

    name = ORIGINS.get(stream)
    return None if name is None or name == other_than or doubts(stream) else subject(name)
