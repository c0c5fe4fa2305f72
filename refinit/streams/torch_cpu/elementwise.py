"""uniform_ and normal_ on torch's stream.

Two ways through ``normal_`` exist, as in torch: 16 and more reals in C order go by blocks of 16 (the vector path),
anything else one by one in double.  Everything is dealt out in memory order.
"""

from __future__ import annotations

import numpy as np

from ...arrays.target import Target
from ...arrays.walks.memory import Memory
from ...kernels.code.cpu_loader import kernel
from ...laws.law import Normal, Uniform
from ..short import SMALL, keep
from .chunks import in_chunks, words_per_real
from .engine import TorchCpuEngine
from .mt19937 import Mt19937


def fill_uniform(target: Target, law: Uniform, mt: Mt19937) -> None:
    """One word per real, two for float64, in memory order."""
    name, bounds = f"uniform_{target.element.real.name}", (law.lo, law.hi)
    if _is_small(target):
        _fill_small(target, law, name, bounds, mt)
    else:
        _fill_large(target, name, bounds, mt)


def fill_normal(target: Target, law: Normal, mt: Mt19937) -> None:
    """Blocks of 16 in C order, else one by one; a complex number is two reals of half its variance."""
    name, parameters = target.element.real.name, (law.mean, law.component_std(target.element))
    if _is_small(target):
        _fill_small(target, law, f"normal_few_{name}", parameters, mt)
    elif target.contiguous:
        _fill_large(target, f"normal_{name}", parameters, mt)
    else:
        _normal_one_by_one(target, *parameters, mt)


def _is_small(target: Target) -> bool:
    return target.contiguous and target.size * target.element.parts < SMALL


def _fill_small(
    target: Target, law: Uniform | Normal, name: str, parameters: tuple[float, float], mt: Mt19937
) -> None:
    """One call of a kernel; the next such array comes to it by the short way."""
    keep(law, TorchCpuEngine, target, name, parameters)
    kernel(name)(mt.cursor, target.pointer, target.size * target.element.parts, *parameters)


def _fill_large(target: Target, name: str, parameters: tuple[float, float], mt: Mt19937) -> None:
    fill, memory, words = kernel(name), Memory(target), words_per_real(target.element)

    def work(cursors: tuple[int, ...], start: int, count: int) -> int:
        (cursor,) = cursors
        return memory.each(start, count, lambda address, _, n: fill(cursor, address, n, *parameters))

    in_chunks(memory.reals, (mt.cursor,), lambda count: count * words, work)


def _normal_one_by_one(target: Target, mean: float, std: float, mt: Mt19937) -> None:
    memory = Memory(target)
    fill = kernel(f"normal_serial_{target.element.real.name}")
    first = 1 if mt.waiting is not None else 0  # then pairs begin at element 1
    if first:
        memory.each(0, 1, lambda address, _, n: fill(0, mt.cache, address, n, mean, std))
    remaining = memory.reals - first
    if remaining == 0:
        return

    def work(cursors: tuple[int, ...], start: int, count: int) -> int:
        (cursor,) = cursors
        # pairs are whole but for the fill's end, so only the last chunk leaves one waiting
        spare = np.zeros(2)
        cache = mt.cache if start + count == remaining else spare.ctypes.data
        return memory.each(
            first + start, count, lambda address, _, n: fill(cursor, cache, address, n, mean, std)
        )

    in_chunks(remaining, (mt.cursor,), lambda count: 2 * count, work)
