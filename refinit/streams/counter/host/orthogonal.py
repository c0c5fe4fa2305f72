"""orthogonal_ by position: Householder reflectors of the normals that normal_ would give the whole tensor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....arrays.shards import Shard
from ....arrays.target import Target, address_of
from ....dtypes import bfloat16_bits
from ....kernels.code.cpu_loader import kernel
from ....laws.law import Orthogonal
from ...engine import Realise
from ..engine import CounterEngine
from .haar import Normals, haar


def orthogonal(target: Target, law: Orthogonal) -> Realise:
    """gain Q of the tensor as a matrix of shape (shape[0], rest); half types are computed in float32, rounded once."""

    def realise(engine: CounterEngine) -> None:
        _fill(target, target.element.computed.rounded(law.gain), engine.cursor())

    return realise


def orthogonal_range(target: Target, law: Orthogonal) -> Realise:
    """The same of a range of the flattened tensor: its rows are made in memory of their own, all at once.

    One by one, the first, the last and those between would each cost what all do.
    """
    rows, columns = target.whole[0], math.prod(target.whole[1:])
    start = target.offset[0]
    first, last = start // columns, -(-(start + target.size) // columns)

    def realise(engine: CounterEngine) -> None:
        memory = np.empty((last - first, columns), target.array.dtype)
        block = Target(target.element, memory.shape, memory.size, address_of(memory), True, True, memory)
        block.block = Shard(None, (rows, columns), (first, 0))
        orthogonal(block, law)(engine)
        skipped = start - first * columns
        target.array[...] = memory.reshape(-1)[skipped : skipped + target.size]

    return realise


def _fill(target: Target, gain: float, cursor: int) -> None:
    real = target.element.computed.dtype.type
    shape = (target.whole[0], math.prod(target.whole[1:]))
    first_row, first, last = _reach(target)
    array = target.array
    if (
        target.contiguous
        and target.aligned
        and array.dtype == real
        and last - first == target.size // len(array)
    ):
        out = array.reshape(len(array), last - first)
        haar(shape, _normals(shape, cursor, real), out, offset=(first_row, first), gain=gain)
        return
    out = np.empty((len(array), last - first), real)
    haar(shape, _normals(shape, cursor, real), out, offset=(first_row, first), gain=gain)
    # values may round to zero or infinity, whatever the user wants to hear of his own
    with np.errstate(all="ignore"):
        array[...] = _stored(out[:, _columns(target) - first].reshape(array.shape), target.element.name)


def _reach(target: Target) -> tuple[int, int, int]:
    """The block's first row, and where its columns begin and end in the flattened tensor."""
    columns = _columns(target)
    return target.offset[0], int(columns[0]), int(columns[-1]) + 1


def _columns(target: Target) -> NDArray[np.int64]:
    """The columns of the flattened tensor that the block has, in order."""
    columns = np.zeros(1, np.int64)
    for length, n, start in zip(target.whole[1:], target.shape[1:], target.offset[1:], strict=True):
        columns = np.add.outer(columns * length, np.arange(start, start + n)).ravel()
    return columns


def _stored(values: NDArray[Any], name: str) -> NDArray[Any]:
    return bfloat16_bits(values) if name == "bfloat16" else values


def _normals(shape: tuple[int, int], cursor: int, real: Any) -> Normals:
    """The tall matrix of standard normals by blocks: element (i, j) is that of the tensor, or of its transpose."""
    fill = kernel(f"counter_normal_rows_{np.dtype(real).name}")
    wide, width = shape[0] < shape[1], shape[1]

    def normals(row: int, column: int, rows: int, columns: int, out: NDArray[Any]) -> None:
        if wide:
            row, column, rows, columns, out = column, row, columns, rows, out.T
        fill(
            cursor,
            out.ctypes.data,
            rows,
            columns,
            out.strides[0] // out.itemsize,
            row * width + column,
            width,
        )

    return normals
