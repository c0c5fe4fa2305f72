"""CUDA arrays of any library: by ``__cuda_array_interface__``, which names a stream, else by DLPack."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..dtypes import ELEMENTS, Element, element_of
from ..laws.arguments import integer_argument, lengths_argument
from . import dlpack
from .strides import c_strides

#: DLPack's codes of types.
_CODES = {0: "int{}", 1: "uint{}", 2: "float{}", 4: "bfloat{}", 5: "complex{}", 6: "bool"}
_READ_ONLY = "expected a writable CUDA array, got a read-only one; initialise a copy of it"


class CudaFacts(NamedTuple):
    """Where a CUDA array lies; strides in bytes.  ``ordinal`` None: on whichever device the address belongs to."""

    element: Element
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    pointer: int
    ordinal: int | None
    stream: int
    owner: Any


def facts_of(array: Any) -> CudaFacts | None:
    """The layout of a CUDA array that can be written; None for anything else.

    Raises
    ------
    TypeError
        For an unknown dtype, and for descriptions that are none.
    ValueError
        For read-only memory, and an invalid stream.
    NotImplementedError
        For masked arrays, and arrays without memory.
    """
    interface = getattr(array, "__cuda_array_interface__", None)
    if isinstance(interface, Mapping) and not isinstance(array, type):
        facts = _by_interface(array, interface)
    elif dlpack.device_of(array) in {dlpack.CUDA, dlpack.CUDA_MANAGED}:
        facts = _by_dlpack(array)
    else:
        return None
    if not facts.pointer and 0 not in facts.shape:
        raise NotImplementedError(
            f"expected a CUDA array with memory, got a {type(array).__name__} without; allocate it first"
        )
    return facts


def _by_interface(array: Any, interface: Mapping[str, Any]) -> CudaFacts:
    try:
        shape, strides = _layout_of(interface)
        (pointer, read_only), typestr = interface["data"], interface["typestr"]
        pointer, typestr = integer_argument(pointer or 0, "data", 0), _text(typestr)
    except (KeyError, TypeError, ValueError):
        raise TypeError(
            f"expected a __cuda_array_interface__ with shape, typestr and data, got {dict(interface)!r}"
        ) from None
    if interface.get("mask") is not None:
        raise NotImplementedError("expected a CUDA array without a mask, got a masked one; pass its data")
    if read_only:
        raise ValueError(_READ_ONLY)
    element = _element(typestr)
    if strides is None:
        strides = c_strides(shape, element.itemsize)
    return CudaFacts(element, shape, strides, pointer, None, _stream(interface.get("stream")), array)


def _text(typestr: Any) -> str:
    if not isinstance(typestr, str):  # NumPy would make float64 of None
        raise TypeError("expected a text")
    return typestr


def _layout_of(interface: Mapping[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
    shape, strides = lengths_argument(interface["shape"], "shape"), interface.get("strides")
    if strides is None:
        return shape, None
    strides = tuple(map(operator.index, strides))
    if len(strides) != len(shape):
        raise ValueError("expected a stride for each axis")
    return shape, strides


def _element(typestr: str) -> Element:
    if typestr in {"<V2", "bfloat16"}:  # ml_dtypes' bfloat16 calls itself the first; raw bytes are "|V2"
        return ELEMENTS["bfloat16"]
    try:
        dtype = np.dtype(typestr)
    except (TypeError, ValueError):
        raise TypeError(f"expected a CUDA array of {', '.join(ELEMENTS)}, got typestr {typestr!r}") from None
    return element_of(dtype)


def _stream(stream: Any) -> int:
    """None: the array is ready for any stream."""
    if stream is None:
        return dlpack.LEGACY_STREAM
    try:
        return integer_argument(stream, "stream", 1, 2**64)
    except (TypeError, ValueError):
        raise ValueError(
            "expected None, 1 (the legacy default stream), 2 (the thread's default stream) or a stream's handle as "
            f"the stream of a __cuda_array_interface__, got {stream!r}, which it leaves undefined"
        ) from None


def _by_dlpack(array: Any) -> CudaFacts:
    tensor = dlpack.borrowed(array)
    kind, ordinal = tensor.device
    if kind not in {dlpack.CUDA, dlpack.CUDA_MANAGED}:
        raise TypeError(f"expected CUDA memory, as __dlpack_device__ says, got device type {kind}")
    if tensor.is_copy:
        raise ValueError(f"expected the memory of the {type(array).__name__}, got a copy; pass what owns it")
    if tensor.read_only:
        raise ValueError(f"{_READ_ONLY} (DLPack from before version 1 counts as read-only)")
    code, bits, lanes = tensor.dtype
    element = ELEMENTS.get(_CODES.get(code, "").format(bits))
    if element is None or lanes != 1 or element.itemsize * 8 != bits:
        raise TypeError(f"expected a CUDA array of {', '.join(ELEMENTS)}, got DLPack type {tensor.dtype}")
    if tensor.strides is None:
        strides = c_strides(tensor.shape, element.itemsize)
    else:
        strides = tuple(stride * element.itemsize for stride in tensor.strides)
    owners = array, tensor.capsule
    return CudaFacts(element, tensor.shape, strides, tensor.pointer, ordinal, dlpack.LEGACY_STREAM, owners)
