"""Elementwise laws by position on CUDA devices."""

from __future__ import annotations

from typing import NamedTuple

from ....arrays.target import Target
from ....arrays.walks.axes import Axis, Walk, axes_of, offset_of, pieces
from ....arrays.walks.launches import GRID_Y_LIMIT, launch_each
from ....devices.device import Device
from ....kernels.cuda.arguments import round_keys
from ....laws.law import Normal, TruncNormal, Uniform
from ...engine import Realise
from ..engine import CounterEngine
from ..kernels.cuda.table import KERNELS, TILES
from ..parameters import parameters_of

#: Runs shorter than this leave most threads of a ``wide`` kernel's blocks without work.
_WIDE_RUN = 512
#: Lanes of a tile.
_LANES = 16
#: Bytes of a wide store, and what it needs to lie at a multiple of.
_STORE_BYTES = 16


class KernelLaw(NamedTuple):
    """A law as kernels take it: kind and parameters, the element type's name and bytes, the key, the fill number."""

    kind: str
    parameters: tuple[float, ...]
    element: str
    itemsize: int
    key: int
    fill: int

    @property
    def arguments(self) -> tuple[object, ...]:
        """What every kernel takes last."""
        return self.fill, round_keys(self.key), self.parameters


def elementwise(target: Target, law: Uniform | Normal | TruncNormal, device: Device) -> Realise:
    """The kernel of the law's kind over the whole target."""
    kind, parameters = parameters_of(target, law)

    def realise(engine: CounterEngine) -> None:
        fill_reals(target, kind, tuple(parameters), device, *engine.key_and_fill())

    return realise


def fill_reals(
    target: Target, kind: str, parameters: tuple[float, ...], device: Device, key: int, fill: int
) -> None:
    """``kind``'s kernel over all reals of a target that has elements."""
    real = target.element.real
    law = KernelLaw(kind, parameters, real.name, real.itemsize, key, fill)
    number = target.element.parts * offset_of(target.offset, target.steps)
    fill_axes(device, law, target.pointer, number, axes_of(target))


def fill_axes(device: Device, law: KernelLaw, address: int, number: int, axes: list[Axis]) -> None:
    """The reals at ``address`` + indices strides, numbered ``number`` + indices steps."""
    runs, run = (axes[0] if len(axes) == 2 else Axis(1, 0, 0)), axes[-1]
    if len(axes) <= 2 and _is_wide(law, address, number, runs, run):
        _launch_wide(device, law, address, number, runs, run)
    else:
        for begin, first, walk in pieces(address, number, axes):
            _launch_each(device, law, begin, first, walk)


def _is_wide(law: KernelLaw, address: int, number: int, runs: Axis, run: Axis) -> bool:
    """Whether every run is one of the whole tensor, and sixteen bytes of it lie at a multiple of sixteen."""
    skew = (address - number * law.itemsize) | (runs.stride - runs.step * law.itemsize)
    dense = (run.stride, run.step) == (law.itemsize, 1)
    return dense and skew % _STORE_BYTES == 0 and (runs.length == 1 or run.length >= _WIDE_RUN)


def _launch_wide(device: Device, law: KernelLaw, address: int, number: int, runs: Axis, run: Axis) -> None:
    name = f"wide_{law.kind}_{law.element}"
    block = KERNELS[name].block
    size, lanes = TILES[law.element]
    skipped = number % size if runs.length == 1 else size - 1
    groups = -(-(skipped + run.length) // size) * (_LANES // lanes)
    for start in range(0, runs.length, GRID_Y_LIMIT):
        grid = -(-groups // block), min(GRID_Y_LIMIT, runs.length - start)
        first = address + start * runs.stride, number + start * runs.step
        device.launch(name, grid, block, (*first, run.length, runs.stride, runs.step, *law.arguments))


def _launch_each(device: Device, law: KernelLaw, address: int, number: int, walk: Walk) -> None:
    arguments = address, number, *walk, *law.arguments
    launch_each(device, f"each_{law.kind}_{law.element}", walk.size, arguments)
