"""Elementwise laws by position: uniform_, normal_, trunc_normal_."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ....arrays.target import Target
from ....arrays.walks.memory import Memory
from ....devices.threads import share_out
from ....dtypes import ELEMENTS
from ....kernels.code.cpu_loader import kernel, short_kernel
from ....laws.law import Normal, TruncNormal, Uniform
from ...short import SMALL, ShortCall, keep
from ..engine import CounterEngine
from .places import SHORT, Place, place_of, starting_at
from .transposed import fill_turned

Realise = Callable[[CounterEngine], None]
Numbers = ctypes.Array[Any]


def uniform(target: Target, law: Uniform) -> Realise:
    """fma(u, hi - lo, lo), never above the largest value below hi; half types not below the smallest from lo on."""
    return _by_position(target, law, "uniform", _uniform_numbers(law.lo, law.hi, target.element.real.name))


@lru_cache(maxsize=1024)
def _uniform_numbers(lo: float, hi: float, name: str) -> Numbers:
    """lo, hi - lo, the smallest and the largest value that a fill may have."""
    real = ELEMENTS[name]
    computed = real.computed
    if lo < hi and real.itemsize == 2:
        bottom, top = real.within(lo, hi, "[a, b)")
    else:
        bottom = real.rounded(lo)
        top = max(bottom, real.greatest(hi, below=True)) if lo < hi else bottom
    return _numbers(name, (computed.rounded(lo), hi - lo, bottom + 0.0, top + 0.0))  # no -0.0


def normal(target: Target, law: Normal) -> Realise:
    """Box-Muller on word pairs."""
    return _by_position(target, law, "normal", normal_parameters(target, law))


def normal_parameters(target: Target, law: Normal) -> Numbers:
    """Mean and std; a complex number is two reals of half its variance."""
    std = law.component_std(target.element)
    return _numbers(target.element.real.name, (law.mean, std))


def trunc_normal(target: Target, law: TruncNormal) -> Realise:
    """The inverse CDF, in the regime that suits the interval."""
    from ..truncation import prepared  # not at import time: it brings decimal

    Normal(law.mean, law.std).check(target.element, math.prod(target.whole))
    if not law.lo <= law.hi:
        raise RuntimeError(
            f"trunc_normal_ expects to return a [a, b] range, but found a={law.lo:g} > b={law.hi:g}"
        )
    ready = prepared(law.mean, law.std, law.lo, law.hi, target.element.name)
    return _by_position(target, law, ready.regime, _numbers(target.element.real.name, ready.parameters))


def _numbers(name: str, parameters: Sequence[float]) -> Numbers:
    """Parameters as the kernels read them; ctypes converts without NumPy's floating-point errors."""
    real = ctypes.c_double if ELEMENTS[name].computed.itemsize == 8 else ctypes.c_float
    return (real * len(parameters))(*parameters)


def _by_position(
    target: Target, law: Uniform | Normal | TruncNormal, kind: str, parameters: Numbers
) -> Realise:
    """``kind``'s kernel over the whole target."""

    def realise(engine: CounterEngine) -> None:
        if target.device is not None:
            from ..cuda.elementwise import fill_on_device

            fill_on_device(target, kind, engine.take(), tuple(parameters))
            return
        fill_reals(target, kind, engine.drawing(), parameters)
        if (
            target.contiguous
            and target.size < SMALL
            and target.block is None
            and not isinstance(law, TruncNormal)
        ):
            run, first, second = short_kernel(
                _name(target, kind), SHORT.ctypes.data, ctypes.addressof(parameters)
            )
            keep(
                law, CounterEngine, target, ShortCall(target.element.parts, 1, run, first, second, parameters)
            )

    return realise


def _name(target: Target, kind: str) -> str:
    return f"counter_{kind}_{target.element.real.name}"


def fill_reals(target: Target, kind: str, state: int, parameters: Numbers) -> None:
    """``kind``'s kernel over all reals of the target, in C order, shared by the threads."""
    run, memory, whole = kernel(_name(target, kind)), Memory(target, logical=True), place_of(target)

    def fill(address: int, reals: int, place: Place) -> None:
        run(state, address, reals, place.ctypes.data, ctypes.addressof(parameters))

    def work(start: int, count: int) -> None:
        memory.each(start, count, lambda address, at, n: fill(address, n, starting_at(whole, at)))

    if memory.dense or not fill_turned(target, fill):
        share_out(memory.reals, work)
