"""What a random stream does to a law: its largest normal, its ends, and how it truncates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf, log, sqrt
from typing import Literal

from ..cases.case import Case
from ..cases.formats import FORMATS
from .reference import Haar


def box_muller_reach(bits: int) -> float:
    """The largest normal of Box-Muller, in standard deviations, where that many bits give the radius."""
    return sqrt(2.0 * bits * log(2.0))


@dataclass(frozen=True)
class Stream:
    """A stream by name, described as far as the exact laws of its elements depend on it.

    `end`: what a uniform value that rounds to the excluded upper bound becomes: the lower bound, or the largest value
    below the upper one. `truncation`: how trunc_normal_ is made in two-byte formats, as torch makes it out of rounded
    candidates, or as the exact law rounded once. `inside`: whether a two-byte value that rounds to outside of [a, b]
    (a truncated one of any format) is moved inside, or else stays on the rounded bound. `largest_normal`: no normal
    of that case lies farther from its mean, in standard deviations. `factors_normals`: whether orthogonal_ is the Q,
    R's diagonal being positive, of the normals that the same seed gives; the Haar law alone does not ask for that.
    """

    name: str
    end: Literal["low", "below"]
    truncation: Literal["torch", "rounded once"] = "rounded once"
    inside: bool = False
    largest_normal: Callable[[Case], float] = field(default=lambda case: inf)
    factors_normals: bool = False


def normals_case(case: Case, law: Haar) -> Case:
    """The call that draws the matrix which orthogonal_ factorises."""
    return replace(
        case, function="normal_", shape=(law.rows, law.columns), parameters=(), layout="contiguous"
    )


def _torchs_largest_normal(case: Case) -> float:
    """torch draws in double for every dtype where there are fewer than 16 elements, or scattered ones."""
    blocked = case.size >= 16 and case.layout == "contiguous"
    return box_muller_reach(24 if blocked and FORMATS[case.dtype].real != "float64" else 53)


def _counters_largest_normal(case: Case) -> float:
    return box_muller_reach(53 if FORMATS[case.dtype].real == "float64" else 32)


TORCH = Stream(
    "torch", end="low", truncation="torch", largest_normal=_torchs_largest_normal, factors_normals=True
)

# Uniforms are the 24 (53) high bits in one fma, normals Box-Muller with 32 (53) bits in the radius, truncated normals
# the inverse distribution function; two-byte values are float32 fills rounded once and kept inside their bounds.
COUNTER_STREAM = Stream("counter", end="below", inside=True, largest_normal=_counters_largest_normal)
