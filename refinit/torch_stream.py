"""Random laws realised from torch's CPU stream.

Two ways through ``normal_`` exist, as in torch: 16 and more reals in C order go by blocks of 16 (the vector path),
anything else one by one in double.  Everything is dealt out in memory order.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ._kernels.loader import kernel, short_call
from .arrays import Target
from .generators import CURSOR_BYTES, Generator
from .laws import Normal, Sparse, TruncNormal, Uniform
from .memory import CHUNK, Memory, Operation, in_chunks

SMALL = 1 << 14  # below, a fill is one kernel call on memory as it lies


def _words_each(target: Target) -> int:
    return 2 if target.element.real.name == "float64" else 1


def fill_uniform(target: Target, law: Uniform, generator: Generator) -> None:
    """One word per real, two for float64, in memory order."""
    _fill_with(target, law, target.element.uniform, (law.lo, law.hi), 1, generator)


def fill_normal(target: Target, law: Normal, generator: Generator) -> None:
    """Blocks of 16 in C order, else one by one; a complex number is two reals of half its variance."""
    std = law.std / math.sqrt(2) if target.element.parts == 2 else law.std
    if target.contiguous and target.size * target.element.parts >= 16:
        _fill_with(target, law, target.element.normal, (law.mean, std), 16, generator)
    else:
        _normal_one_by_one(target, law.mean, std, generator)


def _fill_with(
    target: Target,
    law: Uniform | Normal,
    name: str,
    parameters: tuple[float, float],
    least: int,
    generator: Generator,
) -> None:
    """Kernel ``name`` over the whole target; ``least``: the fewest reals for which this is the way."""
    fill, element = kernel(name), target.element
    reals = target.size * element.parts
    if target.contiguous and reals < SMALL:
        if type(target.keep) is np.ndarray:
            law.ready[target.keep.dtype] = (element.parts, least, *short_call(name, *parameters))
        fill(generator.drawing(), target.pointer, reals, *parameters)
        return
    memory, words = Memory(target), _words_each(target)

    def work(cursors: tuple[int, ...], start: int, count: int) -> int:
        (cursor,) = cursors
        return memory.each(start, count, lambda address, at, n: fill(cursor, address, n, *parameters))

    in_chunks(reals, (generator.drawing(),), lambda count: count * words, work)


def _normal_one_by_one(target: Target, mean: float, std: float, generator: Generator) -> None:
    memory = Memory(target)
    fill = kernel(target.element.normal_serial)
    first = 1 if generator.has_waiting() else 0  # then pairs begin at element 1
    if first:
        memory.each(0, 1, lambda address, at, n: fill(0, generator.cache, address, n, mean, std))
    rest = memory.reals - first
    if rest == 0:
        return

    def work(cursors: tuple[int, ...], start: int, count: int) -> int:
        (cursor,) = cursors
        spare = np.zeros(
            2
        )  # pairs are whole but for the fill's end, so only the last chunk leaves one waiting
        cache = generator.cache if start + count == rest else spare.ctypes.data
        return memory.each(
            first + start, count, lambda address, at, n: fill(cursor, cache, address, n, mean, std)
        )

    in_chunks(rest, (generator.drawing(),), lambda count: 2 * count, work)


def fill_trunc_normal(target: Target, law: TruncNormal, generator: Generator) -> None:
    """Whole-tensor redraws or proposals, by torch's choice; only pending elements are computed."""
    memory = Memory(target)
    masks = np.full(-(-memory.reals // 16) + 1, 0xFFFF, np.uint16)
    if law.mass <= 0.3:
        _reject(memory, law, generator, masks)
    elif target.contiguous and memory.reals >= 16:
        _redraw_blocks(memory, law, generator, masks)
    else:
        _redraw_one_by_one(memory, law, generator, masks)


def _redraw_blocks(memory: Memory, law: TruncNormal, generator: Generator, masks: NDArray[np.uint16]) -> None:
    name, words = memory.target.element.name, _words_each(memory.target)
    law = _rounded_bounds(law, memory.target)

    def one_round(step: str) -> int:
        run = kernel(f"truncated_{step}_{name}")

        def work(cursors: tuple[int, ...], start: int, count: int) -> int:
            address = memory.target.pointer + start * memory.itemsize
            bits = masks.ctypes.data + start // 16 * 2
            return int(run(cursors[0], address, count, law.mean, law.std, law.lo, law.hi, bits))

        return in_chunks(memory.reals, (generator.drawing(),), lambda count: count * words, work)

    pending = one_round("first")
    while pending:
        pending = one_round("again")


def _redraw_one_by_one(
    memory: Memory, law: TruncNormal, generator: Generator, masks: NDArray[np.uint16]
) -> None:
    """The first draw lands on the view itself; torch's redraws land on dense temporaries, in the same memory order."""
    target = memory.target
    bounds = _rounded_bounds(law, target)
    fill_normal(target, Normal(law.mean, law.std), generator)
    mark = kernel(f"truncated_mark_{target.element.name}")

    def marked(address: int, start: int, count: int) -> int:
        return int(mark(address, count, bounds.lo, bounds.hi, masks.ctypes.data + start // 16 * 2))

    pending = memory.each(0, memory.reals, marked, read=True)
    by_blocks = memory.reals >= 16 and target.order == tuple(sorted(target.order))
    if by_blocks:
        _give_last_sixteen_their_own(masks, memory.reals)
    redraw = _redraw_view_by_blocks if by_blocks else _redraw_view
    while pending:
        pending = redraw(memory, bounds, generator, masks)


def _give_last_sixteen_their_own(masks: NDArray[np.uint16], reals: int) -> None:
    """Moves the bits of the last 16 elements, where they are no whole block, to the entry behind the whole blocks."""
    whole, rest = divmod(reals, 16)
    if rest:
        both = int(masks[whole - 1]) | int(masks[whole]) << 16
        masks[whole - 1] = both & ((1 << rest) - 1)
        masks[whole] = both >> rest & 0xFFFF


def _redraw_view(memory: Memory, law: TruncNormal, generator: Generator, masks: NDArray[np.uint16]) -> int:
    again = kernel(f"truncated_serial_again_{memory.target.element.name}")
    cursor = generator.drawing()

    def redrawn(address: int, start: int, count: int) -> int:
        bits = masks.ctypes.data + start // 16 * 2
        return int(again(cursor, generator.cache, address, count, law.mean, law.std, law.lo, law.hi, bits))

    return memory.each(0, memory.reals, redrawn, read=True)


def _redraw_view_by_blocks(
    memory: Memory, law: TruncNormal, generator: Generator, masks: NDArray[np.uint16]
) -> int:
    """A block-path round over strided memory: the whole blocks, then the last sixteen with words of their own."""
    again = kernel(f"truncated_again_{memory.target.element.name}")
    cursor, (whole, rest) = generator.drawing(), divmod(memory.reals, 16)

    def redrawn(first_bits: int) -> Operation:
        def operate(address: int, start: int, count: int) -> int:
            bits = masks.ctypes.data + (first_bits or start // 16 * 2)
            return int(again(cursor, address, count, law.mean, law.std, law.lo, law.hi, bits))

        return operate

    pending = memory.each(0, 16 * whole, redrawn(0), read=True)
    if rest:
        if memory.itemsize > 2:  # torch's half types draw no uniforms for the incomplete block
            kernel("advance")(cursor, rest * _words_each(memory.target))
        pending |= memory.each(memory.reals - 16, 16, redrawn(2 * whole), read=True)
    return pending


def _rounded_bounds(law: TruncNormal, target: Target) -> TruncNormal:
    """torch compares draws with the bounds rounded to the element type."""
    rounded = target.element.rounded
    return TruncNormal(law.mean, law.std, rounded(law.lo), rounded(law.hi))


def _reject(memory: Memory, law: TruncNormal, generator: Generator, masks: NDArray[np.uint16]) -> None:
    """Uniform candidates and, a whole tensor of words later, their acceptance uniforms: two cursors side by side."""
    target, words = memory.target, _words_each(memory.target)
    half = target.element.itemsize == 2
    # sub_ rounds its scalar to a half type first, div_ and mul_ keep theirs in float32
    mean, peak = (target.element.rounded(x) if half else x for x in (law.mean, law.log_peak))
    candidates, behind = generator.drawing(), np.empty(CURSOR_BYTES, np.uint8)
    acceptances = behind.ctypes.data

    def one_round(step: str) -> int:
        run = kernel(f"rejected_{step}_{target.element.name}")

        def work(cursors: tuple[int, ...], start: int, count: int) -> int:
            def operate(address: int, at: int, n: int) -> int:
                bits = masks.ctypes.data + at // 16 * 2
                return int(run(*cursors, address, n, law.lo, law.hi, mean, law.std, peak, bits))

            return memory.each(start, count, operate, read=step == "again")

        kernel("snapshot")(candidates, acceptances, 0)
        kernel("advance")(acceptances, memory.reals * words)
        pending = in_chunks(memory.reals, (candidates, acceptances), lambda count: count * words, work)
        kernel("snapshot")(acceptances, candidates, 0)
        return pending

    pending = one_round("first")
    while pending:
        pending = one_round("again")


def fill_sparse(target: Target, law: Sparse, generator: Generator) -> None:
    """A normal fill, then a permutation of the rows for each column."""
    fill_normal(target, Normal(0.0, law.std), generator)
    rows, columns = target.shape
    itemsize = target.element.itemsize
    unit = min(itemsize, 8)
    if any(number % unit for number in (target.pointer, *target.strides)):
        unit = 1
    row_step, column_step = (stride // unit for stride in target.strides)
    run = kernel(f"sparse_{8 * unit}")
    inverses = 1.0 / np.arange(rows, 0, -1)

    def work(cursors: tuple[int, ...], start: int, count: int) -> int:
        scratch = np.empty((3, rows), np.uint32)
        address = target.pointer + start * target.strides[1]
        run(
            cursors[0],
            address,
            count,
            rows,
            row_step,
            column_step,
            itemsize // unit,
            law.zeros,
            *(part.ctypes.data for part in scratch),
            inverses.ctypes.data,
        )
        return 0

    in_chunks(
        columns, (generator.drawing(),), lambda count: count * max(rows - 1, 0), work, least=-(-CHUNK // rows)
    )
