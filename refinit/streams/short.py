"""The short way of a small fill: a kernel with its arguments, kept with the law for a stream and a dtype.

A fill of a few hundred elements is all overhead: looking at the array, checking the law and converting its parameters
take 2 microseconds, the kernel a tenth of one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..arrays.target import HAS_DATA_FIELD, Target
from ..kernels.code.cpu_loader import short_kernel
from ..laws.law import Normal, Uniform

#: Fills of fewer reals are one kernel call on memory as it lies.
SMALL = 1 << 14


class ShortCall(NamedTuple):
    """``run(engine.short_cursor, address, reals, first, second)`` fills reals = size * ``parts``, ``least`` or more."""

    parts: int
    least: int
    run: Any
    first: Any
    second: Any
    owner: Any = None  # of the memory that an address among them needs


def keep(
    law: Uniform | Normal,
    stream: type,
    target: Target,
    kernel: str,
    arguments: tuple[float, float],
    *,
    least: int = 1,
    owner: Any = None,
) -> None:
    """Lets ``fill`` call the kernel for the next plain array of this dtype; the law has passed its checks."""
    if type(target.owner) is np.ndarray and HAS_DATA_FIELD:
        run, first, second = short_kernel(kernel, *arguments)
        call = ShortCall(target.element.parts, least, run, first, second, owner)
        law.ready.setdefault(stream, {})[target.owner.dtype] = call
