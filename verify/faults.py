"""Planted faults: wrong initializers, made by wrapping a right one. Each must turn verify red; tests see to it.

A fault is a row of the table: what it breaks, in which functions, the checks that see it (`bits` and `state` need
a twin, the others do not), and words its diagnosis must contain. The mutated values are made from the wrapped
subject's own fills, so any subject can be given any fault.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

from . import breaks
from .cases import FUNCTIONS, Case
from .subjects import Filled, Subject
from .subjects.base import ACCEPTED, KnownDivergence

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


class Faulty(Subject):
    """A subject with a planted fault; it claims the same law and the same twin."""

    def __init__(self, fault: Fault, base: Subject) -> None:
        self.fault, self.base = fault, base
        self.name = f"fault:{fault.name}@{base.name}"
        self.stream = base.stream

    def fill(self, case: Case, seed: int) -> Filled:
        """The faulty fill, where the fault touches that function."""
        if case.function in self.fault.functions and case.size:
            return self.fault.broken(self.base, case, seed)
        return self.base.fill(case, seed)

    def twin(self, case: Case) -> Subject | None:
        """The twin of the wrapped subject; of a subject without one, that subject itself."""
        return self.base.twin(case) or self.base

    def gain(self, nonlinearity: str, parameter: float | None) -> float:
        """The wrapped subject's gains, but for the fault in the table of gains."""
        right = self.base.gain(nonlinearity, parameter)
        return 1.0 if self.fault.name == "selu_gain_is_one" and nonlinearity == "selu" else right

    def fans(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """The wrapped subject's fans, but for the fault in them."""
        fan_in, fan_out = self.base.fans(shape)
        return (fan_out, fan_in) if self.fault.name == "fans_function_swapped" else (fan_in, fan_out)

    def divergences(self) -> Sequence[KnownDivergence]:
        """The wrapped subject's."""
        return self.base.divergences()

    def attempt(self, known: KnownDivergence) -> str:
        """The wrapped subject's outcome, but for the fault that refuses nothing."""
        return ACCEPTED if self.fault.name == "nonsense_accepted" else self.base.attempt(known)


class Unclaimed(Faulty):
    """The same fault in a subject nobody has a twin for: only laws can judge it."""

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
    Fault("stale_tail", _DRAWN, breaks.stale_tail, ("bits",), _case("normal_", (100, 9)), "last 16"),
    Fault("last_unwritten", _DRAWN, breaks.last_unwritten, ("bits", "support"), _case("uniform_", (7, 11)),
          "not written"),
    Fault("transposed_write", ("normal_", "uniform_"), breaks.transposed, ("bits",), _case("normal_", _MATRIX),
          "transposed"),
    Fault("state_not_advanced", _DRAWN, breaks.not_advanced, ("state",), _case("normal_", _MATRIX), "not advanced"),
    Fault("stream_duplicated", ("normal_", "uniform_"), breaks.duplicated, ("bits", "dependence"),
          _case("normal_", _MATRIX), "repeats"),
    Fault("bfloat16_truncated", _UNIFORM, breaks.truncated_bits, ("bits", "cells"),
          _case("uniform_", (512, 512), "bfloat16")),
    Fault("writes_beside", _DRAWN, breaks.spills, ("outside",), _case("normal_", (40, 30), layout="sliced")),
    Fault("selu_gain_is_one", (), breaks.nothing, ("gains",), _case("normal_", (3,))),
    Fault("fans_function_swapped", (), breaks.nothing, ("fans",), _case("normal_", (3,))),
    Fault("nonsense_accepted", (), breaks.nothing, ("refusal",), _case("trunc_normal_", (3,))),
)  # fmt: skip

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _TABLE}
