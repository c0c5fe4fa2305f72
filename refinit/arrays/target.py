"""Memory to fill: where it lies, and how it is laid out.

*Memory order* is the order in which torch visits elements, and so in which a stream's values are dealt out: axes by
absolute stride, the smallest innermost, each walked in index order.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..dtypes import MEMORY, Element
from .shards import Shard

if TYPE_CHECKING:  # with what it imports it takes a tenth of the time of `import refinit`
    from ..devices.device import Device

#: ``array.ctypes.data`` takes longer than a small fill. The first C field of an array behind its header holds the same
#: number on CPython (PyArrayObject_fields.data, part of NumPy's stable ABI); elsewhere small fills go the long way.
DATA_FIELD = object.__basicsize__
pointer_at = ctypes.c_void_p.from_address
_probe = np.empty(3)
HAS_DATA_FIELD: bool = pointer_at(id(_probe) + DATA_FIELD).value == _probe.ctypes.data


def address_of(array: NDArray[Any]) -> int:
    """An array's address."""
    return (pointer_at(id(array) + DATA_FIELD).value or 0) if HAS_DATA_FIELD else array.ctypes.data


def is_plain_array(owner: Any) -> bool:
    """Whether it is an array whose address small fills read from its data field."""
    return type(owner) is np.ndarray and HAS_DATA_FIELD


class Target:
    """Memory to fill: an element type, a shape, byte strides and an address.

    ``contiguous``: C order without gaps, whatever the alignment; torch's choice of path hangs on it.  ``aligned``: to
    the real type, and so are the strides.  ``owner``: what holds the memory.
    """

    # Small fills are bound by what happens here, so the rarer facts are not set one by one
    __slots__ = ("__dict__", "aligned", "contiguous", "element", "owner", "pointer", "shape", "size")

    #: There is no memory (a meta tensor): the fill is a no-op.
    is_meta = False
    #: The block of a larger tensor that this memory is.
    block: Shard[Any] | None = None
    #: torch's word for where the memory lies: "cpu" or "cuda".
    device_type = "cpu"
    #: What fills the memory, if it is not the host's; an empty CUDA array needs none.
    device: Device | None = None
    #: Why what is written arrives nowhere, if that is known; a fill warns.
    why_lost: str | None = None
    #: Called when the memory has been written.
    after_fill: Callable[[], None] | None = None

    def __init__(
        self,
        element: Element,
        shape: tuple[int, ...],
        size: int,
        pointer: int,
        contiguous: bool,
        aligned: bool,
        owner: Any,
    ) -> None:
        self.element = element
        self.shape = shape
        self.size = size
        self.pointer = pointer
        self.contiguous = contiguous
        self.aligned = aligned
        self.owner = owner

    @property
    def whole(self) -> tuple[int, ...]:
        """The shape that laws see: a Shard's is that of the tensor it is a block of."""
        return self.shape if self.block is None else self.block.global_shape

    @property
    def offset(self) -> tuple[int, ...]:
        """Where the memory begins in the whole."""
        return (0,) * len(self.shape) if self.block is None else self.block.offset

    @property
    def steps(self) -> tuple[int, ...]:
        """How far apart in the whole, counted in C order, neighbours along each axis are."""
        return tuple(math.prod(self.whole[axis + 1 :]) for axis in range(len(self.whole)))

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """Byte strides; those of a memory that is no NumPy array are set with it, unless it is a dense torch tensor."""
        if isinstance(self.owner, np.ndarray):
            return self.owner.strides
        return tuple(step * self.element.itemsize for step in self.owner.stride())

    def refuse_device(self) -> None:
        """Raises where the memory is not the host's: code that is about to touch it has been called by mistake."""
        if self.device is not None:
            raise RuntimeError(
                "expected host memory, got a CUDA array: a mistake in refinit, please report it"
            )

    def at(self, array: NDArray[Any]) -> Target:
        """The same shape and element type in C order in the memory of ``array``."""
        return Target(self.element, self.shape, self.size, address_of(array), True, True, array)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The axes longer than 1 in memory order, outermost first."""
        axes = [axis for axis, n in enumerate(self.shape) if n != 1]
        return tuple(sorted(axes, key=lambda axis: -abs(self.strides[axis])))

    def runs(self, axes: Iterable[int]) -> list[tuple[int, int]]:
        """(length, byte stride) of these axes in this order, a complex number's parts being one more, merged."""
        pairs = [(self.shape[axis], self.strides[axis]) for axis in axes]
        if self.element.parts == 2:
            pairs.append((2, self.element.real.itemsize))
        merged: list[tuple[int, int]] = []
        for length, stride in pairs:
            if merged and merged[-1][1] == length * stride:
                merged[-1] = (merged[-1][0] * length, stride)
            else:
                merged.append((length, stride))
        return merged or [(1, self.element.real.itemsize)]

    @cached_property
    def array(self) -> NDArray[Any]:
        """The memory as a NumPy array, for what needs no kernel; of types that NumPy lacks, their bits."""
        self.refuse_device()
        dtype = self.element.memory
        if type(self.owner) is np.ndarray and self.element.name not in MEMORY:
            return self.owner
        if isinstance(self.owner, np.ndarray):
            return self.owner.view(np.ndarray).view(dtype)
        if self.size == 0:
            return np.empty(self.shape, dtype)
        return np.asarray(_Memory(self, dtype.str))


class _Memory:
    """Shows a target's memory to NumPy and keeps its owner alive; a ctypes array would take a class for each size."""

    def __init__(self, target: Target, typestr: str) -> None:
        self.owner = target.owner
        self.__array_interface__ = {
            "version": 3,
            "shape": target.shape,
            "strides": target.strides,
            "typestr": typestr,
            "data": (target.pointer, False),
        }
