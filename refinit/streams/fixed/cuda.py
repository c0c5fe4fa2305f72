"""The laws without chance on CUDA devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...arrays.target import Target
from ...arrays.walks.axes import INDEX_LIMIT, Axis, merged, offset_of, pieces
from ...arrays.walks.launches import launch_each
from ...arrays.walks.patterns import Runs, fill_runs
from ...devices.device import Device
from ...laws.fixed import Constant, Dirac, Eye
from .host import centre_of, stored

#: Runs of fewer bytes than this, of which there are several, are mostly ends: they are filled element by element.
_WIDE_RUN_BYTES = 64


def fill_constant(target: Target, law: Constant, device: Device) -> None:
    """Writes one number everywhere; runs without gaps sixteen bytes at a time."""
    pattern, itemsize = _bytes_of(law.value, target), target.element.itemsize
    address, axes = _forwards(target)
    *outer, run = axes
    # each run begins where the last one's pattern would
    alike = all(axis.stride % itemsize == 0 for axis in outer)
    size = run.length * itemsize
    if run.stride == itemsize and (not outer or (len(outer) == 1 and alike and size >= _WIDE_RUN_BYTES)):
        repeated = (outer[0].length, outer[0].stride) if outer else (1, 0)
        fill_runs(device, Runs(address, size, *repeated), pattern)
    else:
        _fill_each(target, device, address, axes, pattern)


def _bytes_of(number: complex, target: Target) -> bytes:
    """An element, as memory holds it."""
    value = stored(number, target)
    element = np.empty(1, target.element.memory)
    element[...] = value
    return element.tobytes()


def _forwards(target: Target) -> tuple[int, list[Axis]]:
    """The elements' lowest address, and their axes, all walked upwards: the order does not matter here."""
    address = target.pointer
    axes = [Axis(1, target.element.itemsize, 0)]
    for length, stride in zip(target.shape, target.strides, strict=True):
        address += (length - 1) * min(stride, 0)
        axes.insert(0, Axis(length, abs(stride), 0))
    return address, merged(axes)


def _fill_each(target: Target, device: Device, address: int, axes: list[Axis], pattern: bytes) -> None:
    """The reals one by one; a complex number is two."""
    real, parts = target.element.real, target.element.parts
    first, *second = np.frombuffer(pattern, f"u{real.itemsize}").tolist()
    name = f"each_constant_{8 * real.itemsize}"
    for begin, _, walk in pieces(address, 0, merged([*axes, Axis(parts, real.itemsize, 0)])):
        arguments = begin, walk.size, walk.lengths, walk.strides, (first, second[0] if second else first)
        launch_each(device, name, walk.size, arguments)


def _load(target: Target, device: Device) -> None:
    """What zeros and a diagonal may need."""
    bits = 8 * target.element.real.itemsize
    device.load("wide_constant", f"each_constant_{bits}", f"diagonal_{bits}")


def fill_eye(target: Target, _: Eye, device: Device) -> None:
    """Writes zeros, then the diagonal."""
    _load(target, device)
    fill_constant(target, Constant(0), device)
    _fill_diagonal(target, device, target.pointer, target.whole[0], target.shape[0])


def fill_dirac(target: Target, law: Dirac, device: Device) -> None:
    """Writes zeros, then each group's centres, as far as they lie in the block."""
    _load(target, device)
    fill_constant(target, Constant(0), device)
    group_size, centre = target.whole[0] // law.groups, centre_of(target)
    if not group_size or centre is None:
        return
    address = target.pointer + offset_of(centre, target.strides[2:])
    rows = min(target.shape[0], law.groups * group_size - target.offset[0])
    _fill_diagonal(target, device, address, group_size, rows)


def _fill_diagonal(target: Target, device: Device, address: int, group_size: int, rows: int) -> None:
    """Ones where the row's number within its group is that of the column."""
    row_step, column_step = target.strides[:2]
    real, (first_row, first_column) = target.element.real, target.offset[:2]
    word = int(np.frombuffer(_bytes_of(1, target), f"u{real.itemsize}")[0])
    name = f"diagonal_{8 * real.itemsize}"
    for start, count, column in _diagonals(first_row, rows, group_size, first_column):
        arguments = address + start * row_step, count, row_step, column_step, *column, target.shape[1], word
        launch_each(device, name, count, arguments)


def _diagonals(
    first_row: int, rows: int, group_size: int, first_column: int
) -> Iterator[tuple[int, int, tuple[int, int, int]]]:
    """For each launch the first of its rows, how many they are, and the column of row r of them.

    This is (first + r) mod period + shift, given as (first, period, shift); the sum has 32 bits.
    """
    start = 0
    while start < rows:
        within = (first_row + start) % group_size
        if group_size <= INDEX_LIMIT:
            count, column = min(INDEX_LIMIT, rows - start), (within, group_size, -first_column)
        else:  # up to the group's end at most
            count, column = (
                min(INDEX_LIMIT, rows - start, group_size - within),
                (0, INDEX_LIMIT, within - first_column),
            )
        yield start, count, column
        start += count


ON_CUDA: dict[type, Callable[[Target, Any, Device], None]] = {
    Constant: fill_constant,
    Eye: fill_eye,
    Dirac: fill_dirac,
}
