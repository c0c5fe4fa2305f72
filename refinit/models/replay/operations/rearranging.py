"""Operations that move elements and do not change them, but for the type of what they are written to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....dtypes import element_of
from .blocks import blocks
from .promotion import converted

_Array = NDArray[Any]


def assign(out: _Array, src: _Array) -> None:
    """``out[...] = src``, broadcast, its elements converted as torch converts them."""
    if src.dtype == out.dtype:
        out[...] = src
        return
    element, src = element_of(out.dtype), np.broadcast_to(src, out.shape)
    for index in blocks(out.shape):
        out[..., *index] = converted(src[..., *index], element)


def _cat(out: _Array, tensors: Sequence[_Array], dim: int = 0) -> None:
    start = 0
    # torch leaves out what has the shape (0,), whatever the others have
    for tensor in (tensor for tensor in tensors if tensor.shape != (0,)):
        stop = start + tensor.shape[dim]
        assign(np.moveaxis(np.moveaxis(out, dim, 0)[start:stop], 0, dim), tensor)
        start = stop


def _stack(out: _Array, tensors: Sequence[_Array], dim: int = 0) -> None:
    for part, tensor in zip(np.moveaxis(out, dim, 0), tensors, strict=True):
        assign(part[...], tensor)


def _triangle(keeps: Callable[[_Array, _Array], Any]) -> Callable[..., None]:
    def run(out: _Array, self: _Array, diagonal: int = 0) -> None:
        rows, columns = np.arange(out.shape[-2])[:, None], np.arange(out.shape[-1])
        for index in blocks(out.shape):
            where = keeps(columns[index[-1]] - rows[index[-2]], np.asarray(diagonal))
            assign(out[..., *index], np.where(where, self[..., *index], self.dtype.type(0)))

    return run


def _flip(out: _Array, self: _Array, dims: int | Sequence[int]) -> None:
    assign(out, np.flip(self, dims if isinstance(dims, int) else tuple(dims)))


def _roll(out: _Array, self: _Array, shifts: Any, dims: Any = None) -> None:
    assign(out, np.roll(self, shifts, None if dims in (None, [], ()) else dims))


def _repeat(out: _Array, self: _Array, repeats: int | Sequence[int]) -> None:
    counts = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    shape = (1,) * (len(counts) - self.ndim) + self.shape
    tiles = tuple(number for pair in zip(counts, shape, strict=True) for number in pair)
    source = np.broadcast_to(self.reshape(tuple(n for length in shape for n in (1, length))), tiles)
    for index in np.ndindex(counts):
        part: tuple[Any, ...] = tuple(slice(i * n, (i + 1) * n) for i, n in zip(index, shape, strict=True))
        assign(out[..., *part], source[tuple(i for number in index for i in (number, slice(None)))])


def _pad(out: _Array, self: _Array, pad: Sequence[int], value: float = 0) -> None:
    """Pairs from the last axis back; negative numbers crop."""
    pairs = [(0, 0)] * (self.ndim - len(pad) // 2) + [
        (pad[k], pad[k + 1]) for k in range(len(pad) - 2, -1, -2)
    ]
    assign(out, np.asarray(value))
    inner: tuple[Any, ...] = tuple(
        slice(max(0, before), length - max(0, after))
        for (before, after), length in zip(pairs, out.shape, strict=True)
    )
    outer: tuple[Any, ...] = tuple(
        slice(max(0, -before), length - max(0, -after))
        for (before, after), length in zip(pairs, self.shape, strict=True)
    )
    assign(out[..., *inner], self[..., *outer])


REARRANGING: Mapping[str, Callable[..., None]] = {
    "copy": assign,
    "cat": _cat,
    "stack": _stack,
    "tril": _triangle(np.less_equal),
    "triu": _triangle(np.greater_equal),
    "flip": _flip,
    "roll": _roll,
    "repeat": _repeat,
    "constant_pad_nd": _pad,
}
