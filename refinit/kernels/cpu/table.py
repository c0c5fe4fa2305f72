"""The CPU kernels and their C signatures; plain Python, so that a warm process needs no numba.

Whoever has the body of a kernel declares it, in a ``table.py`` beside it.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..table import enter

#: A number as it lies in memory, and the type its arithmetic is done in, by the number's format.
MEMORY = {"float32": "f32*", "float64": "f64*", "float16": "u16*", "bfloat16": "u16*"}
REAL = {"float32": "f32", "float64": "f64", "float16": "f32", "bfloat16": "f32"}

_RESULTS: dict[str, Any] = {"void": None, "i64": ctypes.c_int64}
#: Pointers and integers both go as c_void_p: the same register, and ctypes converts it in half the time.
_ARGUMENTS: dict[str, Any] = {"f32": ctypes.c_float, "f64": ctypes.c_double}


@dataclass(frozen=True)
class Kernel:
    """``module`` that defines it; C argument types, ``*`` for a pointer; C result or "void"."""

    name: str
    module: str
    arguments: tuple[str, ...]
    result: str = "void"

    def ctype(self, *, releases_gil: bool = True) -> type[Any]:
        """The ctypes prototype."""
        return _prototype(releases_gil, self.result, self.arguments)


@cache
def _prototype(releases_gil: bool, result: str, arguments: tuple[str, ...]) -> type[Any]:
    """Made once for all kernels that it fits: a class takes 30 microseconds, and garbage collection more."""
    prototype = ctypes.CFUNCTYPE if releases_gil else ctypes.PYFUNCTYPE
    types = (_ARGUMENTS.get(argument, ctypes.c_void_p) for argument in arguments)
    return prototype(_RESULTS[result], *types)


#: Those that are declared; ``streams/all_kernels.py`` imports every table.
KERNELS: dict[str, Kernel] = {}


def declare(*kernels: Kernel) -> dict[str, Kernel]:
    """Enters kernels into ``KERNELS``, and returns them by name; ValueError for a name that another one has."""
    return enter(KERNELS, ((kernel.name, kernel) for kernel in kernels))
