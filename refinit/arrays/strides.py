"""Shapes and strides: whether they leave gaps, and whether two elements meet."""

from __future__ import annotations

import numpy as np

_OVERLAP = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
    "Please clone() the tensor before performing the operation (a NumPy array: w = np.array(w))."
)
Integers = tuple[int, ...]


def c_strides(shape: Integers, itemsize: int) -> Integers:
    """Byte strides in C order without gaps."""
    strides, stride = [], itemsize
    for length in reversed(shape):
        strides.append(stride)
        stride *= length
    return tuple(reversed(strides))


def is_contiguous(shape: Integers, strides: Integers, itemsize: int) -> bool:
    """Whether they are C order without gaps."""
    expected = itemsize
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if length != 1 and stride != expected:
            return 0 in shape
        expected *= length
    return True


def refuse_overlap(shape: Integers, strides: Integers, itemsize: int) -> None:
    """Raises if two indices share memory. Nested axes prove that none do; else the offsets are counted."""
    if 0 in shape:
        return
    reach = itemsize
    axes = sorted((abs(stride), length) for length, stride in zip(shape, strides, strict=True) if length > 1)
    for stride, length in axes:
        if stride < reach:
            break
        reach += stride * (length - 1)
    else:
        return
    if axes[0][0] == 0 or _offsets_collide(axes, itemsize):
        raise RuntimeError(_OVERLAP)


def _offsets_collide(axes: list[tuple[int, int]], itemsize: int) -> bool:
    """Whether interleaved axes meet, by looking at every offset (rare: as_strided views only)."""
    offsets = np.zeros(1, np.int64)
    for stride, length in axes:
        offsets = np.add.outer(offsets, stride * np.arange(length)).ravel()
    offsets.sort()
    return bool((np.diff(offsets) < itemsize).any())
