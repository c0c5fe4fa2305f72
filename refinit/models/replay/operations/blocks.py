"""Arrays in blocks that fit a cache: operations need no temporary arrays of their operands' size."""

from __future__ import annotations

import math
from collections.abc import Iterator

#: Elements.
BLOCK = 1 << 16


def blocks(shape: tuple[int, ...]) -> Iterator[tuple[slice | int, ...]]:
    """Indices that cut an array of this shape into blocks, in order: slices for all axes."""
    if math.prod(shape) <= BLOCK:
        yield tuple(slice(None) for _ in shape)
        return
    row = math.prod(shape[1:])
    step = max(1, BLOCK // row) if row else shape[0]
    for start in range(0, shape[0], step):
        head = slice(start, start + step)
        if row <= BLOCK:
            yield (head, *(slice(None) for _ in shape[1:]))
        else:
            yield from ((head, *rest) for rest in blocks(shape[1:]))
