"""Arrays that lie in memory in another order than C: by blocks, so that whole cache lines are written.

The stream runs along the last axis, ``inner``; memory along another, ``fast``. A block is filled in a buffer as rows of
successive numbers, and stored transposed::

    numbers  fast 0: 0 1 2 3       memory  inner 0: 0 8 ...
             fast 1: 8 9 10 11             inner 1: 1 9 ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

from ....arrays.target import Target
from ....devices import threads
from ....kernels.code.cpu_loader import kernel
from .blocks import Block

#: Rows and columns of a block; planes of fewer elements spend their time in Python.
_SIDE, _SMALL_PLANE = 256, 1 << 14

#: ``fill(address, reals, block)``: the reals of a block, contiguous at ``address``.
Fill = Callable[[int, int, Block], None]


class _Transposed(NamedTuple):
    """``inner``: the axis along which the stream runs, the last one; ``fast``: the one that is innermost in memory."""

    target: Target
    inner: int
    fast: int
    steps: tuple[int, ...]  # of the whole tensor, in elements


def fill_transposed(target: Target, fill: Fill) -> bool:
    """Fills the target by blocks if it is large and transposed; whether it was."""
    transposed = _transposed(target)
    if transposed is None:
        return False
    threads.run(partial(_fill_block, transposed, fill, *block) for block in _blocks(transposed))
    return True


def _transposed(target: Target) -> _Transposed | None:
    axes = [axis for axis, n in enumerate(target.shape) if n > 1]
    if len(axes) < 2 or target.element.itemsize > 8:
        return None
    inner, fast = axes[-1], min(axes, key=lambda axis: abs(target.strides[axis]))
    plane = target.shape[inner] * target.shape[fast]
    if inner == fast or target.steps[inner] != 1 or plane < _SMALL_PLANE:
        return None
    return _Transposed(target, inner, fast, target.steps)


def _blocks(transposed: _Transposed) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """(index of its first element, rows, columns) of each block."""
    shape = transposed.target.shape
    sides = [_SIDE if axis in (transposed.inner, transposed.fast) else 1 for axis in range(len(shape))]
    for index in product(*(range(0, n, side) for n, side in zip(shape, sides, strict=True))):
        rows, columns = (
            min(_SIDE, shape[axis] - index[axis]) for axis in (transposed.fast, transposed.inner)
        )
        yield index, rows, columns


def _fill_block(transposed: _Transposed, fill: Fill, index: tuple[int, ...], rows: int, columns: int) -> None:
    target, steps, fast = transposed.target, transposed.steps, transposed.fast
    parts, itemsize = target.element.parts, target.element.itemsize
    first = sum((i + start) * step for i, start, step in zip(index, target.offset, steps, strict=True))
    block = np.array([0, columns * parts, first * parts, 1, rows, steps[fast] * parts], np.int64)
    buffer = np.empty(rows * columns * itemsize, np.uint8)
    fill(buffer.ctypes.data, rows * columns * parts, block)
    kernel(f"transpose_{8 * itemsize}")(
        buffer.ctypes.data,
        target.pointer + sum(i * stride for i, stride in zip(index, target.strides, strict=True)),
        *(rows, columns, target.strides[fast], target.strides[transposed.inner]),
    )
