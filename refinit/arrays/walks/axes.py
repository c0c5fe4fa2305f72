"""Where a CUDA target's elements lie, as the kernels that take any layout walk them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..target import Target

#: Axes that an ``each`` kernel walks, and elements of one launch, whose index has 32 bits.
AXES, INDEX_LIMIT = 4, 1 << 31


class Axis(NamedTuple):
    """``length`` elements, ``stride`` bytes apart in memory and ``step`` numbers apart in the whole tensor."""

    length: int
    stride: int
    step: int


class Walk(NamedTuple):
    """How an ``each`` kernel takes axes: innermost first, four of each, the outermost length left out."""

    size: int
    lengths: tuple[int, ...]
    strides: tuple[int, ...]
    steps: tuple[int, ...]


def offset_of(coordinates: Iterable[int], steps: Iterable[int]) -> int:
    """The sum of coordinates times steps."""
    return sum(coordinate * step for coordinate, step in zip(coordinates, steps, strict=True))


def axes_of(target: Target) -> list[Axis]:
    """The axes of a target's reals in the order in which they lie in memory, outermost first, merged."""
    parts = target.element.parts
    axes = [
        Axis(n, stride, step * parts)
        for n, stride, step in zip(target.shape, target.strides, target.steps, strict=True)
    ]
    return merged([*axes, Axis(parts, target.element.real.itemsize, 1)])


def merged(axes: Sequence[Axis]) -> list[Axis]:
    """Sorted by stride, those of length 1 left out, those that go on where the next ends made one with it."""
    result: list[Axis] = []
    for axis in sorted(axes, key=lambda axis: -abs(axis.stride)):
        outer = result[-1] if result else None
        if axis.length == 1:
            continue
        if outer and (outer.stride, outer.step) == (axis.length * axis.stride, axis.length * axis.step):
            result[-1] = Axis(outer.length * axis.length, axis.stride, axis.step)
        else:
            result.append(axis)
    return result or [axes[-1]]


def pieces(address: int, number: int, axes: Sequence[Axis]) -> Iterator[tuple[int, int, Walk]]:
    """Parts that one launch of an ``each`` kernel can take: the address and the number of the first element, a walk."""
    (length, stride, step), *inner = axes
    size = math.prod(axis.length for axis in inner)
    if len(inner) < AXES and size < INDEX_LIMIT:
        count = INDEX_LIMIT // size
        for start in range(0, length, count):
            outer = Axis(min(count, length - start), stride, step)
            yield address + start * stride, number + start * step, _walk([outer, *inner])
        return
    looped = min(axes, key=lambda axis: axis.length) if len(inner) >= AXES else axes[0]
    walked = [axis for axis in axes if axis is not looped]
    for index in range(looped.length):
        yield from pieces(address + index * looped.stride, number + index * looped.step, walked)


def _walk(axes: Sequence[Axis]) -> Walk:
    padded = [*reversed(axes), *[Axis(1, 0, 0)] * (AXES - len(axes))]
    lengths, strides, steps = zip(*padded, strict=True)
    return Walk(math.prod(lengths), lengths[:-1], strides, steps)
