"""Walking a target's memory: in one piece, or through a buffer where it is strided."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...kernels.code.cpu_loader import kernel
from ..target import Target

#: Reals per buffer for strided memory: 16 K of them stay in the second-level cache.
_STAGE_REALS = 1 << 14
#: ``operate(address, start, count)``: works on the ``count`` reals from number ``start`` on, contiguous at ``address``.
Operation = Callable[[int, int, int], int | None]


class Memory:
    """A target's real numbers, a complex number being two: in memory order, or if ``logical`` in C order."""

    def __init__(self, target: Target, *, logical: bool = False) -> None:
        target.refuse_device()
        self.target = target
        self._runs = target.runs(sorted(target.order) if logical else target.order)
        self.reals = target.size * target.element.parts
        self.itemsize = target.element.real.itemsize
        self.dense = target.aligned and (target.contiguous or self._runs == [(self.reals, self.itemsize)])

    def each(self, start: int, count: int, operate: Operation, *, read: bool = False) -> int:
        """Applies an operation to reals ``start`` to ``start + count``; whether any call returned nonzero.

        Strided memory goes through a buffer, filled from memory first if ``read``.
        """
        if self.dense:
            return operate(self.target.pointer + start * self.itemsize, start, count) or 0
        buffer = np.empty(min(_STAGE_REALS, count) * self.itemsize, np.uint8)
        result = 0
        for first in range(start, start + count, _STAGE_REALS):
            length = min(_STAGE_REALS, start + count - first)
            if read:
                self._transfer("gather", buffer, first, length)
            result |= operate(buffer.ctypes.data, first, length) or 0
            self._transfer("scatter", buffer, first, length)
        return result

    def _transfer(self, kind: str, buffer: NDArray[np.uint8], start: int, count: int) -> None:
        shape, strides = self._axes
        kernel(f"{kind}_{8 * self.itemsize}")(
            buffer.ctypes.data,
            self.target.pointer,
            shape.size,
            shape.ctypes.data,
            strides.ctypes.data,
            start,
            count,
        )

    @cached_property
    def _axes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        lengths, strides = zip(*self._runs, strict=True)
        return np.array(lengths, np.int64), np.array(strides, np.int64)
