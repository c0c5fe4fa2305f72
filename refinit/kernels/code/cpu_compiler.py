"""Kernel source -> object code.  Imported only when the cache has no code: it imports numba."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba import cfunc, types
from numba.core.dispatcher import Dispatcher

from ..cpu.table import Kernel
from .cache import ObjectCode
from .numba_settings import own_code_generator, own_settings
from .symbols import PROVIDED, provide_symbols

_PACKAGE = __package__.partition(".")[0]
_NUMBA_TYPES = {
    "void": types.void,
    "i64": types.int64,
    "u8": types.uint8,
    "u16": types.uint16,
    "u32": types.uint32,
    "u64": types.uint64,
    "f32": types.float32,
    "f64": types.float64,
}


def compiled(kernel: Kernel) -> ObjectCode:
    """Compiles one kernel for this CPU; refuses code that would call anything the loader does not provide."""
    provide_symbols()  # numba links what it compiles at once
    with own_settings(), own_code_generator(), _own_overloads():
        module = importlib.import_module(kernel.module)
        signature = _numba_type(kernel.result)(*map(_numba_type, kernel.arguments))
        # error_model: no ZeroDivisionError. forceinline: so the wrapper sees that no exception ever leaves,
        # and LLVM drops the Python symbols that would report one
        function = cfunc(signature, error_model="numpy", forceinline=True)(module.KERNELS[kernel.name])
    library = function._library
    outside = {f.name for f in library._final_module.functions if f.is_declaration}
    unknown = {name for name in outside if not name.startswith("llvm.")} - set(PROVIDED)
    if unknown:
        raise RuntimeError(f"kernel {kernel.name} calls {sorted(unknown)}, which the loader does not provide")
    return ObjectCode(symbol=function._wrapper_name, code=library._get_compiled_object())


def _numba_type(name: str) -> Any:
    return types.CPointer(_NUMBA_TYPES[name[:-1]]) if name.endswith("*") else _NUMBA_TYPES[name]


#: What kernels have compiled of the scalar functions.
_ours: list[Any] = []


@contextmanager
def _own_overloads() -> Iterator[None]:
    """Forgets what others have compiled of the scalar functions before: with Python exceptions, and not inlined."""
    for dispatcher in _scalar_functions():
        if any(all(overload is not own for own in _ours) for overload in dispatcher.overloads.values()):
            dispatcher._reset_overloads()
    try:
        yield
    finally:
        _ours[:] = [
            overload for dispatcher in _scalar_functions() for overload in dispatcher.overloads.values()
        ]


def _scalar_functions() -> Iterator[Any]:
    for name, module in list(sys.modules.items()):
        if name.startswith((f"{_PACKAGE}.kernels.", f"{_PACKAGE}.streams.")):
            yield from (value for value in vars(module).values() if isinstance(value, Dispatcher))
