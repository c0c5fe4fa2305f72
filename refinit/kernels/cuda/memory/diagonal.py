"""One number along a diagonal, which may be of every group of columns anew."""

from numba import cuda
from numpy import uint8, uint16, uint32, uint64

from ..intrinsics import inlined, store


def _diagonal(word):
    @inlined
    def fill_row(row, out, row_step, column_step, first, period, shift, columns, value):
        index = uint32(first + row)
        channel = uint64(uint32(index - uint32(uint32(index // period) * period))) + shift
        if channel < columns:
            store(out + uint64(row) * row_step + channel * column_step, word(value))

    def diagonal(out, rows, row_step, column_step, first, period, shift, columns, value):
        """One word in each row, in column (``first`` + row) mod ``period`` + ``shift`` if that is below ``columns``."""
        row = uint64(cuda.grid(1))
        if row < uint64(rows):
            fill_row(uint32(row), out, row_step, column_step, first, period, shift, columns, value)

    return diagonal


KERNELS = {f"diagonal_{8 * word(0).nbytes}": _diagonal(word) for word in (uint8, uint16, uint32, uint64)}
