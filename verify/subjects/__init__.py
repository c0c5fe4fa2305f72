"""Subjects: what can be verified. A device, a stream or a foreign library is one more line in SUBJECTS."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .base import Filled, Subject, generator_passed, is_random
from .refinit_subject import RefinitSubject
from .torch_subject import TorchSubject

__all__ = ["SUBJECTS", "Filled", "Subject", "generator_passed", "is_random", "names", "subject"]

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


def names() -> list[str]:
    """Every name `subject` takes, faults included."""
    from ..faults import FAULTS

    return [*SUBJECTS, *(f"fault:{name}" for name in FAULTS)]
