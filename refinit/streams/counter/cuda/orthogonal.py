"""orthogonal_ by position on CUDA devices: the reflectors of ``haar.py``, applied by kernels of our own."""

from __future__ import annotations

import math
from typing import NamedTuple

from ....arrays.target import Target
from ....arrays.walks.axes import Axis, merged, offset_of, pieces
from ....arrays.walks.launches import launch_each
from ....arrays.walks.patterns import fill_bytes
from ....devices.device import Device
from ....laws.law import Orthogonal
from ...engine import Realise
from ..engine import CounterEngine
from ..kernels.cuda.table import COLUMNS_SOLVED, KERNELS, SIDE, TERMS
from .elementwise import KernelLaw, fill_axes

#: Rows that a block sums a product over, at least; and parts of a sum, at most.
_PART_ROWS, _PARTS = 256, 16
_KERNELS = (
    *("wide_normal", "each_normal"),
    *(f"reflector_{step}" for step in ("heads", "products", "sums", "solve", "update")),
)
#: Columns that a thread reads and writes at once.
_GROUP = 4


def orthogonal(target: Target, law: Orthogonal, device: Device) -> Realise:
    """gain Q, as ``host/haar.py`` makes it of the same normals.

    Normals, reflectors and signs are the same, only roundings differ: no element is farther than 10 eps |gain| from
    the CPU's (at most 4 eps were seen in 8000 draws, sides up to 1100), eps being that of the type that is computed
    in; half types are then rounded once. A block has the bits of the whole.

    Notes
    -----
    A tall m x n matrix takes 2 m n^2 - (2/3) n^3 flops in two products for each panel of 64 reflectors, V^T Q and
    Q - V Y, and 128 m n more in V^T V. A panel takes six launches: normals, heads, V^T [V Q], the sum of its parts (not
    up to 256 rows), the solution by 1 / T, Q - V Y; two more fill Q with zeros and store the result. Panels beyond
    the block's last column are not made. Scratch memory: m numbers for each column of the block (and for what is before
    it up to a multiple of 64), 16 to 64 m for V, and for products a quarter of the first, from 4096 rows on less.

    Large matrices are bound by the arithmetic of the products, each byte of Q being moved for 21 flops in float32. On
    sm_90 their inner loop has 256 FFMA and 16 LDS.128 in 277 instructions; with what brings the operands to shared
    memory 87 % are FFMA, so that is the part of the peak rate they may reach at most (float64: DFMA, half the rate).
    Registers let 8 blocks of two warps reside on a multiprocessor, 4 in float64; from about 4096 x 4096 on V^T Q has
    that many for each of an H100's. Below some 1024 x 1024 launches should be most of the time. These are counts
    from the machine code: nothing was timed.
    """

    def realise(engine: CounterEngine) -> None:
        _fill(
            target, target.element.computed.rounded(law.gain), device, _Plan(target, *engine.key_and_fill())
        )

    return realise


def _fill(target: Target, gain: float, device: Device, plan: _Plan) -> None:
    device.load(
        *(f"{kernel}_{plan.real}" for kernel in _KERNELS),
        "wide_constant",
        f"each_scaled_{target.element.name}",
    )
    with (
        device.scratch(plan.q_size) as q,
        device.scratch(plan.rows * plan.v_pitch) as v,
        device.scratch(plan.products_size) as products,
        device.scratch(SIDE * plan.itemsize) as halves,
    ):
        fill_bytes(device, q, plan.q_size, b"\0")
        for start in reversed(range(0, plan.end, SIDE)):
            panel = _Panel(device, plan, _Scratch(q, v, products, halves), start)
            panel.make()
            panel.apply()
        _store(target, gain, device, plan, q)


class _Scratch(NamedTuple):
    """Addresses: Q, V, the products V^T [V Q] in parts, and half of each v^T v."""

    q: int
    v: int
    products: int
    halves: int


