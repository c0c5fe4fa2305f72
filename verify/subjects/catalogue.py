"""Subjects by name: they and the faults sign in here, so this module imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from ..cases.case import Case
from ..laws.streams import COUNTER_STREAM, TORCH
from .base import Subject
from .environment import environment


@dataclass(frozen=True)
class Scheme:
    """How texts `scheme:rest` name subjects: `factory` makes the one of a rest.

    `refusal` says why there is none of that rest, or nothing; `names` are the rests to list where a name is refused,
    `usage` is the form of such a text, and importing `module` is what makes the scheme known.
    """

    factory: Callable[[str], Subject]
    refusal: Callable[[str], str]
    names: Callable[[], Iterable[str]]
    usage: str
    module: str


# Every subject that `--subject` can name, and how others are named by a text; whoever has one adds it.
SUBJECTS: dict[str, Callable[[], Subject]] = {}
SCHEMES: dict[str, Scheme] = {}
ALIASES = {"refinit": "refinit:torch"}
# What a run without `--subject` verifies.
DEFAULTS = ("refinit:torch", "refinit:counter")
# The name of each stream whose bits anyone may promise, and the subject whose fills they are.
ORIGINS = {TORCH.name: "torch", COUNTER_STREAM.name: "refinit:counter"}


def subject(name: str) -> Subject:
    """The subject of that name, such as `torch` or `fault:NAME@torch`."""
    scheme, rest = _split(name)
    return scheme.factory(rest) if scheme else _instance(SUBJECTS[ALIASES.get(name, name)])


@cache
def _instance(factory: Callable[[], Subject]) -> Subject:
    return factory()


def _split(text: str) -> tuple[Scheme | None, str]:
    prefix, _, rest = text.partition(":")
    return SCHEMES.get(prefix), rest


def scheme_of(name: str) -> Scheme | None:
    """The scheme that the name is of, if it is of one."""
    return _split(name)[0]


def names() -> list[str]:
    """The names that `subject` takes."""
    by_scheme = [f"{prefix}:{name}" for prefix, scheme in SCHEMES.items() for name in scheme.names()]
    return [*SUBJECTS, *ALIASES, *by_scheme]


def unknown(name: str) -> str:
    """What to name instead, where no subject has that name; else nothing."""
    scheme, rest = _split(name)
    refusal = scheme.refusal(rest) if scheme else ""
    if not refusal and (scheme or name in SUBJECTS or name in ALIASES):
        return ""
    among = f"the subject must be module:Class, or among {', '.join(names())}"
    return f"{among}; {refusal}" if refusal else among


def is_class(text: str) -> bool:
    """Whether that text names a class of the user's own: module:Class."""
    module, colon, kind = text.partition(":")
    return bool(colon) and text not in SUBJECTS and module not in (*SCHEMES, *ALIASES) and kind.isidentifier()


def loaded(text: str) -> Subject:
    """The subject of that name, or the one that the named class makes without arguments."""
    if not is_class(text):
        return subject(text)
    module, _, kind = text.partition(":")
    instance = getattr(import_module(module), kind)()
    if not isinstance(instance, Subject):
        raise TypeError(f"{text} is no subclass of {Subject.__module__.rpartition('.')[0]}.Subject")
    return instance


def doubts(stream: str) -> tuple[str, ...]:
    """Why the origin would have other bits here: torch's depend on its version and the machine, others on nothing."""
    return environment().doubts if stream == TORCH.name else ()


def origin(stream: str) -> Subject | None:
    """The subject that has the stream's bits on this machine by definition, or None."""
    return subject(ORIGINS[stream]) if stream in ORIGINS and not doubts(stream) else None


def twin_of(tested: Subject, case: Case) -> Subject | None:
    """The subject whose bits it must have: the twin that it names, else the origin of the stream that it promises.

    None where it promises no bits, or nobody here has them, as of functions or parameters that the origin lacks; nobody
    is compared with himself.
    """
    twin, stream = tested.twin(case), tested.bits_of
    if twin is not None or stream is None or ORIGINS.get(stream) == tested.name:
        return twin
    source = origin(stream)
    return source if source and source.makes(case) else None
