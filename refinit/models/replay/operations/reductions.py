"""Sums, norms and products.  Their parts are added in float64, block by block; torch's order is another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blocks import blocks
from .rearranging import assign

_Array = NDArray[Any]
_Dims = int | Sequence[int] | None


def _axes(array: _Array, dim: _Dims) -> tuple[int, ...]:
    if dim is None or (not isinstance(dim, int) and not dim):
        return tuple(range(array.ndim))
    return tuple(axis % array.ndim for axis in ((dim,) if isinstance(dim, int) else dim))


def _reduced(
    array: _Array, axes: tuple[int, ...], start: Any, step: Callable[[_Array], _Array], join: Any
) -> _Array:
    """Of each block ``step``, reduced along the axes by the ufunc ``join``; the axes stay, of length 1."""
    shape = tuple(1 if axis in axes else length for axis, length in enumerate(array.shape))
    result = np.full(shape, start)
    for index in blocks(array.shape):
        part = tuple(slice(None) if axis in axes else i for axis, i in enumerate(index))
        block = (
            join.reduce(step(array[..., *index]), axis=axes, keepdims=True)
            if axes
            else step(array[..., *index])
        )
        result[..., *part] = join(result[..., *part], block)
    return result


def _wide(block: _Array) -> _Array:
    return block.astype(np.complex128 if block.dtype.kind == "c" else np.float64)


def _accumulated(block: _Array) -> _Array:
    """Integers are added exactly, and wrap."""
    return block.astype(np.int64) if block.dtype.kind in "iub" else _wide(block)


def _sum(self: _Array, axes: tuple[int, ...]) -> _Array:
    start = np.zeros((), _accumulated(self[:0] if self.ndim else self).dtype)[()]
    return _reduced(self, axes, start, _accumulated, np.add)


def _total(out: _Array, self: _Array, dim: _Dims = None) -> None:
    assign(out, _sum(self, _axes(self, dim)).reshape(out.shape))


def _mean(out: _Array, self: _Array, dim: _Dims = None) -> None:
    axes = _axes(self, dim)
    with np.errstate(all="ignore"):
        assign(out, (_sum(self, axes) / math.prod(self.shape[a] for a in axes)).reshape(out.shape))


def _extreme(start: float, join: Any) -> Callable[..., None]:
    def run(out: _Array, self: _Array, dim: _Dims = None) -> None:
        axes = _axes(self, dim)
        if not math.prod(self.shape[axis] for axis in axes):
            raise ValueError(f"expected elements to compare, got an array of shape {self.shape}")
        if self.dtype.kind in "iub":
            result = join.reduce(self, axis=axes, keepdims=True) if axes else self
        else:
            result = _reduced(self, axes, start, _wide, join)
        assign(out, result.reshape(out.shape))

    return run


def norms(self: _Array, p: float, axes: tuple[int, ...]) -> _Array:
    """Vector norms along axes, which stay."""
    with np.errstate(all="ignore"):
        if p == 2:
            return np.sqrt(_reduced(self, axes, 0.0, lambda block: np.square(np.abs(_wide(block))), np.add))
        if p == 1:
            return _reduced(self, axes, 0.0, lambda block: np.abs(_wide(block)), np.add)
        if math.isinf(p):
            start, join = (0.0, np.maximum) if p > 0 else (math.inf, np.minimum)
            return _reduced(self, axes, start, lambda block: np.abs(_wide(block)), join)
        if p == 0:
            return _reduced(self, axes, 0.0, lambda block: (block != 0).astype(np.float64), np.add)
        powers = _reduced(self, axes, 0.0, lambda block: np.abs(_wide(block)) ** p, np.add)
        return np.asarray(powers ** (1 / p))


def _norm(out: _Array, self: _Array, p: float = 2, dim: _Dims = None) -> None:
    assign(out, norms(self, p, _axes(self, dim)).reshape(out.shape))


def _vector_norm(out: _Array, self: _Array, ord: float = 2, dim: _Dims = None) -> None:  # noqa: A002 - torch's name
    _norm(out, self, ord, dim)


def _weight_norm(out: _Array, v: _Array, g: _Array, dim: int = 0) -> None:
    """v g / |v|, the norm over all axes but one."""
    scale = np.broadcast_to(_wide(g) / norms(v, 2, _others(v, dim)), v.shape)
    for index in blocks(v.shape):
        assign(out[..., *index], _wide(v[..., *index]) * scale[..., *index])


def _others(v: _Array, dim: int) -> tuple[int, ...]:
    return tuple(axis for axis in range(v.ndim) if dim == -1 or axis != dim % v.ndim)


def _product(out: _Array, self: _Array, mat2: _Array) -> None:
    """Row by row, so that only a row of the product is wide."""
    wide = _wide(mat2)
    for row, part in zip(self, out, strict=True):
        assign(part, _wide(row) @ wide)


REDUCTIONS: Mapping[str, Callable[..., None]] = {
    "sum": _total,
    "mean": _mean,
    "amax": _extreme(-math.inf, np.maximum),
    "amin": _extreme(math.inf, np.minimum),
    "norm": _norm,
    "linalg_vector_norm": _vector_norm,
    "weight_norm": _weight_norm,
    "mv": lambda out, self, vec: _product(out[:, None], self, vec[:, None]),
    "mm": _product,
}
