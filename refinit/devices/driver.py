"""CUDA devices by way of the driver alone: kernels loaded, launched on a stream, and never waited for."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .._fork import after_fork
from ..kernels.code import cuda_loader as loader
from ..kernels.cuda.arguments import converted, offsets
from .driver_calls import DriverError, call

# numbers of cuda.h
_MULTIPROCESSORS, _THREADS_PER_MULTIPROCESSOR = 16, 39
_CAPABILITY_MAJOR, _CAPABILITY_MINOR = 75, 76
_MEMORY_POOLS = 115
_DEVICE_OF_POINTER = 9
_CAPTURE_RELAXED = 2
_INVALID_VALUE = 1
#: The oldest devices whose machine code is checked; older ones convert to half types otherwise.
_OLDEST_CAPABILITY = (8, 0)

_lock = threading.RLock()  # a signal handler may fill, too


class _Context:
    """The primary context of a device, which torch, CuPy and Numba use, too; and the kernels loaded there.

    It is kept until the process ends.
    """

    def __init__(self, ordinal: int) -> None:
        self._device = ctypes.c_int()
        call("cuDeviceGet", ctypes.byref(self._device), ordinal)
        self.multiprocessors = self._attribute(_MULTIPROCESSORS)
        self.threads_per_multiprocessor = self._attribute(_THREADS_PER_MULTIPROCESSOR)
        self.has_pools = bool(self._attribute(_MEMORY_POOLS))
        self._capability = self._attribute(_CAPABILITY_MAJOR), self._attribute(_CAPABILITY_MINOR)
        if self._capability < _OLDEST_CAPABILITY:
            raise RuntimeError(
                f"expected a GPU of compute capability 8.0 or later (A100, RTX 30), got {self._capability[0]}."
                f"{self._capability[1]}; initialise a NumPy array and copy it"
            )
        self._functions: dict[str, ctypes.c_void_p] = {}
        self._handle = ctypes.c_void_p()
        call("cuDevicePrimaryCtxRetain", ctypes.byref(self._handle), self._device)

    def _attribute(self, attribute: int) -> int:
        value = ctypes.c_int()
        call("cuDeviceGetAttribute", ctypes.byref(value), attribute, self._device)
        return value.value

    @contextmanager
    def current(self) -> Iterator[None]:
        """Makes it this thread's context meanwhile."""
        call("cuCtxPushCurrent_v2", self._handle)
        try:
            yield
        finally:
            call("cuCtxPopCurrent_v2", ctypes.byref(ctypes.c_void_p()))

    def function(self, kernel: str) -> ctypes.c_void_p:
        """The kernel of that name, where the context is current."""
        function = self._functions.get(kernel)
        if function is None:
            with _lock:
                function = self._functions.get(kernel) or self._loaded(kernel)
                self._functions[kernel] = function
        return function

    def _loaded(self, kernel: str) -> ctypes.c_void_p:
        code = loader.cubin(kernel, self._capability)
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        with _beside_captures():
            call("cuModuleLoadData", ctypes.byref(module), code.code)
        call("cuModuleGetFunction", ctypes.byref(function), module, code.symbol.encode())
        return function


@contextmanager
def _beside_captures() -> Iterator[None]:
    """Allows this thread to load code while some stream captures a graph; the graph does not hold the loading."""
    mode = ctypes.c_int(_CAPTURE_RELAXED)
    call("cuThreadExchangeStreamCaptureMode", ctypes.byref(mode))
    try:
        yield
    finally:
        call("cuThreadExchangeStreamCaptureMode", ctypes.byref(mode))


class CudaDevice:
    """One device and one of its streams: a ``Device``."""

    def __init__(self, context: _Context, stream: int) -> None:
        self.multiprocessors = context.multiprocessors
        self.threads_per_multiprocessor = context.threads_per_multiprocessor
        self._context = context
        self._stream = stream

    def load(self, *kernels: str) -> None:
        """Compiles and loads kernels that are not there yet."""
        with self._context.current():
            for kernel in kernels:
                self._context.function(kernel)

    def launch(self, kernel: str, grid: tuple[int, int], block: int, arguments: Sequence[Any]) -> None:
        """Puts a kernel on the stream; its arguments are copied before this returns."""
        values = converted(kernel, arguments)
        base = ctypes.addressof(values)
        starts = offsets(kernel)
        addresses = (ctypes.c_void_p * len(starts))(*[base + start for start in starts])
        with self._context.current():
            function = self._context.function(kernel)
            call("cuLaunchKernel", function, *grid, 1, block, 1, 1, 0, self._stream, addresses, None)

    @contextmanager
    def scratch(self, size: int) -> Iterator[int]:
        """Memory that the stream's work up to the end of the context may use; CUDA aligns it to 256 bytes at least.

        A device without memory pools has none that a stream orders: there the end waits for the device, and a graph's
        capture is refused.
        """
        address = ctypes.c_uint64()
        pools = self._context.has_pools
        try:
            with self._context.current():
                if pools:
                    call("cuMemAllocAsync", ctypes.byref(address), size, self._stream)
                else:
                    call("cuMemAlloc_v2", ctypes.byref(address), size)
            yield address.value
        finally:
            if address.value:
                with self._context.current():
                    if pools:
                        call("cuMemFreeAsync", address, self._stream)
                    else:
                        call("cuMemFree_v2", address)


_contexts: dict[int, _Context] = {}


def opened(place: tuple[int, int]) -> CudaDevice:
    """The device at a place: its number, and a stream's handle (1: the legacy default stream, 2: the thread's).

    Raises
    ------
    RuntimeError
        If there is no driver, or none that can be used; no such device; or CUDA was used before a fork.
    """
    ordinal, stream = place
    context = _contexts.get(ordinal)
    if context is None:
        with _lock:
            context = _contexts.get(ordinal) or _Context(ordinal)
            _contexts[ordinal] = context
    return CudaDevice(context, stream)


def ordinal_of(pointer: int) -> int:
    """The number of the device whose memory an address belongs to.

    Raises
    ------
    ValueError
        If it is no address of CUDA memory.
    RuntimeError
        As ``opened``.
    """
    ordinal = ctypes.c_int(-1)
    try:
        call("cuPointerGetAttribute", ctypes.byref(ordinal), _DEVICE_OF_POINTER, pointer)
    except DriverError as error:
        if error.code != _INVALID_VALUE:
            raise
    if ordinal.value < 0:
        raise ValueError(
            f"expected CUDA memory behind __cuda_array_interface__, got address {pointer:#x}, which CUDA does not "
            "know; initialise a NumPy array and copy it"
        )
    return ordinal.value


def _forget_contexts() -> None:
    """A child cannot use the parent's contexts; a thread of the parent may have held the lock when it forked."""
    global _lock
    _lock = threading.RLock()
    _contexts.clear()


after_fork(_forget_contexts)
