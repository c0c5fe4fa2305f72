"""What a random stream does to a law: its largest normal, its ends, and how it truncates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf, log, sqrt
from typing import Literal

import numpy as np
from scipy.special import ndtr

from ..cases import layouts
from ..cases.case import Case
from ..cases.formats import FORMATS
from . import reference
from .reference import Exactly, Haar, TruncatedNormal, Uniform


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


def proposes_uniforms(law: TruncatedNormal) -> bool:
    """Whether torch draws no normals for it, but uniforms that it accepts by their density."""
    alpha, beta = (law.low - law.mean) / law.std, (law.high - law.mean) / law.std
    return bool(ndtr(beta) - ndtr(alpha) <= 0.3)


def draws_in_blocks(case: Case) -> bool:
    """Whether torch makes normals 16 at a time: of 16 reals or more, in C order; else in double, pair by pair."""
    reals = case.size * (2 if FORMATS[case.dtype].kind == "complex" else 1)
    base = np.empty(layouts.base_shape(case.layout, case.shape), np.bool_)
    return reals >= 16 and layouts.view(base, case.layout).flags.c_contiguous


def libm_functions(case: Case) -> tuple[str, ...]:
    """The functions of doubles that torch's stream has from the C library there: of normals that are no float32 blocks.

    A decision about a uniform candidate of trunc_normal_ is not counted: see FLIP_RATE in checks/bits.py.
    """
    law = reference.law(case) if case.size else None
    if law is None or isinstance(law, Uniform | Exactly):
        return ()
    if isinstance(law, TruncatedNormal) and proposes_uniforms(law):
        return ()
    if isinstance(law, Haar):
        case = normals_case(case, law)
    if not draws_in_blocks(case):
        return ("log1p", "sin", "cos")
    return ("log", "sin", "cos") if FORMATS[case.dtype].real == "float64" else ()


def _torchs_largest_normal(case: Case) -> float:
    wide = FORMATS[case.dtype].real == "float64" or not draws_in_blocks(case)
    return box_muller_reach(53 if wide else 24)


def _counters_largest_normal(case: Case) -> float:
    return box_muller_reach(53 if FORMATS[case.dtype].real == "float64" else 32)


TORCH = Stream(
    "torch", end="low", truncation="torch", largest_normal=_torchs_largest_normal, factors_normals=True
)

# Uniforms are the 24 (53) high bits in one fma, normals Box-Muller with 32 (53) bits in the radius, truncated normals
# the inverse distribution function; two-byte values are float32 fills rounded once and kept inside their bounds.
COUNTER_STREAM = Stream("counter", end="below", inside=True, largest_normal=_counters_largest_normal)