class _Plan:
    """The tall matrix, its normals, the columns ``first`` to ``end`` that are made of it, and the scratch memory."""

    def __init__(self, target: Target, key: int, fill: int) -> None:
        self.real, self.itemsize = target.element.computed.name, target.element.computed.itemsize
        self.normal = KernelLaw("normal", (0.0, 1.0), self.real, self.itemsize, key, fill)
        rows, columns = target.whole[0], math.prod(target.whole[1:])
        self.wide = rows < columns
        self.m = max(rows, columns)
        #: How far apart in the tensor neighbours in a column and in a row are.
        self.down, self.across = (1, columns) if self.wide else (columns, 1)
        # a column of Q is a row of a wide tensor
        axes, steps = (slice(0, 1), (1,)) if self.wide else (slice(1, None), target.steps[1:])
        first = offset_of(target.offset[axes], steps)
        last = first + offset_of((n - 1 for n in target.shape[axes]), steps)
        self.first, self.end = first // SIDE * SIDE, last + 1
        # whole squares of rows, so that no product asks where they end; of columns whole groups
        self.rows = _up(self.m, SIDE)
        self.q_pitch = _up(self.end - self.first, _GROUP) * self.itemsize
        #: And sixteen bytes of zeros, for what products read beyond the last column.
        self.q_size = self.rows * self.q_pitch + 16
        self.v_pitch = _up(min(SIDE, self.end), TERMS) * self.itemsize
        # A function of m alone: how a sum is parted must not depend on what else is wanted
        self.part = max(_PART_ROWS, _up(-(-self.m // _PARTS), TERMS))
        width = SIDE + _up(self.end - self.first, SIDE)
        self.products_size = -(-self.rows // self.part) * SIDE * width * self.itemsize


def _up(number: int, unit: int) -> int:
    return -(-number // unit) * unit


class _Panel:
    """The reflectors from column ``start`` on, up to 64, and the part of Q that they change."""

    def __init__(self, device: Device, plan: _Plan, scratch: _Scratch, start: int) -> None:
        self.device, self.plan, self.scratch, self.start = device, plan, scratch, start
        self.rows, self.padded = plan.m - start, plan.rows - start
        self.v = scratch.v, plan.v_pitch
        skipped = max(0, start - plan.first) * plan.itemsize
        self.q = scratch.q + start * plan.q_pitch + skipped, plan.q_pitch
        self.width = plan.q_pitch - skipped
        self.squares = -(-self.width // (SIDE * plan.itemsize))
        self.products_pitch = (1 + self.squares) * SIDE * plan.itemsize

    def make(self) -> None:
        """V, the halves, and the signs on Q's diagonal, where Q has these columns."""
        plan, scratch = self.plan, self.scratch
        columns = min(SIDE, plan.end - self.start)
        axes = [Axis(self.rows, plan.v_pitch, plan.down), Axis(columns, plan.itemsize, plan.across)]
        fill_axes(self.device, plan.normal, scratch.v, self.start * (plan.down + plan.across), axes)
        diagonal = self.q[0] if self.start >= plan.first else 0, plan.q_pitch + plan.itemsize
        self._launch(
            "heads", (SIDE, 1), (*self.v, self.rows, self.padded, columns, scratch.halves, *diagonal)
        )

    def apply(self) -> None:
        """Q = (1 - V T V^T) Q."""
        plan, products = self.plan, self.scratch.products
        parts = -(-self.padded // plan.part)
        zeros = self.scratch.q + plan.q_size - 16
        operands = *self.v, *self.q, self.width, zeros, self.padded, plan.part, products
        self._launch("products", (1 + self.squares, parts), operands)
        if parts > 1:
            count = SIDE * self.products_pitch // plan.itemsize
            launch_each(self.device, f"reflector_sums_{plan.real}", count, (products, count, parts))
        solving = self.squares * SIDE // COLUMNS_SOLVED[plan.real]
        self._launch("solve", (solving, 1), (products, self.products_pitch, self.scratch.halves))
        y = products + SIDE * plan.itemsize, self.products_pitch
        self._launch("update", (self.padded // SIDE, self.squares), (*self.v, *y, *self.q, self.width))

    def _launch(self, kernel: str, grid: tuple[int, int], arguments: tuple[int, ...]) -> None:
        name = f"reflector_{kernel}_{self.plan.real}"
        self.device.launch(name, grid, KERNELS[name].block, arguments)


def _store(target: Target, gain: float, device: Device, plan: _Plan, q: int) -> None:
    """gain Q to the target, whatever its layout and place in the whole."""
    down, across = (plan.itemsize, plan.q_pitch) if plan.wide else (plan.q_pitch, plan.itemsize)
    steps = [down, *(step * across for step in target.steps[1:])]
    axes = [Axis(*axis) for axis in zip(target.shape, target.strides, steps, strict=True)]
    begin = offset_of(target.offset, steps) - plan.first * plan.itemsize
    name = f"each_scaled_{target.element.name}"
    for address, source, walk in pieces(target.pointer, q + begin, merged(axes)):
        launch_each(device, name, walk.size, (address, source, *walk, gain))
