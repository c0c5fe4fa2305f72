"""sparse_ by position."""

from __future__ import annotations

import numpy as np

from ....arrays.target import Target
from ....devices.threads import share_out
from ....kernels.code.cpu_loader import kernel
from ....laws.law import Normal, Sparse
from ...engine import Realise
from ..engine import CounterEngine
from ..parameters import parameters_of
from .elementwise import fill_reals

_PANEL = 64  # columns that the kernel does together: their marks in a row are one cache line


def sparse(target: Target, law: Sparse) -> Realise:
    """Normals by position, then zeros in each column at the places of a random subset.

    Drawn is the smaller of the subset and its complement, by Floyd's algorithm; column c takes the mask's 64-bit
    numbers c rows, c rows + 1, ...  The chance of a subset of s is off by a factor within 1 +- s rows 2^-64.
    """
    kind, parameters = parameters_of(target, Normal(0.0, law.std))

    def realise(engine: CounterEngine) -> None:
        # MemoryError, if ever, before the first write
        np.empty(target.whole[0] * min(_PANEL, target.shape[1]), np.uint8)
        cursor = engine.cursor()
        fill_reals(target, kind, parameters, cursor)
        _clear(target, law, cursor)

    return realise


def _clear(target: Target, law: Sparse, cursor: int) -> None:
    (rows, columns), all_rows = target.shape, target.whole[0]
    row, column = target.offset
    size = min(law.zeros, all_rows - law.zeros)
    zero_mark = 1 if size == law.zeros else 0
    row_step, column_step = target.strides
    unit = min(target.element.itemsize, 8)
    if any(number % unit for number in (target.pointer, row_step, column_step)):
        unit = 1
    clear = kernel(f"counter_sparse_{8 * unit}")

    def work(start: int, count: int) -> None:
        panel = min(_PANEL, count)
        marks, numbers = np.empty(all_rows * panel, np.uint8), np.empty(max(size, 1), np.uint64)
        clear(
            *(cursor, target.pointer + start * column_step, column + start, count, row, rows, all_rows),
            *(size, zero_mark, row_step, column_step, target.element.itemsize // unit, panel),
            *(marks.ctypes.data, numbers.ctypes.data),
        )

    share_out(columns, work, min_share=_PANEL)
