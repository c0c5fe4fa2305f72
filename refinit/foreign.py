"""NumPy views of other libraries' memory, by DLPack, the array interface or the buffer protocol; never a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_ndarray(tensor: Any) -> NDArray[Any]:
    """A view of the memory behind ``tensor``.

    Raises
    ------
    TypeError
        For what shows no memory, or memory that NumPy cannot view.
    NotImplementedError
        For memory of another device.
    """
    problem = TypeError(
        f"expected a writable array (NumPy, torch, DLPack, array interface or buffer), got {type(tensor).__name__}; "
        "pass a module's .weight, each tensor of a list, or w = np.array(w, np.float32)"
    )
    if tensor is None or isinstance(tensor, (np.generic, list, tuple, str, int, float, complex)):
        raise problem
    if hasattr(tensor, "__cuda_array_interface__"):
        raise NotImplementedError(
            "expected CPU memory, got a CUDA array: this version of refinit fills CPU memory only; "
            "initialise a NumPy array and copy it to the device"
        )
    if hasattr(tensor, "__array_interface__"):
        try:
            return np.asarray(_InterfaceOnly(tensor))
        except (TypeError, ValueError):
            raise problem from None
    if hasattr(tensor, "__dlpack__"):
        return _from_dlpack(tensor)
    try:
        return np.asarray(memoryview(tensor))
    except TypeError:
        raise problem from None


class _InterfaceOnly:
    """Shows the array interface alone, so that NumPy cannot choose ``__array__``, which may copy."""

    def __init__(self, tensor: Any) -> None:
        self.owner = tensor
        self.__array_interface__ = tensor.__array_interface__


def _from_dlpack(tensor: Any) -> NDArray[Any]:
    device, _ = tensor.__dlpack_device__()
    if device != 1:  # kDLCPU
        raise NotImplementedError(
            f"expected CPU memory, got a DLPack tensor on device type {int(device)}: this version of refinit fills CPU "
            "memory only; initialise a NumPy array and copy it to the device"
        )
    try:
        return np.from_dlpack(tensor)
    except (BufferError, RuntimeError, TypeError) as error:
        raise TypeError(
            f"expected a DLPack tensor that NumPy can view, got {type(tensor).__name__}: {error}"
        ) from error
