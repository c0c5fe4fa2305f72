"""Arrays that lie in memory in another order than C: by blocks, so that whole cache lines are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ....arrays.target import Target
from ....devices import threads
from ....kernels.code.cpu_loader import kernel

#: Rows and columns of a block; smaller ones spend their time in Python.
_SIDE, _LEAST = 256, 1 << 14

#: ``fill(address, reals, place)``: the reals of a place, contiguous at ``address``.
Fill = Callable[[int, int, Any], None]


class _Turned(NamedTuple):
    """``inner``: the axis along which the stream runs, the last one; ``fast``: the one that is innermost in memory."""

    target: Target
    inner: int
    fast: int
    steps: tuple[int, ...]  # of the whole tensor, in elements


def fill_turned(target: Target, fill: Fill) -> bool:
    """Fills the target by blocks if it is large and turned; whether it was."""
    turned = _turned(target)
    if turned is None:
        return False
    threads.run(partial(_fill_block, turned, fill, *block) for block in _blocks(turned))
    return True


def _turned(target: Target) -> _Turned | None:
    axes = [axis for axis, n in enumerate(target.shape) if n > 1]
    if len(axes) < 2 or target.element.itemsize > 8:
        return None
    inner, fast = axes[-1], min(axes, key=lambda axis: abs(target.strides[axis]))
    if inner == fast or target.steps[inner] != 1 or target.shape[inner] * target.shape[fast] < _LEAST:
        return None
    return _Turned(target, inner, fast, target.steps)


def _blocks(turned: _Turned) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """(index of its first element, rows, columns) of each block."""
    shape = turned.target.shape
    sides = [_SIDE if axis in (turned.inner, turned.fast) else 1 for axis in range(len(shape))]
    for index in product(*(range(0, n, side) for n, side in zip(shape, sides, strict=True))):
        rows, columns = (min(_SIDE, shape[axis] - index[axis]) for axis in (turned.fast, turned.inner))
        yield index, rows, columns


def _fill_block(turned: _Turned, fill: Fill, index: tuple[int, ...], rows: int, columns: int) -> None:
    target, parts = turned.target, turned.target.element.parts
    first = sum((i + at) * step for i, at, step in zip(index, target.offset, turned.steps, strict=True))
    place = np.array(
        [0, columns * parts, first * parts, 1, rows, turned.steps[turned.fast] * parts], np.int64
    )
    itemsize = target.element.itemsize
    buffer = np.empty(rows * columns * itemsize, np.uint8)
    fill(buffer.ctypes.data, rows * columns * parts, place)
    kernel(f"transpose_{8 * itemsize}")(
        buffer.ctypes.data,
        target.pointer + sum(i * stride for i, stride in zip(index, target.strides, strict=True)),
        *(rows, columns, target.strides[turned.fast], target.strides[turned.inner]),
    )
