"""A range of a flattened tensor, as blocks of it: part of a row, whole rows, part of a row, and so on within each."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..shards import FlatShard, Shard
from ..strides import Integers, is_contiguous
from ..target import Target

#: (offset, shape)
Box = tuple[Integers, Integers]


def is_flat(target: Target) -> bool:
    """Whether it is a range of a flattened tensor."""
    return isinstance(target.block, FlatShard)


def blocks_of_range(target: Target, whole: Integers) -> list[Target]:
    """The blocks of such a target, in a whole that has the same elements in C order.

    An empty range is one empty block.
    """
    start = target.offset[0]
    boxes = list(_boxes(whole, start, start + target.size)) or [((0,) * len(whole), (0,) * len(whole))]
    return [_block(target, start, whole, box) for box in boxes]


def _boxes(shape: Integers, start: int, stop: int) -> Iterator[Box]:
    """The range from ``start`` to ``stop`` of a tensor in C order, in at most 2 len(shape) - 1 boxes."""
    if start >= stop:
        return
    if not shape:
        yield (), ()
        return
    inner = math.prod(shape[1:])
    first, last = -(-start // inner), stop // inner
    if first > last:  # within a row
        yield from _in_row(shape, last, start - last * inner, stop - last * inner)
        return
    yield from _in_row(shape, first - 1, start - (first - 1) * inner, inner if first * inner > start else 0)
    if first < last:
        yield (first, *(0 for _ in shape[1:])), (last - first, *shape[1:])
    yield from _in_row(shape, last, 0, stop - last * inner)


def _in_row(shape: Integers, row: int, start: int, stop: int) -> Iterator[Box]:
    for offset, lengths in _boxes(shape[1:], start, stop):
        yield (row, *offset), (1, *lengths)


def _block(target: Target, start: int, whole: Integers, box: Box) -> Target:
    """One box as memory to fill."""
    (offset, shape), (stride,) = box, target.strides
    steps = tuple(math.prod(whole[axis + 1 :]) for axis in range(len(whole)))
    strides = tuple(step * stride for step in steps)
    skipped = sum(index * step for index, step in zip(offset, steps, strict=True)) - start
    pointer = target.pointer + skipped * stride if 0 not in shape else target.pointer
    # not the array itself, which whoever asks for the owner would take for the block
    owner = (target.owner,)
    dense = is_contiguous(shape, strides, target.element.itemsize)
    block = Target(target.element, shape, math.prod(shape), pointer, dense, target.aligned, owner)
    block.strides = strides
    block.block = Shard(None, whole, offset)
    block.device_type, block.device = target.device_type, target.device
    return block
