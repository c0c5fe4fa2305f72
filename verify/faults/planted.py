"""All planted faults by name, and the subjects that have one; a fault from outside is one more entry of PLANTED."""

from __future__ import annotations

from ..subjects.catalogue import ALIASES, SCHEMES, SUBJECTS, Scheme, subject
from .counter_table import COUNTER_FAULTS
from .fault import Fault, Faulty
from .table import FAULTS

PLANTED: dict[str, Fault] = {**FAULTS, **COUNTER_FAULTS}


def planted(text: str) -> Faulty:
    """The subject of `NAME` or `NAME@SUBJECT`."""
    name, _, base = text.partition("@")
    return Faulty(PLANTED[name], subject(base or PLANTED[name].subject))


def refusal(text: str) -> str:
    """What a fault and its subject may be, where that text names none; else nothing."""
    name, separator, base = text.partition("@")
    valid = name in PLANTED and (not separator or base in SUBJECTS or base in ALIASES)
    return "" if valid else f"a fault may be followed by @ and {' or '.join(SUBJECTS)}"


SCHEMES["fault"] = Scheme(planted, refusal, PLANTED.keys, "fault:NAME[@SUBJECT]", __package__)
