"""The short way of a small fill: a kernel with its arguments, kept with the law for a stream and a dtype.

A fill of a few hundred elements is all overhead: looking at the array, checking the law and converting its parameters
take 2 microseconds, the kernel a tenth of one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .._torch import plain_tensors
from ..arrays.target import Target, is_plain_array
from ..kernels.code.cpu_loader import short_kernel
from ..laws.law import Normal, Uniform

#: Fills of fewer reals are one kernel call on memory as it lies.
SMALL = 1 << 14


class ShortCall(NamedTuple):
    """``run(engine.short_cursor, address, reals, first, second)`` fills reals = size * ``parts``.

    ``odd``: the bits of an address that is none of such reals. ``kernel``: the one that ``run`` calls.
    """

    parts: int
    run: Any
    first: Any
    second: Any
    odd: int
    kernel: str
    owner: Any = None  # of the memory that an address among them needs


def keep(
    law: Uniform | Normal,
    stream: type,
    target: Target,
    kernel: str,
    arguments: tuple[float, float],
    *,
    owner: Any = None,
) -> None:
    """Lets ``fill`` call the kernel for the next plain array or tensor of this dtype; the law has passed its checks."""
    if is_plain_array(target.owner) or type(target.owner) in plain_tensors:
        run, first, second = short_kernel(kernel, *arguments)
        element = target.element
        call = ShortCall(element.parts, run, first, second, element.real.itemsize - 1, kernel, owner)
        law.ready.setdefault(stream, {})[target.owner.dtype] = call
