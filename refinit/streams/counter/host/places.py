"""Where a block's elements lie in the whole tensor, as kernels read it (``kernels/cpu/elementwise.py``)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ....arrays.target import Target

Place = NDArray[np.int64]

#: Numbers are int64, with room for the sums that kernels make of them.
_MOST = 2**62
#: A whole tensor: one run without end from number 0.
WHOLE: Place = np.array([0, _MOST, 0, 0], np.int64)
#: The same for a short call, which takes the fill number in the kernel.
SHORT: Place = np.array([-1, _MOST, 0, 0], np.int64)


def check_size(target: Target) -> None:
    """Raises ValueError for a tensor with more reals than there are numbers for."""
    if math.prod(target.whole) * target.element.parts > _MOST:
        raise ValueError(f"expected a tensor of at most 2^62 real numbers, got shape {target.whole}")


def place_of(target: Target) -> Place:
    """The place of a target's real numbers in C order; a complex number is two."""
    if target.block is None:
        return WHOLE.copy()
    shape, whole, steps = target.shape, target.whole, [step * target.element.parts for step in target.steps]
    base = sum(at * step for at, step in zip(target.offset, steps, strict=True))
    last = next((axis for axis in reversed(range(len(shape))) if shape[axis] != whole[axis]), None)
    if last is None:
        return WHOLE.copy()
    outer = [number for axis in reversed(range(last)) for number in (shape[axis], steps[axis])]
    return np.array([0, max(shape[last] * steps[last], 1), base, last, *outer], np.int64)


def starting_at(place: Place, first: int) -> Place:
    """The same block from its real number ``first`` on."""
    moved = place.copy()
    moved[0] = first
    return moved
