"""Planted faults that only the counter stream can have."""

from __future__ import annotations

from functools import partial

from ..cases.case import Case
from . import formula_operators as formulas
from . import position_operators as positions
from . import stream_operators as streams
from .fault import Fault

_fault = partial(Fault, subject="refinit:counter")
_UNIFORM, _NORMAL, _VALUES = ("uniform_",), ("normal_",), ("uniform_", "normal_")
_MATRIX = (400, 100)
_UNIFORMS, _NORMALS = Case("uniform_", _MATRIX), Case("normal_", _MATRIX)

_TABLE = (
    _fault("lane_off_by_one", _VALUES, positions.lane_off_by_one, ("bits",), _UNIFORMS, "another order"),
    _fault("words_reversed", _VALUES, positions.words_reversed, ("bits",), _UNIFORMS, "another order"),
    _fault("words_beside_each_other", _VALUES, positions.words_beside_each_other, ("bits",), _UNIFORMS,
           "another order"),
    _fault("low_bits", _UNIFORM, positions.low_bits, ("bits",), _UNIFORMS),
    _fault("bound_reached", _UNIFORM, positions.bound_reached, ("bits", "support", "cells"),
           Case("uniform_", _MATRIX, "bfloat16"), "upper bound included?"),
    _fault("key_halves_swapped", _VALUES, positions.key_halves_swapped, ("bits", "state"), _UNIFORMS),
    _fault("tails_cut", _NORMAL, positions.tails_cut, ("bits",), _NORMALS),
    _fault("shard_off_by_one", _VALUES, positions.shard_off_by_one, ("bits",),
           Case("normal_", _MATRIX, source="shards"), "first difference at (134, 0)"),
    _fault("orthogonal_of_another_fill", ("orthogonal_",), positions.orthogonal_of_another_fill, ("agreement",),
           Case("orthogonal_", (100, 60))),
    _fault("name_cut", _VALUES, formulas.identity, ("sibling substreams",), _UNIFORMS, "name ignored?",
           overrides={"related": streams.name_cut}),
)  # fmt: skip

COUNTER_FAULTS: dict[str, Fault] = {fault.name: fault for fault in _TABLE}
