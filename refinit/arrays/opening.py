"""What users pass, opened: ``target_of`` makes a ``Target`` of it.

A NumPy array, a torch tensor or DTensor, a Shard, a CUDA array, or what shows its memory through DLPack, the array
interface or the buffer protocol.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .. import _torch
from .._fork import undivided
from .._torch import plain_tensors
from ..dtypes import BY_DTYPE, ELEMENTS, Element, element_of
from .shards import DTensorShard, Shard
from .strides import Integers, is_contiguous, refuse_overlap
from .target import Target, address_of

if TYPE_CHECKING:
    from .cuda_arrays import CudaFacts

#: What is filled is returned: whatever array the user has.
Tensor = TypeVar("Tensor")


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
    return _of_exporter(tensor)


def shape_and_target(tensor: Any) -> tuple[tuple[int, ...], Target | None]:
    """The shape that laws see of what the user passed, and the Target where making one was the way to find it."""
    kind = type(tensor)
    if kind is np.ndarray:
        return tensor.shape, None
    if kind in plain_tensors:
        return tuple(tensor.shape), None
    target = target_of(tensor)
    return target.whole, target


def _of_ndarray(array: NDArray[Any]) -> Target:
    element = element_of(array.dtype)
    flags = array.flags
    if not flags.writeable:
        raise ValueError("expected a writable array, got a read-only one; initialise a copy: w = np.array(w)")
    if not flags.c_contiguous:
        refuse_overlap(array.shape, array.strides, element.itemsize)
    dense, aligned = flags.c_contiguous, flags.aligned
    return Target(element, array.shape, array.size, address_of(array), dense, aligned, array)


#: The element types of torch.dtypes that have come.
_torch_elements: dict[Any, Element] = {}


def _of_torch(tensor: Any) -> Target:
    element = _torch_elements.get(tensor.dtype) if type(tensor) in plain_tensors else None
    if element is not None and (address := _torch.dense_address(tensor)):
        return _of_dense_torch(tensor, element, address)
    if _torch.is_dtensor(tensor):
        return _of_dtensor(tensor)
    facts = _torch.facts_of(tensor)
    element = ELEMENTS.get(facts.dtype)
    if element is None:
        raise TypeError(f"expected a tensor of {', '.join(ELEMENTS)}, got dtype torch.{facts.dtype}")
    _torch_elements[tensor.dtype] = element
    strides = tuple(s * element.itemsize for s in facts.strides)
    aligned = facts.pointer % element.real.itemsize == 0
    target = _strided(element, facts.shape, strides, facts.pointer, aligned, tensor)
    target.after_fill = partial(_torch.note_write, tensor)
    target.is_meta = facts.is_meta
    target.why_lost = None if facts.is_meta else _torch.why_lost(tensor)
    return target if facts.place is None else _on_cuda(target, *facts.place)


def _of_dense_torch(tensor: Any, element: Element, address: int) -> Target:
    """C order on the CPU, by far the most frequent."""
    aligned = address % element.real.itemsize == 0
    target = Target(element, tuple(tensor.shape), tensor.numel(), address, True, aligned, tensor)
    target.after_fill = partial(_torch.note_write, tensor)
    return target


def _of_dtensor(tensor: Any) -> Target:
    """The block of this process; autograd looks at the version of the DTensor, and others at the local tensor's."""
    with undivided():
        from .dtensors import block_of  # few have such tensors

    local, offset = block_of(tensor)
    target = _of_torch(local)
    target.block = DTensorShard(local, tuple(tensor.shape), offset)

    def note_writes() -> None:
        _torch.note_write(local)
        _torch.note_write(tensor)

    target.after_fill = note_writes
    return target


def _of_shard(shard: Shard[Any]) -> Target:
    target = target_of(shard.array)
    if target.block is not None:
        raise TypeError(
            f"expected memory as a Shard's array, got a {type(shard.array).__name__}, which is a block of its own; add "
            "up the offsets: Shard(array, global_shape, offset)"
        )
    shard.check(target.shape)
    target.block = shard
    return target


def _of_exporter(tensor: Any) -> Target:
    """Memory shown by DLPack, the array interface, CUDA's or the buffer protocol."""
    with undivided():
        from . import cuda_arrays, host_views  # not with `import refinit`: ctypes structures that few need

    host_views.refuse_immutable(tensor)
    facts = cuda_arrays.facts_of(tensor)
    return _of_ndarray(host_views.as_ndarray(tensor)) if facts is None else _of_cuda(facts)


def _of_cuda(facts: CudaFacts) -> Target:
    steps = [stride for length, stride in zip(facts.shape, facts.strides, strict=True) if length > 1]
    aligned = all(number % facts.element.real.itemsize == 0 for number in (facts.pointer, *steps))
    target = _strided(facts.element, facts.shape, facts.strides, facts.pointer, aligned, facts.owner)
    return _on_cuda(target, facts.ordinal, facts.stream)


def _strided(
    element: Element, shape: Integers, strides: Integers, pointer: int, aligned: bool, owner: Any
) -> Target:
    contiguous = is_contiguous(shape, strides, element.itemsize)
    if not contiguous:
        refuse_overlap(shape, strides, element.itemsize)
    target = Target(element, shape, math.prod(shape), pointer, contiguous, aligned, owner)
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
        with undivided():
            from ..devices import device as devices  # with CUDA arrays only

        if ordinal is None:
            ordinal = devices.located(target.pointer)
        target.device = devices.opened(devices.CudaPlace(ordinal, stream))
    return target
