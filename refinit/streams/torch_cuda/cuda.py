"""uniform_ and normal_ from torch's CUDA stream on CUDA devices."""

from __future__ import annotations

import numpy as np

from ...arrays.target import Target
from ...arrays.walks.axes import AXES
from ...arrays.walks.launches import GRID_Y_LIMIT
from ...devices.device import Device
from ...dtypes import Element
from ...kernels.cuda.arguments import round_keys
from .engine import ThreadShare
from .kernels.cuda.table import KERNELS


def fill_on_device(
    device: Device, target: Target, kind: str, parameters: tuple[float, float], seed: int, share: ThreadShare
) -> None:
    """The kernel of ``kind``, "uniform" or "normal", over a target, as torch's own threads would do it."""
    real, reals = target.element.real, target.size * target.element.parts
    runs = target.runs(target.order)[::-1]
    lengths, strides = zip(*runs, *[(1, 0)] * (AXES - len(runs)), strict=True)
    name = f"torch_{kind}_{'dense' if len(runs) == 1 else 'strided'}_{real.name}"
    law = _uniform_parameters(*parameters, real) if kind == "uniform" else parameters
    block = KERNELS[name].block
    # a thread of each block along y makes every so many-th call
    grid = -(-share.threads // block), min(share.calls, GRID_Y_LIMIT)
    device.launch(
        name,
        grid,
        block,
        (target.pointer, reals, *share, lengths[:-1], strides, round_keys(seed), law),
    )


def _uniform_parameters(lo: float, hi: float, real: Element) -> tuple[float, float, float, float]:
    """low, width and the bounds; all are rounded to the element's type, the width by way of its arithmetic type."""
    first, end = real.rounded(lo), real.rounded(hi)
    arithmetic = np.float64 if real.name == "float64" else np.float32
    width = real.rounded(float(arithmetic(end) - arithmetic(first)))
    return first, width, first, end


def check_axes(target: Target) -> None:
    """Raises for memory of too many axes.

    Raises
    ------
    NotImplementedError
        If more than four of them do not merge.
    """
    if len(target.runs(target.order)) > AXES:
        raise NotImplementedError(
            f"expected a CUDA array of at most {AXES} axes that do not merge, got shape {target.shape} with byte "
            f"strides {target.strides}; initialise a contiguous array and copy it, or use a CounterGenerator"
        )
