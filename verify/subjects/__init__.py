"""Subjects: what can be verified. A device, a stream or a foreign library is one more line in SUBJECTS."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from .base import Filled, Subject
from .counter import CounterSubject
from .devices import CudaSubject, PtxSubject, SimSubject
from .refinit import RefinitSubject
from .torch import TorchSubject

__all__ = ["DEFAULTS", "SUBJECTS", "Filled", "Subject", "loaded", "names", "subject", "unknown"]

# Every subject that `--subject` can name, and what a run without `--subject` tries.
SUBJECTS: dict[str, Callable[[], Subject]] = {
    "refinit:torch": RefinitSubject,
    "refinit:counter": CounterSubject,
    "torch": TorchSubject,
    "refinit:counter@cuda": CudaSubject,
    "refinit:counter@cuda-ptx": PtxSubject,
    "refinit:counter@cuda-sim": SimSubject,
}
DEFAULTS = ("refinit:torch", "refinit:counter")
_ALIASES = {"refinit": "refinit:torch"}


def subject(name: str) -> Subject:
    """The subject of that name; `fault:NAME` or `fault:NAME@SUBJECT` is a planted fault."""
    return _made(_ALIASES.get(name, name))


@cache
def _made(name: str) -> Subject:
    if name.startswith("fault:"):
        from ..faults.counter_table import PLANTED
        from ..faults.table import Faulty

        fault, _, base = name.removeprefix("fault:").partition("@")
        return Faulty(PLANTED[fault], subject(base or PLANTED[fault].subject))
    return SUBJECTS[name]()


def unknown(name: str) -> str:
    """What to name instead, where no subject has that name; else nothing."""
    fault, _, base = name.partition("@")
    bases = [*SUBJECTS, *_ALIASES]
    right = name in names() or (fault.startswith("fault:") and fault in names() and base in bases)
    told = f"the subject must be module:Class, or among {', '.join(names())}"
    return "" if right else f"{told}; a fault may be followed by @ and {' or '.join(SUBJECTS)}"


def names() -> list[str]:
    """Every name `subject` takes, faults included."""
    from ..faults.counter_table import PLANTED

    return [*SUBJECTS, *_ALIASES, *(f"fault:{name}" for name in PLANTED)]


def is_class(text: str) -> bool:
    """Whether that text names a class of the user's own: module:Class."""
    module, colon, kind = text.partition(":")
    return bool(colon) and module not in ("fault", *_ALIASES) and kind.isidentifier()


def loaded(text: str) -> Subject:
    """The subject of that name, or the one that the named class makes without arguments."""
    if not is_class(text):
        return subject(text)
    module, _, kind = text.partition(":")
    made = getattr(import_module(module), kind)()
    if not isinstance(made, Subject):
        raise TypeError(f"{text} is no subclass of {Subject.__module__.rpartition('.')[0]}.Subject")
    return made
