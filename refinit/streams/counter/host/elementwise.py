"""Elementwise laws by position: uniform_, normal_, trunc_normal_."""

from __future__ import annotations

import ctypes

from ....arrays.target import Target
from ....arrays.walks.memory import Memory
from ....devices.threads import share_out
from ....kernels.code.cpu_loader import kernel
from ....laws.law import Normal, TruncNormal, Uniform
from ...engine import Realise
from ...short import SMALL, keep
from ..engine import CounterEngine, exhausted
from ..parameters import Parameters, parameters_of
from .blocks import WHOLE, Block, block_of, starting_at
from .transposed import fill_transposed

_WHOLE_ADDRESS: int = WHOLE.ctypes.data


def elementwise(target: Target, law: Uniform | Normal | TruncNormal) -> Realise:
    """The kernel of the law's kind over the whole target."""
    kind, parameters = parameters_of(target, law)
    plain = target.contiguous and target.aligned and target.block is None

    def realise(engine: CounterEngine) -> None:
        if plain and target.size < SMALL and not isinstance(law, TruncNormal):
            _fill_small(target, law, kind, parameters, engine)
        else:
            fill_reals(target, kind, parameters, engine.cursor())

    return realise


def _fill_small(
    target: Target, law: Uniform | Normal, kind: str, parameters: Parameters, engine: CounterEngine
) -> None:
    """By the kernel that takes the next fill number itself; the next such array comes to it by the short way."""
    name = f"counter_next_{kind}_{target.element.real.name}"
    arguments = _WHOLE_ADDRESS, ctypes.addressof(parameters)
    if kernel(name)(engine.short_cursor, target.pointer, target.size * target.element.parts, *arguments):
        raise exhausted()
    keep(law, CounterEngine, target, name, arguments, owner=parameters)


def fill_reals(target: Target, kind: str, parameters: Parameters, cursor: int) -> None:
    """``kind``'s kernel over all reals of the target, in C order, shared by the threads."""
    run = kernel(f"counter_{kind}_{target.element.real.name}")
    memory, whole = Memory(target, logical=True), block_of(target)

    def fill(address: int, reals: int, block: Block) -> None:
        run(cursor, address, reals, block.ctypes.data, ctypes.addressof(parameters))

    def work(start: int, count: int) -> None:
        memory.each(start, count, lambda address, first, n: fill(address, n, starting_at(whole, first)))

    if memory.dense or not fill_transposed(target, fill):
        share_out(memory.reals, work)
