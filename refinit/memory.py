"""Walking a target's memory: in one piece, in chunks over the thread pool, and through a buffer where it is strided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import threads
from ._kernels.loader import kernel
from .arrays import Target
from .generators import CURSOR_BYTES

#: Reals per buffer for strided memory: 16 K of them stay in the second-level cache.
_STAGE = 1 << 14
#: Reals per task of the pool, at least, and where there is enough for all (smaller ones spend their time in Python);
#: and tasks per fill, at most: their cursors take 2.5 kB each, 0.6 MB in all.
CHUNK = 1 << 17
_GOOD_CHUNK = 1 << 19
_MOST_CHUNKS = 256

#: ``operate(address, start, count)``: works on the ``count`` reals from number ``start`` on, contiguous at ``address``.
Operation = Callable[[int, int, int], int | None]


class Memory:
    """A target's real numbers in memory order, a complex number being two."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.reals = target.size * target.element.parts
        self.itemsize = target.element.real.itemsize
        self.dense = (target.contiguous and target.aligned) or target.dense

    def each(self, start: int, count: int, operate: Operation, *, read: bool = False) -> int:
        """Applies an operation to reals ``start`` to ``start + count``; whether any call returned nonzero.

        Strided memory goes through a buffer, filled from memory first if ``read``.
        """
        if self.dense:
            return operate(self.target.pointer + start * self.itemsize, start, count) or 0
        buffer = np.empty(min(_STAGE, count) * self.itemsize, np.uint8)
        found = 0
        for at in range(start, start + count, _STAGE):
            run = min(_STAGE, start + count - at)
            if read:
                self._transfer("gather", buffer, at, run)
            found |= operate(buffer.ctypes.data, at, run) or 0
            self._transfer("scatter", buffer, at, run)
        return found

    def _transfer(self, kind: str, buffer: NDArray[np.uint8], start: int, count: int) -> None:
        shape, strides = self._axes
        kernel(f"{kind}_{8 * self.itemsize}")(
            buffer.ctypes.data,
            self.target.pointer,
            shape.size,
            shape.ctypes.data,
            strides.ctypes.data,
            start,
            count,
        )

    @property
    def _axes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        lengths, strides = zip(*self.target.runs, strict=True)
        return np.array(lengths, np.int64), np.array(strides, np.int64)


def in_chunks(
    total: int,
    cursors: tuple[int, ...],
    words: Callable[[int], int],
    work: Callable[[tuple[int, ...], int, int], int],
    *,
    least: int = CHUNK,
) -> int:
    """Splits ``total`` units over the threads; whether any work returned nonzero.

    Each of ``cursors`` stands at the words of unit 0; ``words(count)`` of them belong to ``count`` units. A task gets
    copies of the cursors at its first unit, ``least`` units at least; the last task works on the cursors themselves and
    leaves them at the end.
    """
    if total < 2 * least or threads.get_num_threads() == 1:
        return work(cursors, 0, total)
    found = 0
    for result in threads.run(_tasks(total, cursors, words, work, least)):
        found |= result
    return found


def _tasks(
    total: int,
    cursors: tuple[int, ...],
    words: Callable[[int], int],
    work: Callable[[tuple[int, ...], int, int], int],
    least: int,
) -> Iterator[Callable[[], int]]:
    """The tasks in order; making one moves the cursors past its words (a twist costs a tenth of a fill)."""
    share = min(_GOOD_CHUNK, total // (2 * threads.get_num_threads()))
    chunk = max(16, least, share, -(-total // _MOST_CHUNKS))
    chunk += -chunk % 16
    snapshot = kernel("snapshot")
    for start in range(0, total, chunk):
        count = min(chunk, total - start)
        if total - start - count < 16:  # what ends a fill may reach back sixteen elements
            count = total - start
        if start + count == total:
            yield partial(work, cursors, start, count)
            return
        saved = [np.empty(CURSOR_BYTES, np.uint8) for _ in cursors]
        for cursor, copy in zip(cursors, saved, strict=True):
            snapshot(cursor, copy.ctypes.data, words(count))
        yield partial(_with_copies, work, saved, start, count)


def _with_copies(
    work: Callable[[tuple[int, ...], int, int], int], saved: list[NDArray[np.uint8]], start: int, count: int
) -> Any:
    return work(tuple(copy.ctypes.data for copy in saved), start, count)
