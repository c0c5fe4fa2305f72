"""DLPack capsules read by ctypes: for memory that NumPy cannot view.  Header: dlpack.h, version 1.1."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

#: Device types.
CPU, CUDA, CUDA_HOST, CUDA_MANAGED = 1, 2, 3, 13
#: CUDA's legacy default stream; ``__dlpack__``, ``__cuda_array_interface__`` and the driver number it alike.
LEGACY_STREAM = 1
_READ_ONLY, _IS_COPIED = 1, 2


class _Device(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int32), ("id", ctypes.c_int32))


class _DataType(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16))


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device", _Device),
        ("ndim", ctypes.c_int32),
        ("dtype", _DataType),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Managed(ctypes.Structure):
    """Before version 1."""

    _fields_ = (("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


class _Versioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    )


class BorrowedTensor(NamedTuple):
    """What a capsule says; strides in elements, None for C order.  The memory is ours as long as the capsule lives."""

    device: tuple[int, int]
    dtype: tuple[int, int, int]
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None
    pointer: int
    read_only: bool
    is_copy: bool
    capsule: Any


_is_valid = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_IsValid", ctypes.pythonapi)
)
_get_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


def device_of(tensor: Any) -> int | None:
    """The type of device whose memory is shown by DLPack; None if none is."""
    if isinstance(tensor, type) or not hasattr(tensor, "__dlpack__"):
        return None
    return int(tensor.__dlpack_device__()[0])


def borrowed(tensor: Any) -> BorrowedTensor:
    """The CUDA memory behind ``tensor``, ready for work on the legacy default stream.

    The capsule keeps its name, so that its own destructor runs the producer's deleter once nobody needs it.

    Raises
    ------
    TypeError
        If no capsule comes, or one of an unknown kind.
    """
    try:
        try:
            capsule = tensor.__dlpack__(stream=LEGACY_STREAM, max_version=(1, 1))
        except TypeError:  # before version 1
            capsule = tensor.__dlpack__(stream=LEGACY_STREAM)
    except (BufferError, RuntimeError, TypeError) as error:
        raise TypeError(
            f"expected a DLPack tensor that shares its memory, got {type(tensor).__name__}: {error}"
        ) from error
    return _read(capsule)


def _read(capsule: Any) -> BorrowedTensor:
    if _is_valid(capsule, b"dltensor_versioned"):
        versioned = _Versioned.from_address(_get_pointer(capsule, b"dltensor_versioned"))
        if versioned.major != 1:
            raise TypeError(
                f"expected DLPack version 1, got {versioned.major}.{versioned.minor}: a later refinit may read it"
            )
        return _facts(versioned.tensor, versioned.flags, capsule)
    if _is_valid(capsule, b"dltensor"):
        managed = _Managed.from_address(_get_pointer(capsule, b"dltensor"))
        # it cannot say whether its memory may be written; NumPy takes it so, too
        return _facts(managed.tensor, _READ_ONLY, capsule)
    raise TypeError(f"expected a DLPack capsule that nobody has used, got {capsule!r}")


def _facts(tensor: _Tensor, flags: int, capsule: Any) -> BorrowedTensor:
    axes = tensor.ndim
    if axes < 0 or (axes and not tensor.shape) or any(length < 0 for length in tensor.shape[:axes]):
        raise TypeError(
            f"expected a DLPack tensor with a shape, got {axes} axes of unknown or negative lengths"
        )
    return BorrowedTensor(
        (tensor.device.type, tensor.device.id),
        (tensor.dtype.code, tensor.dtype.bits, tensor.dtype.lanes),
        tuple(tensor.shape[: tensor.ndim]),
        tuple(tensor.strides[: tensor.ndim]) if tensor.strides else None,
        (tensor.data or 0) + tensor.byte_offset,
        bool(flags & _READ_ONLY),
        bool(flags & _IS_COPIED),
        capsule,
    )
