"""Elementwise laws by position: uniform_, normal_, trunc_normal_."""

from __future__ import annotations

import ctypes

from ....arrays.target import Target
from ....arrays.walks.memory import Memory
from ....devices.threads import share_out
from ....kernels.code.cpu_loader import kernel, short_kernel
from ....laws.law import Normal, TruncNormal, Uniform
from ...exclusive import Realise
from ...short import SMALL, ShortCall, keep
from ..engine import CounterEngine
from ..parameters import Parameters, parameters_of
from .places import SHORT, Place, place_of, starting_at
from .transposed import fill_turned


def elementwise(target: Target, law: Uniform | Normal | TruncNormal) -> Realise:
    """The kernel of the law's kind over the whole target."""
    kind, parameters = parameters_of(target, law)

    def realise(engine: CounterEngine) -> None:
        fill_reals(target, kind, engine.cursor(), parameters)
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


def fill_reals(target: Target, kind: str, state: int, parameters: Parameters) -> None:
    """``kind``'s kernel over all reals of the target, in C order, shared by the threads."""
    run, memory, whole = kernel(_name(target, kind)), Memory(target, logical=True), place_of(target)

    def fill(address: int, reals: int, place: Place) -> None:
        run(state, address, reals, place.ctypes.data, ctypes.addressof(parameters))

    def work(start: int, count: int) -> None:
        memory.each(start, count, lambda address, at, n: fill(address, n, starting_at(whole, at)))

    if memory.dense or not fill_turned(target, fill):
        share_out(memory.reals, work)
