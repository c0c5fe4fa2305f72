"""Elementwise laws as kernels by position know them: a kind, which names the kernel, and the numbers it reads."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ..._fork import undivided
from ...arrays.target import Target
from ...dtypes import ELEMENTS
from ...laws.law import Normal, TruncNormal, Uniform

Parameters = ctypes.Array[Any]


def parameters_of(target: Target, law: Uniform | Normal | TruncNormal) -> tuple[str, Parameters]:
    """The law's kind, "uniform", "normal" or a regime of the truncated normal, and its parameters, all checked."""
    return _PARAMETERS[type(law)](target, law)


def _uniform(target: Target, law: Uniform) -> tuple[str, Parameters]:
    """fma(u, hi - lo, lo), never above the largest value below hi; half types not below the smallest from lo on."""
    return "uniform", _uniform_parameters(law.lo, law.hi, target.element.real.name)


@lru_cache(maxsize=1024)
def _uniform_parameters(lo: float, hi: float, name: str) -> Parameters:
    """lo, hi - lo, the smallest and the largest value that a fill may have."""
    real = ELEMENTS[name]
    computed = real.computed
    if lo < hi and real.itemsize == 2:
        bottom, top = real.within(lo, hi, "[a, b)")
    else:
        bottom = real.rounded(lo)
        top = max(bottom, real.greatest(hi, below=True)) if lo < hi else bottom
    return _converted(name, (computed.rounded(lo), hi - lo, bottom + 0.0, top + 0.0))  # no -0.0


def _normal(target: Target, law: Normal) -> tuple[str, Parameters]:
    """Mean and std; a complex number is two reals of half its variance."""
    std = law.component_std(target.element)
    return "normal", _converted(target.element.real.name, (law.mean, std))


def _trunc_normal(target: Target, law: TruncNormal) -> tuple[str, Parameters]:
    """The inverse CDF, in the regime that suits the interval."""
    with undivided():
        from .truncation.parameters import truncation_parameters  # not at import time: it brings decimal

    Normal(law.mean, law.std).check(target.element, math.prod(target.whole))
    if not law.lo <= law.hi:
        raise RuntimeError(
            f"trunc_normal_ expects to return a [a, b] range, but found a={law.lo:g} > b={law.hi:g}"
        )
    name = target.element.name
    regime, parameters, _, _ = truncation_parameters(law.mean, law.std, law.lo, law.hi, name)
    return regime, _converted(name, parameters)


def _converted(name: str, parameters: Sequence[float]) -> Parameters:
    """In the arithmetic type of element type ``name``; ctypes converts without NumPy's floating-point errors."""
    real = ctypes.c_double if ELEMENTS[name].computed.itemsize == 8 else ctypes.c_float
    return (real * len(parameters))(*parameters)


_PARAMETERS: dict[type, Callable[[Target, Any], tuple[str, Parameters]]] = {
    Uniform: _uniform,
    Normal: _normal,
    TruncNormal: _trunc_normal,
}
