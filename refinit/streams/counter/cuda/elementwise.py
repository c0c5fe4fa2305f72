"""Elementwise laws by position on CUDA devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ....arrays.target import Target
from ....arrays.walks.axes import Axis, Walk, axes_of, offset_of, pieces
from ....arrays.walks.launches import launch_each
from ....devices.device import Device
from ....kernels.cuda.arguments import round_keys
from ..kernels.cuda.table import KERNELS, TILES

#: Runs shorter than this leave most threads of a ``wide`` kernel's blocks without work.
_LEAST_RUN = 512
#: Blocks along y.
_MOST_RUNS = 65535
#: Lanes of a tile.
_LANES = 16
#: Bytes of a wide store, and what it needs to lie at a multiple of.
_SIXTEEN = 16


class Draw(NamedTuple):
    """What is drawn: the law's kind and numbers, the element type's name and bytes, the key, the fill number."""

    kind: str
    numbers: tuple[float, ...]
    element: str
    itemsize: int
    key: int
    fill: int

    @property
    def arguments(self) -> tuple[object, ...]:
        """What every kernel takes last."""
        return self.fill, round_keys(self.key), self.numbers


def fill_on_device(target: Target, kind: str, taken: tuple[int, int], numbers: Sequence[float]) -> None:
    """``kind`` over all reals of a target on a device, which has elements."""
    assert target.device is not None
    real = target.element.real
    draw = Draw(kind, tuple(numbers), real.name, real.itemsize, *taken)
    number = target.element.parts * offset_of(target.offset, target.steps)
    fill_axes(target.device, draw, target.pointer, number, axes_of(target))


def fill_axes(device: Device, draw: Draw, address: int, number: int, axes: list[Axis]) -> None:
    """The reals at ``address`` + indices strides, numbered ``number`` + indices steps."""
    runs, run = (axes[0] if len(axes) == 2 else Axis(1, 0, 0)), axes[-1]
    if len(axes) <= 2 and _is_wide(draw, address, number, runs, run):
        _launch_wide(device, draw, address, number, runs, run)
    else:
        for at, first, walk in pieces(address, number, axes):
            _launch_each(device, draw, at, first, walk)


def _is_wide(draw: Draw, address: int, number: int, runs: Axis, run: Axis) -> bool:
    """Whether every run is one of the whole tensor, and sixteen bytes of it lie at a multiple of sixteen."""
    skew = (address - number * draw.itemsize) | (runs.stride - runs.step * draw.itemsize)
    dense = (run.stride, run.step) == (draw.itemsize, 1)
    return dense and skew % _SIXTEEN == 0 and (runs.length == 1 or run.length >= _LEAST_RUN)


def _launch_wide(device: Device, draw: Draw, address: int, number: int, runs: Axis, run: Axis) -> None:
    name = f"wide_{draw.kind}_{draw.element}"
    block = KERNELS[name].block
    size, lanes = TILES[draw.element]
    skipped = number % size if runs.length == 1 else size - 1
    groups = -(-(skipped + run.length) // size) * (_LANES // lanes)
    for at in range(0, runs.length, _MOST_RUNS):
        grid = -(-groups // block), min(_MOST_RUNS, runs.length - at)
        place = address + at * runs.stride, number + at * runs.step, run.length, runs.stride, runs.step
        device.launch(name, grid, block, (*place, *draw.arguments))


def _launch_each(device: Device, draw: Draw, address: int, number: int, walk: Walk) -> None:
    arguments = address, number, *walk, *draw.arguments
    launch_each(device, f"each_{draw.kind}_{draw.element}", walk.size, arguments)
