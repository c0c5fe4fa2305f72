"""trunc_normal_ on torch's stream: whole-tensor redraws or proposals, by torch's choice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...arrays.target import Target
from ...arrays.walks.memory import Memory, Operation
from ...kernels.code.cpu_loader import kernel
from ...laws.law import Normal, TruncNormal
from .chunks import in_chunks, words_per_real
from .elementwise import fill_normal
from .math.layout import CURSOR_BYTES
from .mt19937 import Mt19937


def fill_trunc_normal(target: Target, law: TruncNormal, mt: Mt19937) -> bool:
    """Whole-tensor redraws or proposals, by torch's choice; only pending elements are computed.

    Whether one round was not enough: torch then writes to the tensor a second time.
    """
    memory = Memory(target)
    masks = np.full(-(-memory.reals // 16) + 1, 0xFFFF, np.uint16)
    if not law.redraws:
        return _reject(memory, law, mt, masks)
    if target.contiguous and memory.reals >= 16:
        return _redraw_blocks(memory, law, mt, masks)
    return _redraw_one_by_one(memory, law, mt, masks)


def _redraw_blocks(memory: Memory, law: TruncNormal, mt: Mt19937, masks: NDArray[np.uint16]) -> bool:
    name, words = memory.target.element.name, words_per_real(memory.target.element)
    law = _rounded_bounds(law, memory.target)

    def draw_round(step: str) -> int:
        run = kernel(f"truncated_{step}_{name}")

        def work(cursors: tuple[int, ...], start: int, count: int) -> int:
            address = memory.target.pointer + start * memory.itemsize
            bits = masks.ctypes.data + start // 16 * 2
            return int(run(cursors[0], address, count, law.mean, law.std, law.lo, law.hi, bits))

        return in_chunks(memory.reals, (mt.cursor,), lambda count: count * words, work)

    return _in_rounds(draw_round)


def _in_rounds(draw_round: Callable[[str], int]) -> bool:
    """Rounds until nothing is pending; whether the first was not enough."""
    pending = draw_round("first")
    again = bool(pending)
    while pending:
        pending = draw_round("again")
    return again


def _redraw_one_by_one(memory: Memory, law: TruncNormal, mt: Mt19937, masks: NDArray[np.uint16]) -> bool:
    """The first draw lands on the view itself; torch's redraws land on dense temporaries, in the same memory order."""
    target = memory.target
    bounds = _rounded_bounds(law, target)
    fill_normal(target, Normal(law.mean, law.std), mt)
    mark = kernel(f"truncated_mark_{target.element.name}")

    def marked(address: int, start: int, count: int) -> int:
        return int(mark(address, count, bounds.lo, bounds.hi, masks.ctypes.data + start // 16 * 2))

    pending = memory.each(0, memory.reals, marked, read=True)
    by_blocks = memory.reals >= 16 and target.order == tuple(sorted(target.order))
    if by_blocks:
        _separate_last_block(masks, memory.reals)
    redraw = _redraw_view_by_blocks if by_blocks else _redraw_view
    again = bool(pending)
    while pending:
        pending = redraw(memory, bounds, mt, masks)
    return again


def _separate_last_block(masks: NDArray[np.uint16], reals: int) -> None:
    """Moves the bits of the last 16 elements, where they are no whole block, to the entry behind the whole blocks."""
    blocks, remainder = divmod(reals, 16)
    if remainder:
        joined = int(masks[blocks - 1]) | int(masks[blocks]) << 16
        masks[blocks - 1] = joined & ((1 << remainder) - 1)
        masks[blocks] = joined >> remainder & 0xFFFF


def _redraw_view(memory: Memory, law: TruncNormal, mt: Mt19937, masks: NDArray[np.uint16]) -> int:
    again = kernel(f"truncated_serial_again_{memory.target.element.name}")
    cursor = mt.cursor

    def redrawn(address: int, start: int, count: int) -> int:
        bits = masks.ctypes.data + start // 16 * 2
        return int(again(cursor, mt.cache, address, count, law.mean, law.std, law.lo, law.hi, bits))

    return memory.each(0, memory.reals, redrawn, read=True)


def _redraw_view_by_blocks(memory: Memory, law: TruncNormal, mt: Mt19937, masks: NDArray[np.uint16]) -> int:
    """A block-path round over strided memory: the whole blocks, then the last sixteen with words of their own."""
    again = kernel(f"truncated_again_{memory.target.element.name}")
    cursor, (blocks, remainder) = mt.cursor, divmod(memory.reals, 16)

    def redrawn(first_bits: int) -> Operation:
        def operate(address: int, start: int, count: int) -> int:
            bits = masks.ctypes.data + (first_bits or start // 16 * 2)
            return int(again(cursor, address, count, law.mean, law.std, law.lo, law.hi, bits))

        return operate

    pending = memory.each(0, 16 * blocks, redrawn(0), read=True)
    if remainder:
        if memory.itemsize > 2:  # torch's half types draw no uniforms for the incomplete block
            kernel("advance")(cursor, remainder * words_per_real(memory.target.element))
        pending |= memory.each(memory.reals - 16, 16, redrawn(2 * blocks), read=True)
    return pending


def _rounded_bounds(law: TruncNormal, target: Target) -> TruncNormal:
    """torch compares draws with the bounds rounded to the element type."""
    rounded = target.element.rounded
    return TruncNormal(law.mean, law.std, rounded(law.lo), rounded(law.hi))


def _reject(memory: Memory, law: TruncNormal, mt: Mt19937, masks: NDArray[np.uint16]) -> bool:
    """Uniform candidates and, a whole tensor of words later, their acceptance uniforms: two cursors side by side."""
    target, words = memory.target, words_per_real(memory.target.element)
    half = target.element.itemsize == 2
    # sub_ rounds its scalar to a half type first, div_ and mul_ keep theirs in float32
    mean, peak = (target.element.rounded(x) if half else x for x in (law.mean, law.log_peak))
    candidates, second_cursor = mt.cursor, np.empty(CURSOR_BYTES, np.uint8)
    acceptances = second_cursor.ctypes.data

    def draw_round(step: str) -> int:
        run = kernel(f"rejected_{step}_{target.element.name}")

        def work(cursors: tuple[int, ...], start: int, count: int) -> int:
            def operate(address: int, first: int, n: int) -> int:
                bits = masks.ctypes.data + first // 16 * 2
                return int(run(*cursors, address, n, law.lo, law.hi, mean, law.std, peak, bits))

            return memory.each(start, count, operate, read=step == "again")

        kernel("snapshot")(candidates, acceptances, 0)
        kernel("advance")(acceptances, memory.reals * words)
        pending = in_chunks(memory.reals, (candidates, acceptances), lambda count: count * words, work)
        kernel("snapshot")(acceptances, candidates, 0)
        return pending

    return _in_rounds(draw_round)
