"""sparse_ on torch's stream."""

from __future__ import annotations

import numpy as np

from .._kernels.loader import kernel
from ..arrays import Target
from ..engine import Engine
from ..laws import Normal, Sparse
from .chunks import CHUNK, in_chunks
from .elementwise import fill_normal


def fill_sparse(target: Target, law: Sparse, engine: Engine) -> None:
    """A normal fill, then a permutation of the rows for each column."""
    fill_normal(target, Normal(0.0, law.std), engine)
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
        columns, (engine.drawing(),), lambda count: count * max(rows - 1, 0), work, least=-(-CHUNK // rows)
    )
