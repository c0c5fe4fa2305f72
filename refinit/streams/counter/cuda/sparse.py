"""sparse_ by position on CUDA devices."""

from __future__ import annotations

from typing import NamedTuple

from ....arrays.target import Target
from ....arrays.walks.axes import INDEX_LIMIT
from ....arrays.walks.launches import launch_each
from ....arrays.walks.patterns import fill_bytes
from ....devices.device import Device
from ....kernels.cuda.arguments import round_keys
from ....laws.law import Normal, Sparse
from ...engine import Realise
from ..engine import CounterEngine
from ..parameters import parameters_of
from .elementwise import fill_reals

_MARK = 4  # bytes
#: Bytes of marks that a batch of columns has, so that they stay in the cache (an A100's is 40 MiB); but so many columns
#: at least, since a row of a batch is written at once.
_BATCH_BYTES, _BATCH_COLUMNS = 1 << 25, 8


def sparse(target: Target, law: Sparse, device: Device) -> Realise:
    """Normals by position, then zeros, with the bits of ``host/sparse.py``.

    A batch of columns takes three launches.  Each place of a column has four bytes of scratch memory, its mark.  One
    launch empties the marks; one draws, with a Philox block and an atomic minimum for each step of Floyd's algorithm
    (as many as a column has zeros, or others if those are fewer); one reads the mark of every element of the target,
    and where the element may be the last place of a step, draws that step again, and others that it hangs on: up to
    two on average.  Scratch is 32 MiB at most, or 32 bytes for each row of the whole tensor if that is more.

    Raises
    ------
    ValueError
        For columns whose places have no 32-bit number.
    """
    kind, parameters = parameters_of(target, Normal(0.0, law.std))
    if target.whole[0] > INDEX_LIMIT:
        raise ValueError(
            f"expected at most {INDEX_LIMIT} rows for sparse_ on a CUDA array, got shape {target.whole}; "
            "initialise a NumPy array with the same generator and copy it"
        )

    def realise(engine: CounterEngine) -> None:
        rows, columns, real = target.whole[0], target.shape[1], target.element.real
        normals = f"wide_{kind}_{real.name}", f"each_{kind}_{real.name}"
        device.load(*normals, "wide_constant", "draw_subset", f"clear_subset_{8 * real.itemsize}")
        key, fill = engine.key_and_fill()
        subset = _Subset(rows, min(law.zeros, rows - law.zeros), fill, round_keys(key))
        width = min(columns, max(_BATCH_BYTES // (_MARK * rows), _BATCH_COLUMNS), INDEX_LIMIT // rows)
        with device.scratch(_MARK * rows * width) as marks:  # MemoryError, if ever, before the first write
            fill_reals(target, kind, tuple(parameters), device, key, fill)
            for first in range(0, columns, width):
                batch = _Batch(target, marks, first, min(width, columns - first))
                fill_bytes(device, marks, _MARK * rows * batch.columns, b"\xff")
                _draw(device, batch, subset)
                _clear(device, batch, subset, zero=subset.size == law.zeros)

    return realise


class _Subset(NamedTuple):
    """Of each column: what kernels take last."""

    rows: int
    size: int
    fill: int
    keys: tuple[int, ...]


class _Batch(NamedTuple):
    """``columns`` of a target from ``first`` on, and where their marks lie."""

    target: Target
    marks: int
    first: int
    columns: int

    @property
    def by_columns(self) -> bool:
        """Whether a column's elements are closer in memory than a row's; neighbours have neighbouring marks."""
        row_step, column_step = self.target.strides
        return abs(row_step) < abs(column_step)

    @property
    def mark_steps(self) -> tuple[int, int]:
        """Bytes from one row's marks to the next, and from one column's."""
        return (_MARK, _MARK * self.target.whole[0]) if self.by_columns else (_MARK * self.columns, _MARK)


def _draw(device: Device, batch: _Batch, subset: _Subset) -> None:
    """Lets each place's mark be the first step that draws it."""
    count, column = subset.size * batch.columns, batch.target.offset[1] + batch.first
    if count:
        launch_each(device, "draw_subset", count, (count, batch.marks, batch.mark_steps, column, *subset))


def _clear(device: Device, batch: _Batch, subset: _Subset, *, zero: bool) -> None:
    """Zeros inside the subset, or outside it."""
    target, columns = batch.target, batch.columns
    (rows, _), real, (first_row, first_column) = target.shape, target.element.real, target.offset
    elements = target.pointer + batch.first * target.strides[1], target.strides, target.element.parts
    marks = batch.marks, batch.mark_steps, (first_row, first_column + batch.first)
    count, inner = rows * columns, rows if batch.by_columns else columns
    arguments = count, inner, int(batch.by_columns), *elements, *marks, int(zero), *subset
    launch_each(device, f"clear_subset_{8 * real.itemsize}", count, arguments)
