"""NumPy views of other libraries' host memory, by DLPack, the array interface or the buffer protocol; never a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dlpack import CPU, CUDA_HOST, device_of


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
        f"{_cure(tensor)}"
    )
    if tensor is None or isinstance(tensor, (np.generic, list, tuple, str, int, float, complex)):
        raise problem
    if hasattr(tensor, "__array_interface__"):
        try:
            return np.asarray(_InterfaceOnly(tensor))
        except (TypeError, ValueError):
            raise problem from None
    device = device_of(tensor)
    if device is not None:
        return _from_dlpack(tensor, device)
    try:
        return np.asarray(memoryview(tensor))
    except TypeError:
        raise problem from None


def _cure(tensor: Any) -> str:
    """What to pass in its place."""
    lengths = tensor if isinstance(tensor, (tuple, list)) else (tensor,)
    if lengths and all(
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n >= 0 for n in lengths
    ):
        return f"of a shape, make the array first: init.empty({', '.join(map(str, lengths))})"
    if type(tensor).__module__.partition(".")[0] == "dask":
        return (
            "a dask array has no memory to write; make one of filled blocks: "
            "w = refinit.dask.full(init.normal_, w.shape, chunks=w.chunks, generator=init.CounterGenerator(0))"
        )
    return "pass a module's .weight, each tensor of a list, or w = np.array(w, np.float32)"


class _InterfaceOnly:
    """Shows the array interface alone, so that NumPy cannot choose ``__array__``, which may copy."""

    def __init__(self, tensor: Any) -> None:
        self.owner = tensor
        self.__array_interface__ = tensor.__array_interface__


def _from_dlpack(tensor: Any, device: int) -> NDArray[Any]:
    if device not in {CPU, CUDA_HOST}:
        raise NotImplementedError(
            f"expected CPU or CUDA memory, got a DLPack tensor on device type {device}; "
            "initialise a NumPy array and copy it to the device"
        )
    try:
        return np.from_dlpack(tensor)
    except (BufferError, RuntimeError, TypeError) as error:
        raise TypeError(
            f"expected a DLPack tensor that NumPy can view, got {type(tensor).__name__}: {error}"
        ) from error


def refuse_immutable(tensor: Any) -> None:
    """Raises ValueError for a JAX array: not all that it shows of itself says that it must not be written."""
    if type(tensor).__module__.partition(".")[0] in {"jax", "jaxlib"}:
        raise ValueError(
            f"expected a writable array, got an immutable {type(tensor).__name__} of JAX; initialise a NumPy array "
            "and copy it: w = init.empty(*shape), then jax.numpy.array(w)"
        )
