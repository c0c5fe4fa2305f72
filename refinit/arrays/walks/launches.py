"""Launches of as many threads as there is work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...devices.device import Device
from ...kernels.cuda.table import KERNELS

#: Blocks along a grid's second axis, at most.
GRID_Y_LIMIT = 65535


def launch_each(device: Device, kernel: str, count: int, arguments: Sequence[Any]) -> None:
    """One thread, at least, for each of ``count`` > 0."""
    block = KERNELS[kernel].block
    device.launch(kernel, (-(-count // block), 1), block, arguments)
