"""Things that hold memory: each made of a fresh float32 buffer, with the buffer to look into afterwards."""

import array
import ctypes
import mmap
from collections.abc import Callable
from typing import Any

import numpy as np

Made = tuple[Any, Callable[[], bytes]]


class Subclass(np.ndarray[Any, Any]):
    """An array whose indexing would betray a fill that goes through Python."""

    def __setitem__(self, key: Any, value: Any) -> None:
        raise AssertionError("a fill must write memory, not items")


class DLPack:
    """Only the DLPack protocol, as JAX, CuPy or tinygrad arrays have it."""

    def __init__(self, owner: np.ndarray[Any, Any]) -> None:
        self._owner = owner

    def __dlpack__(self, **keywords: Any) -> Any:
        return self._owner.__dlpack__(**keywords)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._owner.__dlpack_device__()


class OldDLPack(DLPack):
    """DLPack before version 1, which cannot say whether its memory may be written (JAX's may not)."""

    def __dlpack__(self, stream: Any = None) -> Any:
        return self._owner.__dlpack__(stream=stream)


class ArrayInterface:
    """Only __array_interface__; __array__ would hand out a copy."""

    def __init__(self, owner: np.ndarray[Any, Any]) -> None:
        self._owner = owner
        self.__array_interface__ = owner.__array_interface__

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
        raise AssertionError("must view, not convert")


def _plain(count: int) -> Made:
    values = np.zeros(count, np.float32)
    return values, values.tobytes


def _subclass(count: int) -> Made:
    values = np.zeros(count, np.float32)
    return values.view(Subclass), values.tobytes


def _matrix(count: int) -> Made:
    values = np.zeros(count, np.float32)
    return values.view(np.recarray), values.tobytes


def _memoryview(count: int) -> Made:
    raw = bytearray(4 * count)
    return memoryview(raw).cast("f"), lambda: bytes(raw)


def _array_array(count: int) -> Made:
    values = array.array("f", [0.0] * count)
    return values, values.tobytes


def _ctypes_array(count: int) -> Made:
    values = (ctypes.c_float * count)()
    return values, lambda: bytes(values)


def _dlpack(count: int) -> Made:
    values = np.zeros(count, np.float32)
    return DLPack(values), values.tobytes


def _array_interface(count: int) -> Made:
    values = np.zeros(count, np.float32)
    return ArrayInterface(values), values.tobytes


def _memory_map(count: int) -> Made:
    raw = mmap.mmap(-1, 4 * count)
    return np.frombuffer(raw, np.float32), lambda: raw[: 4 * count]


def _view(count: int) -> Made:
    values = np.zeros(count + 7, np.float32)
    inner = values[3 : count + 3]
    return inner, inner.tobytes


CONTAINERS: dict[str, Callable[[int], Made]] = {
    "ndarray": _plain,
    "ndarray-subclass": _subclass,
    "recarray": _matrix,
    "memoryview": _memoryview,
    "array.array": _array_array,
    "ctypes": _ctypes_array,
    "dlpack": _dlpack,
    "array-interface": _array_interface,
    "mmap": _memory_map,
    "view": _view,
}
