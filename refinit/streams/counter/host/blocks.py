"""Where a block's reals lie in the whole tensor, as kernels read it (``streams/counter/kernels/cpu/elementwise.py``).

Real numbers are counted through the whole tensor in C order. For the block x of a tensor of 4 x 8 reals::

     0  1  2  3  4  5  6  7
     8  9  x  x  x  x 14 15       first   run   base   axes   length, step
    16 17  x  x  x  x 22 23         0      4     10      1       3,     8
    24 25  x  x  x  x 30 31

``first``: the real of the block to begin with; ``run``: reals with successive numbers; ``base``: the number of the
block's first real; then the axes outside a run, innermost first: how long, and how far apart in numbers.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ....arrays.target import Target

Block = NDArray[np.int64]

#: Numbers are int64, with room for the sums that kernels make of them.
_NUMBER_LIMIT = 2**62
#: A whole tensor: one run without end from number 0.
WHOLE: Block = np.array([0, _NUMBER_LIMIT, 0, 0], np.int64)
WHOLE.flags.writeable = False


def check_size(target: Target) -> None:
    """Raises ValueError for a tensor with more reals than there are numbers for."""
    if math.prod(target.whole) * target.element.parts > _NUMBER_LIMIT:
        raise ValueError(f"expected a tensor of at most 2^62 real numbers, got shape {target.whole}")


def block_of(target: Target) -> Block:
    """A target's block of the whole tensor; a complex number is two reals."""
    if target.block is None:
        return WHOLE
    shape, whole = target.shape, target.whole
    parted = next((axis for axis in reversed(range(len(shape))) if shape[axis] != whole[axis]), None)
    if parted is None:
        return WHOLE
    steps = [step * target.element.parts for step in target.steps]
    base = sum(start * step for start, step in zip(target.offset, steps, strict=True))
    outer = [number for axis in reversed(range(parted)) for number in (shape[axis], steps[axis])]
    return np.array([0, max(shape[parted] * steps[parted], 1), base, parted, *outer], np.int64)


def starting_at(block: Block, first: int) -> Block:
    """The same block from its real number ``first`` on."""
    later = block.copy()
    later[0] = first
    return later
