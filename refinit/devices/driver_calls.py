"""Calls of the CUDA driver library, loaded by ctypes at the first of them; what fails raises in the driver's words."""

from __future__ import annotations

import ctypes
import sys
import threading
from typing import Any

from .._fork import after_fork
from .._install import install

_NAME = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
#: Of the oldest machine code that the extras make.
_OLDEST_CUDA = 12000
_REMEDY = (
    "install an NVIDIA driver for CUDA 12.0 or later and, to compile kernels the first time, what belongs to the "
    "driver's CUDA version: {install}; or initialise a NumPy array and copy it"
)
_FORKED = (
    "CUDA cannot be used in a process forked from one that used it; start processes that fill CUDA arrays by "
    "multiprocessing.get_context('spawn'), or fill in the parent and not in the child"
)
_CAPTURING = "outside of a graph's capture, fill an array once with the same initializer and dtype"
_FOREIGN_CODE = (
    "the kernel was compiled for another CUDA version than the driver's: {install}, whichever nvidia-smi shows, and "
    "fill again"
)
_OUT_OF_MEMORY, _STUB = 2, 34
#: What to do about a result, by its number in cuda.h.
_HINTS = {
    _OUT_OF_MEMORY: "free memory of the device, or fill a smaller array",
    3: _FORKED,  # what the driver tells a forked child
    _STUB: "a stub of the driver was loaded: take the folder 'stubs' off the library path",
    100: "no GPU is visible: see nvidia-smi and CUDA_VISIBLE_DEVICES",
    101: "the array's device is not among those visible to this process: see CUDA_VISIBLE_DEVICES",
    200: _FOREIGN_CODE,
    209: _FOREIGN_CODE,
    400: "the stream is not one of the primary context of the array's device",
    700: "an earlier kernel of this process failed: restart, with CUDA_LAUNCH_BLOCKING=1 to see which",
    900: _CAPTURING,
    901: _CAPTURING,
}

_INT, _UINT, _SIZE, _ADDRESS, _HANDLE = (
    ctypes.c_int,
    ctypes.c_uint,
    ctypes.c_size_t,
    ctypes.c_uint64,
    ctypes.c_void_p,
)
_INT_OUT, _HANDLE_OUT, _TEXT_OUT = map(ctypes.POINTER, (_INT, _HANDLE, ctypes.c_char_p))
_ADDRESS_OUT = ctypes.POINTER(_ADDRESS)
_TYPES: dict[str, tuple[Any, ...]] = {
    "cuDriverGetVersion": (_INT_OUT,),
    "cuInit": (_UINT,),
    "cuGetErrorName": (_INT, _TEXT_OUT),
    "cuGetErrorString": (_INT, _TEXT_OUT),
    "cuDeviceGet": (_INT_OUT, _INT),
    "cuDeviceGetAttribute": (_INT_OUT, _INT, _INT),
    "cuDevicePrimaryCtxRetain": (_HANDLE_OUT, _INT),
    "cuCtxPushCurrent_v2": (_HANDLE,),
    "cuCtxPopCurrent_v2": (_HANDLE_OUT,),
    "cuThreadExchangeStreamCaptureMode": (_INT_OUT,),
    "cuModuleLoadData": (_HANDLE_OUT, ctypes.c_char_p),
    "cuModuleGetFunction": (_HANDLE_OUT, _HANDLE, ctypes.c_char_p),
    "cuLaunchKernel": (_HANDLE, *(_UINT,) * 7, _HANDLE, _HANDLE_OUT, _HANDLE_OUT),
    "cuMemAllocAsync": (_ADDRESS_OUT, _SIZE, _HANDLE),
    "cuMemFreeAsync": (_ADDRESS, _HANDLE),
    "cuMemAlloc_v2": (_ADDRESS_OUT, _SIZE),
    "cuMemFree_v2": (_ADDRESS,),
    "cuPointerGetAttribute": (ctypes.c_void_p, _INT, _ADDRESS),
}

_Functions = dict[str, Any]
_lock = threading.RLock()  # a signal handler may fill, too
_functions: _Functions = {}
_forked = False


class DriverError(RuntimeError):
    """A call of the driver failed; ``code`` is what it returned."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def call(name: str, *arguments: Any) -> None:
    """Calls a function of the driver. None that waits for the device is among them, but ``cuMemFree_v2``.

    Raises
    ------
    MemoryError
        If the device has no memory left.
    RuntimeError
        If it fails otherwise, or there is no driver that can be used.
    """
    functions = _functions or _loaded()
    code = functions[name](*arguments)
    if code:
        raise _failure(functions, name, code)


def _loaded() -> _Functions:
    global _functions
    with _lock:
        if _forked:
            raise RuntimeError(f"expected a process of its own, got a forked one: {_FORKED}")
        if not _functions:
            _functions = _initialised(_library())
    return _functions


def _library() -> Any:
    try:
        return ctypes.CDLL(_NAME)
    except OSError as error:
        raise RuntimeError(
            f"expected an NVIDIA driver, found no library {_NAME} ({error}); {_advice(_REMEDY)}"
        ) from None


def _initialised(library: Any) -> _Functions:
    version = _INT()
    if library.cuDriverGetVersion(ctypes.byref(version)) == _STUB:
        raise RuntimeError(f"expected an NVIDIA driver, got error {_STUB}: {_HINTS[_STUB]}")
    if version.value < _OLDEST_CUDA:
        raise RuntimeError(
            "expected an NVIDIA driver for CUDA 12.0 or later, found one for CUDA "
            f"{version.value // 1000}.{version.value % 1000 // 10}; {_advice(_REMEDY)}"
        )
    functions = {}
    for name, types in _TYPES.items():
        functions[name] = getattr(library, name)
        functions[name].argtypes = types
    if code := functions["cuInit"](0):
        raise _failure(functions, "cuInit", code)
    return functions


def _failure(functions: _Functions, call_name: str, code: int) -> Exception:
    texts = []
    for query in ("cuGetErrorName", "cuGetErrorString"):
        text = ctypes.c_char_p()
        functions[query](code, ctypes.byref(text))  # leaves it NULL for a code it does not know
        texts.append((text.value or f"error {code}".encode()).decode())
    message = f"expected {call_name} to succeed, got {texts[0]} ({texts[1]})"
    if code in _HINTS:
        message += f"; {_advice(_HINTS[code])}"
    return MemoryError(message) if code == _OUT_OF_MEMORY else DriverError(message, code)


def _advice(text: str) -> str:
    return text.replace("{install}", install("cuda13", "cuda12"))


def _forget_driver() -> None:
    """What the parent loaded is of no use here; a thread of it may have held the lock when it forked."""
    global _lock, _functions, _forked
    _lock = threading.RLock()
    _forked = _forked or bool(_functions)
    _functions = {}


after_fork(_forget_driver)
