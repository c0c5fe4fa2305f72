"""What can be filled, where it lies, and how it is laid out.

``target_of`` turns whatever the user passed into a ``Target``: an address, a shape and strides, whether it came as a
NumPy array, a torch tensor or through DLPack, the array interface or the buffer protocol.

*Memory order* is the order in which torch visits elements, and so in which a stream's values are dealt out: axes by
absolute stride, the smallest innermost, each walked in index order.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _torch
from ..dtypes import BY_DTYPE, ELEMENTS, Element, element_of
from .shards import Shard
from .strides import Numbers, is_contiguous, refuse_overlap

if TYPE_CHECKING:  # with what they import they take a tenth of the time of `import refinit`
    from ..devices.device import Device
    from .cuda_arrays import CudaFacts


class Target:
    """Memory to fill: an element type, a shape, byte strides and an address.

    ``contiguous``: C order without gaps, whatever the alignment; torch's choice of path hangs on it.  ``aligned``: to
    the real type, and so are the strides.  ``keep``: what owns the memory.
    """

    # Small fills are bound by what happens here, so the rarer facts are not set one by one
    __slots__ = ("__dict__", "aligned", "contiguous", "element", "keep", "pointer", "shape", "size")

    #: There is no memory (a meta tensor): the fill is a no-op.
    is_meta = False
    #: The block of a larger tensor that this memory is.
    block: Shard | None = None
    #: torch's word for where the memory lies: "cpu" or "cuda".
    device_type = "cpu"
    #: What fills the memory, if it is not the host's; an empty CUDA array needs none.
    device: Device | None = None
    #: Called after the fill.
    written: Callable[[], None] | None = None

    def __init__(
        self,
        element: Element,
        shape: tuple[int, ...],
        size: int,
        pointer: int,
        contiguous: bool,
        aligned: bool,
        keep: Any,
    ) -> None:
        self.element = element
        self.shape = shape
        self.size = size
        self.pointer = pointer
        self.contiguous = contiguous
        self.aligned = aligned
        self.keep = keep

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
        """Byte strides; a torch tensor's are set with it."""
        strides: tuple[int, ...] = self.keep.strides
        return strides

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
        """The memory as a NumPy array, for what needs no kernel; of bfloat16, its bits as uint16."""
        self.refuse_device()
        if type(self.keep) is np.ndarray and self.element.name != "bfloat16":
            return self.keep
        dtype = np.dtype(np.uint16) if self.element.name == "bfloat16" else self.element.dtype
        if isinstance(self.keep, np.ndarray):
            return self.keep.view(np.ndarray).view(dtype)
        reach = [(n - 1) * s for n, s in zip(self.shape, self.strides, strict=True)]
        low, high = sum(r for r in reach if r < 0), sum(r for r in reach if r > 0) + self.element.itemsize
        if self.size == 0:
            return np.empty(self.shape, dtype)
        memory: Any = (ctypes.c_char * (high - low)).from_address(self.pointer + low)
        return np.ndarray(self.shape, dtype, memory, -low, self.strides)


def target_of(tensor: Any) -> Target:
    """What the user passed, as memory to fill.

    Raises
    ------
    TypeError
        For anything that is no writable array: None, lists, NumPy scalars, unknown dtypes, foreign byte order.
    ValueError
        For read-only memory (immutable arrays too), and CUDA memory at an odd address.
    RuntimeError
        For memory in which two elements overlap, and CUDA memory where there is no driver for it.
    NotImplementedError
        For memory of another device.
    """
    if isinstance(tensor, np.ndarray):
        element = BY_DTYPE.get(tensor.dtype)
        # C order, aligned, writable: by far the most frequent
        if element is not None and tensor.flags.carray:
            return Target(element, tensor.shape, tensor.size, address_of(tensor), True, True, tensor)
        return _of_ndarray(tensor)
    if _torch.is_tensor(tensor):
        return _of_torch(tensor)
    if isinstance(tensor, Shard):
        return _of_shard(tensor)
    from . import cuda_arrays
    from . import host_views as foreign

    foreign.refuse_immutable(tensor)
    found = cuda_arrays.facts_of(tensor)
    return _of_ndarray(foreign.as_ndarray(tensor)) if found is None else _of_cuda(found)


