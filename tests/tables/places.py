"""Memory layouts: the same bytes, seen by NumPy and by torch through the same shape, strides and offset."""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

SENTINEL = 0xA5  # what no fill may leave inside its array, nor overwrite outside it


@dataclass(frozen=True)
class Place:
    """Where an array lies in a buffer; strides and offset count elements."""

    name: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0

    @property
    def room(self) -> int:
        """Elements of a buffer that holds the array and one element more, so that overruns show."""
        reach = sum((n - 1) * max(s, 0) for n, s in zip(self.shape, self.strides, strict=True) if n)
        return self.offset + reach + 2

    def __str__(self) -> str:
        return f"{self.name}:{self.shape}/{self.strides}+{self.offset}"


def dtype_of(name: str) -> np.dtype[Any]:
    """The NumPy dtype of this name; bfloat16 and float8 come from ml_dtypes."""
    if name == "bfloat16" or name.startswith("float8"):
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))
    return np.dtype(name)


def memory(place: Place, dtype: str) -> bytearray:
    """A buffer for the place, every byte the sentinel."""
    return bytearray([SENTINEL]) * (place.room * dtype_of(dtype).itemsize)


def array_at(buffer: bytearray, place: Place, dtype: str) -> np.ndarray[Any, Any]:
    """The NumPy array at this place of the buffer."""
    flat = np.frombuffer(buffer, dtype_of(dtype))[place.offset :]
    strides = tuple(s * flat.itemsize for s in place.strides)
    return np.lib.stride_tricks.as_strided(flat, place.shape, strides)


def tensor_at(buffer: bytearray, place: Place, dtype: str) -> Any:
    """The torch tensor at this place of the buffer."""
    import torch

    flat = torch.frombuffer(buffer, dtype=getattr(torch, dtype))
    return flat.as_strided(place.shape, place.strides, place.offset)


def contiguous(*shape: int, name: str = "contiguous", offset: int = 0) -> Place:
    """C order."""
    strides = tuple(math.prod(shape[i + 1 :]) or 1 for i in range(len(shape)))
    return Place(name, shape, strides, offset)


def permuted(shape: tuple[int, ...], order: tuple[int, ...], *, offset: int = 0, step: int = 1) -> Place:
    """Axes lie in memory in this order, outermost first; the innermost walks in steps."""
    strides, stride = [0] * len(shape), step
    for axis in reversed(order):
        strides[axis], stride = stride, stride * max(shape[axis], 1)
    return Place(f"permuted{''.join(map(str, order))}", shape, tuple(strides), offset)


MATRICES = (
    contiguous(5, 7),
    contiguous(40, 50),
    contiguous(40, 50, name="offset", offset=3),
    permuted((5, 7), (1, 0)),
    permuted((40, 50), (1, 0), offset=1),
    Place("block", (40, 25), (50, 1), 5),
    Place("step-columns", (40, 25), (50, 2)),
    Place("step-rows", (20, 50), (100, 1)),
    Place("step-both", (20, 17), (111, 3), 7),
    Place("transposed-step", (17, 20), (3, 111), 2),
    Place("interleaved", (2, 3), (3, 2)),
    Place("interleaved-long", (2, 30), (31, 2)),
    Place("column", (50, 1), (9, 1)),
    Place("row", (1, 50), (3, 2)),
    Place("row-contiguous", (1, 50), (7, 1)),
    Place("column-contiguous", (50, 1), (1, 77)),
    contiguous(0, 3, name="empty"),
    contiguous(3, 0, name="empty"),
)
TENSORS = (
    *(permuted((6, 7, 8), order) for order in itertools.permutations(range(3))),
    Place("channels-last", (4, 3, 5, 6), (90, 1, 18, 3), 2),
    Place("channels-last-1x1", (32, 16, 1, 1), (16, 1, 16, 16)),
    Place("size-1-axes", (1, 40, 1, 5), (7, 5, 3, 1)),
    Place("size-1-inner", (4, 1, 9), (9, 100, 1)),
    Place("block-3d", (3, 4, 5), (100, 10, 1), 11),
    Place("step-3d", (3, 4, 5), (100, 10, 2), 1),
    Place("permuted-block", (3, 4, 5), (1, 50, 7)),
    permuted((2, 3, 4, 5, 2), (4, 0, 3, 1, 2)),
    contiguous(2, 3, 4, 5, 2),
    contiguous(2, 0, 3, name="empty"),
)
VECTORS = (
    Place("scalar", (), ()),
    Place("scalar-offset", (), (), 3),
    Place("one", (1,), (1,)),
    Place("one-strided", (1,), (5,), 1),
    Place("ones", (1, 1, 1), (4, 9, 2)),
    contiguous(100, name="offset", offset=1),
    Place("step", (100,), (3,), 2),
    Place("step-short", (15,), (2,)),
)
PLACES = (*VECTORS, *MATRICES, *TENSORS)
