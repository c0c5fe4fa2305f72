"""uniform_ and normal_ from torch's CUDA stream on CUDA devices."""

from __future__ import annotations

import numpy as np

from ...arrays.target import Target
from ...arrays.walks.axes import AXES
from ...dtypes import Element
from ...kernels.cuda.arguments import round_keys
from .engine import Draw
from .kernels.cuda.table import KERNELS

#: Blocks along y.
_MOST_CALLS = 65535


def fill_on_device(
    target: Target, law: str, parameters: tuple[float, float], seed: int, draw: Draw, per_call: int
) -> None:
    """The kernel of a law over a target on a device, which is not empty, as torch's own threads would do it."""
    assert target.device is not None
    real, reals = target.element.real, target.size * target.element.parts
    runs = target.runs(target.order)[::-1]
    kind = "dense" if len(runs) == 1 else "strided"
    lengths, strides = zip(*runs, *[(1, 0)] * (AXES - len(runs)), strict=True)
    name = f"torch_{law}_{kind}_{real.name}"
    numbers = _uniform_numbers(*parameters, real) if law == "uniform" else parameters
    calls, block = -(-reals // (draw.threads * per_call)), KERNELS[name].block
    grid = -(-draw.threads // block), min(calls, _MOST_CALLS)
    place = target.pointer, reals, draw.threads, draw.call, calls, lengths[:-1], strides
    target.device.launch(name, grid, block, (*place, round_keys(seed), numbers))


def _uniform_numbers(lo: float, hi: float, real: Element) -> tuple[float, float, float, float]:
    """low, width and the bounds; all are rounded to the element's type, the width by way of its arithmetic type."""
    first, end = real.rounded(lo), real.rounded(hi)
    arithmetic = np.float64 if real.name == "float64" else np.float32
    width = real.rounded(float(arithmetic(end) - arithmetic(first)))
    return first, width, first, end
