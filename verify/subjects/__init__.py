"""Subjects: what can be verified. A device, a stream or a foreign library is one more line in SUBJECTS."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .base import Filled, Subject
from .refinit_subject import RefinitSubject
from .torch_subject import TorchSubject

__all__ = ["SUBJECTS", "Filled", "Subject", "names", "subject", "unknown"]

# Every subject that `--subject` can name.
SUBJECTS: dict[str, Callable[[], Subject]] = {"refinit": RefinitSubject, "torch": TorchSubject}


@cache
def subject(name: str) -> Subject:
    """The subject of that name; `fault:NAME` or `fault:NAME@SUBJECT` is a planted fault."""
    if name.startswith("fault:"):
        from ..faults import FAULTS, Faulty

        fault, _, base = name.removeprefix("fault:").partition("@")
        return Faulty(FAULTS[fault], subject(base or "refinit"))
    return SUBJECTS[name]()


def unknown(name: str) -> str:
    """What to name instead, where no subject has that name; else nothing."""
    fault, _, base = name.partition("@")
    right = name in names() or (fault.startswith("fault:") and fault in names() and base in SUBJECTS)
    told = f"the subject must be among {', '.join(names())}"
    return "" if right else f"{told}; a fault may be followed by @ and {' or '.join(SUBJECTS)}"


def names() -> list[str]:
    """Every name `subject` takes, faults included."""
    from ..faults import FAULTS

    return [*SUBJECTS, *(f"fault:{name}" for name in FAULTS)]