def _of_shard(shard: Shard) -> Target:
    if isinstance(shard.array, Shard):
        raise TypeError(
            "expected memory as a Shard's array, got a Shard; add up the offsets: Shard(array, global_shape, offset)"
        )
    target = target_of(shard.array)
    shard.check(target.shape)
    target.block = shard
    return target


def shape_and_target(tensor: Any) -> tuple[tuple[int, ...], Target | None]:
    """The shape that laws see of what the user passed, and the Target where making one was the way to find it."""
    if type(tensor) is np.ndarray:
        return tensor.shape, None
    target = target_of(tensor)
    return target.whole, target


#: ``array.ctypes.data`` takes longer than a small fill. The first C field of an array behind its header holds the same
#: number on CPython (PyArrayObject_fields.data, part of NumPy's stable ABI); elsewhere small fills go the long way.
DATA_FIELD = object.__basicsize__
pointer_at = ctypes.c_void_p.from_address
_probe = np.empty(3)
HAS_DATA_FIELD: bool = pointer_at(id(_probe) + DATA_FIELD).value == _probe.ctypes.data


def address_of(array: NDArray[Any]) -> int:
    """An array's address."""
    return (pointer_at(id(array) + DATA_FIELD).value or 0) if HAS_DATA_FIELD else array.ctypes.data


def _of_ndarray(array: NDArray[Any]) -> Target:
    element = element_of(array.dtype)
    flags = array.flags
    if not flags.writeable:
        raise ValueError("expected a writable array, got a read-only one; initialise a copy: w = np.array(w)")
    if not flags.c_contiguous:
        refuse_overlap(array.shape, array.strides, element.itemsize)
    dense, aligned = flags.c_contiguous, flags.aligned
    return Target(element, array.shape, array.size, address_of(array), dense, aligned, array)


def _of_torch(tensor: Any) -> Target:
    facts = _torch.facts_of(tensor)
    element = ELEMENTS.get(facts.dtype)
    if element is None:
        raise TypeError(f"expected a tensor of {', '.join(ELEMENTS)}, got dtype torch.{facts.dtype}")
    strides = tuple(s * element.itemsize for s in facts.strides)
    aligned = facts.pointer % element.real.itemsize == 0
    target = _strided(element, facts.shape, strides, facts.pointer, aligned, tensor)
    target.written = partial(_torch.note_write, tensor)
    target.is_meta = facts.is_meta
    return target if facts.place is None else _on_cuda(target, *facts.place)


def _of_cuda(facts: CudaFacts) -> Target:
    steps = [stride for length, stride in zip(facts.shape, facts.strides, strict=True) if length > 1]
    aligned = all(number % facts.element.real.itemsize == 0 for number in (facts.pointer, *steps))
    target = _strided(facts.element, facts.shape, facts.strides, facts.pointer, aligned, facts.keep)
    return _on_cuda(target, facts.ordinal, facts.stream)


def _strided(
    element: Element, shape: Numbers, strides: Numbers, pointer: int, aligned: bool, keep: Any
) -> Target:
    contiguous = is_contiguous(shape, strides, element.itemsize)
    if not contiguous:
        refuse_overlap(shape, strides, element.itemsize)
    target = Target(element, shape, math.prod(shape), pointer, contiguous, aligned, keep)
    target.strides = strides
    return target


def _on_cuda(target: Target, ordinal: int | None, stream: int) -> Target:
    """Opens the device, found by the memory's address where ``ordinal`` is None; the last of the checks of an array."""
    target.device_type = "cuda"
    if target.size:
        if not target.aligned:
            raise ValueError(
                f"expected {target.element.name} CUDA memory at a multiple of {target.element.real.itemsize} bytes, "
                f"got address {target.pointer:#x} with byte strides {target.strides}; initialise an aligned array "
                "and copy it"
            )
        from ..devices import device as devices

        if ordinal is None:
            ordinal = devices.located(target.pointer)
        target.device = devices.opened(devices.Place(ordinal, stream))
    return target
