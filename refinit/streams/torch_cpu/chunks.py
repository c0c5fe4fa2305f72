"""Splitting a fill over the threads: a pass that only twists runs ahead and leaves a copy of the engine for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...devices import threads
from ...dtypes import Element
from ...kernels.code.cpu_loader import kernel
from .math.layout import CURSOR_BYTES

#: Reals per task of the pool, at least, and where there is enough for all (smaller ones spend their time in Python);
#: and tasks per fill, at most: their cursors take 2.5 kB each, 0.6 MB in all.
CHUNK = 1 << 17
_LARGE_CHUNK = 1 << 19
_CHUNKS_PER_FILL = 256


def words_per_real(element: Element) -> int:
    """32-bit words that a real takes."""
    return 2 if element.real.name == "float64" else 1


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
    return any(threads.run(_tasks(total, cursors, words, work, least)))


def _tasks(
    total: int,
    cursors: tuple[int, ...],
    words: Callable[[int], int],
    work: Callable[[tuple[int, ...], int, int], int],
    least: int,
) -> Iterator[Callable[[], int]]:
    """The tasks in order; making one moves the cursors past its words (a twist costs a tenth of a fill)."""
    share = min(_LARGE_CHUNK, total // (2 * threads.get_num_threads()))
    chunk = max(16, least, share, -(-total // _CHUNKS_PER_FILL))
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
) -> int:
    return work(tuple(copy.ctypes.data for copy in saved), start, count)
