"""sparse_ on torch's stream."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...arrays.target import Target
from ...kernels.code.cpu_loader import kernel
from ...laws.law import Normal, Sparse
from .chunks import CHUNK, in_chunks
from .elementwise import fill_normal
from .mt19937 import Mt19937

#: Up to here torch.randperm is a Fisher-Yates shuffle by 32-bit words: (2**32 - 1) // 20 - 1.
_SHUFFLED_ROWS = 214748363


def fill_sparse(target: Target, law: Sparse, mt: Mt19937) -> None:
    """A normal fill, then a permutation of the rows for each column."""
    rows, columns = target.shape
    if rows > _SHUFFLED_ROWS:
        raise ValueError(
            f"sparse_ takes at most {_SHUFFLED_ROWS} rows on torch's stream, got {rows}: beyond, torch draws its "
            "permutations in another way, which refinit does not have; initialise w.T, or use a CounterGenerator"
        )
    fill_normal(target, Normal(0.0, law.std), mt)
    clear = _clearing(target, law.zeros)
    in_chunks(columns, (mt.cursor,), lambda count: count * max(rows - 1, 0), clear, least=-(-CHUNK // rows))


def _clearing(target: Target, zeros: int) -> Callable[[tuple[int, ...], int, int], int]:
    """``clear(cursors, start, count)`` sets zeros in ``count`` columns."""
    rows, itemsize = target.shape[0], target.element.itemsize
    unit = min(itemsize, 8)
    if any(number % unit for number in (target.pointer, *target.strides)):
        unit = 1
    run, steps = kernel(f"sparse_{8 * unit}"), [stride // unit for stride in target.strides]
    inverses = 1.0 / np.arange(rows, 0, -1)

    def clear(cursors: tuple[int, ...], start: int, count: int) -> int:
        scratch = np.empty((3, rows), np.uint32)
        address = target.pointer + start * target.strides[1]
        parts = (part.ctypes.data for part in scratch)
        run(cursors[0], address, count, rows, *steps, itemsize // unit, zeros, *parts, inverses.ctypes.data)
        return 0

    return clear
