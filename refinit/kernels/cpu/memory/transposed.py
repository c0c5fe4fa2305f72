"""Matrix transposition in tiles: where a row step is a power of two, element by element misses the cache each time."""

from numpy import int64

from ..formats import FORMATS
from ..pointers import load, loop, store

SIDE = 16  # a tile's rows: one cache line of float32


@loop
def tile(source, destination, rows, columns, row, column, height, width, scale):
    for r in range(row, row + height):
        for c in range(column, column + width):
            store(destination, r * columns + c, load(source, c * rows + r) * load(scale, c))


def scaled_transpose(source, destination, rows, columns, scale):
    """destination[r, c] = source[c, r] * scale[c], both in C order."""
    row = int64(0)
    while row < rows:
        height = min(SIDE, rows - row)
        column = int64(0)
        while column < columns:
            width = min(SIDE, columns - column)
            tile(source, destination, rows, columns, row, column, height, width, scale)
            column += width
        row += height


KERNELS = {f"scaled_transpose_{name}": scaled_transpose for name in FORMATS if name in ("float32", "float64")}
