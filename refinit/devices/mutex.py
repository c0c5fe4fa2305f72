"""A lock whose wait ends with the lock held, whatever signals arrive meanwhile.

CPython lets a signal's handler run between two bytecodes: when a function begins, where a loop jumps back, after a call
has returned. So nothing comes between an exception and the first call of a ``finally``, and where that is a C function
that no signal ends, it is certain to run. ``threading.Lock.acquire`` is none: a handler that raises ends its wait.
"""

from __future__ import annotations

import ctypes
from functools import partial
from typing import Any


def _c_function(name: str, *types: Any, waits: bool = False) -> Any:
    """A function of CPython's C API; one that waits lets other threads run meanwhile."""
    result, *arguments = types
    prototype = (ctypes.CFUNCTYPE if waits else ctypes.PYFUNCTYPE)(result, *arguments)
    return prototype((name, ctypes.pythonapi))


_allocate = _c_function("PyThread_allocate_lock", ctypes.c_void_p)
_acquire = _c_function("PyThread_acquire_lock", ctypes.c_int, ctypes.c_void_p, ctypes.c_int, waits=True)
_try_acquire = _c_function("PyThread_acquire_lock", ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_release = _c_function("PyThread_release_lock", None, ctypes.c_void_p)


class Mutex:
    """``acquire()`` waits; ``try_acquire()`` says whether it was free; ``release()``. Each is one call of C.

    To hold it, whatever happens::

        try:
            mutex.acquire()  # the first call: what is raised, is raised after it
            ...
        finally:
            mutex.release()

    Its 32 bytes are never freed, as that would take Python code wherever the last reference goes: use it again.
    """

    def __init__(self) -> None:
        handle = _allocate()
        if not handle:
            raise MemoryError("expected memory for a lock, got none")
        self.acquire = partial(_acquire, handle, 1)
        self.try_acquire = partial(_try_acquire, handle, 0)
        self.release = partial(_release, handle)
