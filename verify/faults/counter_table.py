"""Planted faults that only the counter stream can have; rows as in faults.py."""

from __future__ import annotations

from ..cases.case import Case
from . import broken_formulas as breaks
from . import broken_positions as counter_breaks
from . import broken_streams as stream_breaks
from .table import FAULTS, Fault

_MATRIX = (400, 100)
_VALUES = ("uniform_", "normal_")


def _fault(
    name: str, broken: object, seen_by: tuple[str, ...], functions: tuple[str, ...] = _VALUES, **more: object
) -> Fault:
    example = Case(functions[0], _MATRIX)
    fields = {"example": example, "subject": "refinit:counter", **more}
    return Fault(name, functions, broken, seen_by, **fields)  # type: ignore[arg-type]


_UNIFORM, _NORMAL = ("uniform_",), ("normal_",)
_TABLE = (
    _fault("lane_off_by_one", counter_breaks.lane_off_by_one, ("bits",), diagnosis="another order"),
    _fault("words_reversed", counter_breaks.words_reversed, ("bits",), diagnosis="another order"),
    _fault("words_beside_each_other", counter_breaks.words_beside, ("bits",), diagnosis="another order"),
    _fault("low_bits", counter_breaks.low_bits, ("bits",), _UNIFORM),
    _fault("bound_reached", counter_breaks.bound_reached, ("bits", "support", "cells"), _UNIFORM,
           example=Case("uniform_", _MATRIX, "bfloat16"), diagnosis="upper bound included?"),
    _fault("key_halves_swapped", counter_breaks.key_halves_swapped, ("bits", "state")),
    _fault("tails_cut", counter_breaks.tails_cut, ("bits",), _NORMAL),
    _fault("shard_off_by_one", counter_breaks.shard_off_by_one, ("bits",),
           example=Case("normal_", _MATRIX, source="shards"), diagnosis="first difference at (134, 0)"),
    _fault("orthogonal_of_another_fill", counter_breaks.of_another_seed, ("agreement",), ("orthogonal_",),
           example=Case("orthogonal_", (100, 60))),
    _fault("name_cut", breaks.nothing, ("sibling substreams",), diagnosis="name ignored?",
           replaces={"related": stream_breaks.name_cut}),
)  # fmt: skip

COUNTER_FAULTS: dict[str, Fault] = {fault.name: fault for fault in _TABLE}
PLANTED: dict[str, Fault] = {**FAULTS, **COUNTER_FAULTS}
