"""Where the elements of a view lie in its memory, told by NumPy's own indexing of an array that has no memory."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Places = NDArray[np.uint8]

_BYTE = np.zeros(1, np.uint8)
_BYTE.flags.writeable = False
_ADDRESS: int = _BYTE.__array_interface__["data"][0]


def dense_places(shape: tuple[int, ...]) -> Places:
    """An array of that shape of which nothing but address and strides is used: an element is one byte, of no memory."""
    strides = []
    step = 1
    for length in reversed(shape):
        strides.append(step)
        step *= max(length, 1)
    return as_strided(_BYTE, shape, strides[::-1], writeable=False)


def offset_of(places: Places) -> int:
    """The place of the first element."""
    address: int = places.__array_interface__["data"][0]
    return address - _ADDRESS


def is_dense(places: Places) -> bool:
    """Whether the elements follow each other, in C order."""
    return places.strides == dense_places(places.shape).strides


def indexed(places: Places, index: object) -> Places:
    """What integers and slices select.

    Raises
    ------
    TypeError, ValueError
        For any other index, and for steps below 1.
    """
    indices = index if isinstance(index, tuple) else (index,)
    if not all(isinstance(i, (int, slice, type(None), type(Ellipsis))) for i in indices):
        raise TypeError(f"expected integers and slices, got {index!r}; fill part by part")
    if any(isinstance(i, slice) and (i.step or 1) < 0 for i in indices):
        raise ValueError(f"expected slices with steps above 0, got {index!r}")
    selected: Places = places[(*indices, *([] if Ellipsis in indices else [...]))]
    return selected
