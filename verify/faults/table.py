"""Planted faults: wrong initializers, made by wrapping a right one. Each must turn verify red; tests see to it.

A fault is a row of the table: what it breaks, in which functions, the checks that see it (`bits` and `state` need
a twin, the others do not), words its diagnosis must contain, and methods other than `fill` that it puts in the place
of the wrapped subject's. The mutated values are made from the wrapped subject's own fills, so any subject can be
given any fault; those that only the counter stream can have are in counter_faults.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import sqrt
from typing import Any

from ..cases.case import Case
from ..cases.functions import FUNCTIONS
from ..laws.reference import Law
from ..laws.streams import TORCH
from ..subjects import Filled, Subject
from ..subjects.base import KnownDivergence
from . import broken_formulas as breaks
from . import broken_streams as stream_breaks

Break = Callable[[Subject, Case, int], Filled]


@dataclass(frozen=True)
class Fault:
    """One planted fault."""

    name: str
    functions: tuple[str, ...]
    broken: Break
    seen_by: tuple[str, ...]
    example: Case
    diagnosis: str = ""
    replaces: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    subject: str = "refinit:torch"  # what it is planted in where nothing else is named


class Faulty(Subject):
    """A subject with a planted fault; it claims the same law, the same bits and the same twin."""

    name, stream = "fault", TORCH  # each one has its base's

    def __init__(self, fault: Fault, base: Subject) -> None:
        self.fault, self.base = fault, base
        self.name = f"fault:{fault.name}@{base.name}"
        self.stream, self.bits_of = base.stream, base.bits_of
        self.functions, self.budgets = base.functions, base.budgets

    def fill(self, case: Case, seed: int) -> Filled:
        """The faulty fill, where the fault touches that function."""
        if case.function in self.fault.functions and case.size:
            return self.fault.broken(self.base, case, seed)
        return self.base.fill(case, seed)

    def law(self, case: Case) -> Law | None:
        """The wrapped subject's law."""
        return self.base.law(case)

    def draws(self, case: Case) -> int:
        """As often as the wrapped subject."""
        return self.base.draws(case)

    def twin(self, case: Case) -> Subject | None:
        """The twin of the wrapped subject; of a subject without one, that subject itself."""
        return self.base.twin(case) or self.base

    def _method(self, name: str) -> Callable[..., Any]:
        """The wrapped subject's method, or the fault's in its place."""
        broken = self.fault.replaces.get(name)
        return getattr(self.base, name) if broken is None else partial(broken, self.base)

    def related(self, case: Case, seed: int) -> dict[str, list[Filled]]:
        """The wrapped subject's, but with this one's own fills where only those are needed."""
        fills: dict[str, list[Filled]] = self._method("related")(case, seed)
        return {**fills, **super().related(case, seed)}

    def untouched(self, seed: int) -> bytes | None:
        """The wrapped subject's."""
        return self.base.untouched(seed)

    def gain(self, nonlinearity: str, parameter: float | None) -> float:
        """The wrapped subject's gains, where the fault is not in them."""
        return float(self._method("gain")(nonlinearity, parameter))

    def fans(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """The wrapped subject's fans, where the fault is not in them."""
        fan_in, fan_out = self._method("fans")(shape)
        return fan_in, fan_out

    def divergences(self) -> Sequence[KnownDivergence]:
        """The wrapped subject's."""
        return self.base.divergences()

    def attempt(self, known: KnownDivergence) -> str:
        """The wrapped subject's outcome, where the fault is not in refusals."""
        return str(self._method("attempt")(known))


class Unclaimed(Faulty):
    """The same fault in a subject that promises nobody's bits: only laws can judge it."""

    def __init__(self, fault: Fault, base: Subject) -> None:
        super().__init__(fault, base)
        self.bits_of = None

    def twin(self, case: Case) -> Subject | None:  # noqa: ARG002 - that is the point
        """None."""
        return None


_CONV, _MATRIX = (64, 32, 3, 3), (400, 100)
_XAVIER, _KAIMING = ("xavier_uniform_", "xavier_normal_"), ("kaiming_uniform_", "kaiming_normal_")
_UNIFORM = ("uniform_", "xavier_uniform_", "kaiming_uniform_")
_DRAWN = tuple(name for name, function in FUNCTIONS.items() if function.random and name != "orthogonal_")


def _case(
    function: str, shape: tuple[int, ...], dtype: str = "float32", layout: str = "contiguous", **named: object
) -> Case:
    return Case(function, shape, dtype, tuple(named.items()), layout)


_TABLE = (
    Fault("fans_swapped", _KAIMING, breaks.fans_swapped, ("bits", "variance", "cells"),
          _case("kaiming_normal_", _MATRIX, nonlinearity="relu"), "fans swapped"),
    Fault("receptive_field_ignored", (*_XAVIER, *_KAIMING), breaks.no_receptive_field,
          ("bits", "variance", "cells"), _case("kaiming_normal_", _CONV), "receptive field"),
    Fault("sqrt3_missing", ("xavier_uniform_", "kaiming_uniform_"), breaks.sqrt3_missing,
          ("bits", "variance", "cells", "extremes"), _case("kaiming_uniform_", _MATRIX), "sqrt(3)"),
    Fault("gain_twice", (*_XAVIER, *_KAIMING), breaks.gain_twice, ("bits", "variance", "cells"),
          _case("kaiming_normal_", _CONV, nonlinearity="tanh"), "gain applied twice"),
    Fault("gain_ignored", _XAVIER, breaks.parameters_ignored, ("bits", "variance"),
          _case("xavier_normal_", _MATRIX, gain=5 / 3), "gain ignored"),
    Fault("slope_ignored", _KAIMING, breaks.slope_ignored, ("bits", "variance", "cells"),
          _case("kaiming_uniform_", _MATRIX, a=sqrt(5.0)), "a ignored"),
    Fault("bound_reordered", ("kaiming_uniform_",), breaks.bound_reordered, ("bits",),
          _case("kaiming_uniform_", (75, 100), "float64", nonlinearity="relu"), "order of operations"),
    Fault("upper_bound_included", _UNIFORM, breaks.upper_bound_included, ("bits", "support"),
          _case("uniform_", _MATRIX, "bfloat16"), "upper bound"),
    Fault("std_is_variance", ("normal_",), breaks.std_is_variance, ("bits", "variance"),
          _case("normal_", _MATRIX, std=0.5), "std squared"),
    Fault("std_one_percent_off", ("normal_", "kaiming_normal_", "xavier_normal_"), breaks.one_percent,
          ("bits", "variance"), _case("normal_", (1000, 1000))),
    Fault("mean_ignored", ("normal_",), breaks.mean_ignored, ("bits", "mean"),
          _case("normal_", _MATRIX, mean=1.5, std=0.5), "mean ignored"),
    Fault("clamp_for_truncate", ("trunc_normal_",), breaks.clamped, ("bits", "cells"),
          _case("trunc_normal_", _MATRIX), "clamped"),
    Fault("dirac_centre", ("dirac_",), breaks.dirac_centre, ("bits", "structure"),
          _case("dirac_", (6, 4, 2, 4)), "even kernel"),
    Fault("dirac_groups_ignored", ("dirac_",), breaks.parameters_ignored, ("bits", "structure"),
          _case("dirac_", (24, 5, 3, 5), groups=3), "groups ignored"),
    Fault("constant_by_half", ("constant_",), breaks.constant_by_half, ("bits", "structure"),
          _case("constant_", (16,), val=0.3)),
    Fault("sparse_floor", ("sparse_",), breaks.sparse_floor, ("bits", "zeros"),
          _case("sparse_", (37, 50), sparsity=0.1), "floor"),
    Fault("sparse_mask_reused", ("sparse_",), breaks.mask_reused, ("bits", "mask"),
          _case("sparse_", (64, 128), sparsity=0.5), "same zeros in every column"),
    Fault("sparse_by_row", ("sparse_",), breaks.sparse_by_row, ("bits", "zeros"),
          _case("sparse_", (64, 128), sparsity=0.5), "per row"),
    Fault("signs_not_fixed", ("orthogonal_",), breaks.signs_not_fixed, ("backward error", "haar"),
          _case("orthogonal_", (8, 8)), "sign"),
    Fault("stale_tail", _DRAWN, stream_breaks.stale_tail, ("bits",), _case("normal_", (100, 9)), "last 16"),
    Fault("last_unwritten", _DRAWN, breaks.last_unwritten, ("bits", "support"), _case("uniform_", (7, 11)),
          "not written"),
    Fault("last_unwritten_orthogonal", ("orthogonal_",), breaks.last_unwritten, ("backward error",),
          _case("orthogonal_", (100, 100))),
    Fault("transposed_write", ("normal_", "uniform_"), breaks.transposed, ("bits",), _case("normal_", _MATRIX),
          "transposed"),
    Fault("state_not_advanced", _DRAWN, stream_breaks.not_advanced, ("state",), _case("normal_", _MATRIX),
          "not advanced"),
    Fault("stream_duplicated", ("normal_", "uniform_"), stream_breaks.duplicated, ("bits", "dependence"),
          _case("normal_", _MATRIX), "repeats"),
    Fault("seed_bit_ignored", ("normal_", "uniform_"), stream_breaks.seed_bit_ignored, ("neighbouring seeds",),
          _case("uniform_", _MATRIX)),
    Fault("words_repeated", ("normal_", "uniform_"), stream_breaks.words_repeated, ("bits", "lanes and words", "lags"),
          _case("normal_", _MATRIX)),
    Fault("radius_shared", ("normal_",), stream_breaks.radius_shared, ("bits", "lags"), _case("normal_", _MATRIX)),
    Fault("fill_number_stuck", (), breaks.nothing, ("consecutive fills",), _case("uniform_", _MATRIX),
          replaces={"related": stream_breaks.fill_number_stuck}),
    Fault("bfloat16_truncated", _UNIFORM, breaks.truncated_bits, ("bits", "cells"),
          _case("uniform_", (512, 512), "bfloat16")),
    Fault("writes_beside", _DRAWN, breaks.spills, ("outside",), _case("normal_", (40, 30), layout="sliced")),
    Fault("selu_gain_is_one", (), breaks.nothing, ("gains",), _case("normal_", (3,)),
          replaces={"gain": breaks.selu_gain_is_one}),
    Fault("fans_function_swapped", (), breaks.nothing, ("fans",), _case("normal_", (3,)),
          replaces={"fans": breaks.fans_function_swapped}),
    Fault("nonsense_accepted", (), breaks.nothing, ("refusal",), _case("trunc_normal_", (3,)),
          replaces={"attempt": breaks.nonsense_accepted}),
)  # fmt: skip

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _TABLE}
