"""Object code -> C functions, with llvmlite alone (a few milliseconds; numba's import takes hundreds)."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from ..cpu.table import KERNELS, Kernel

if TYPE_CHECKING:
    from .cache import ObjectCode

#: Outside symbols that kernels may call: C library functions, those from libm under names LLVM does not know
#: (see ``kernels/math/intrinsics.py``); the rest are what LLVM itself falls back to.
PROVIDED: dict[str, str] = {f"refinit_libm_{name}": name for name in ("log", "log1p", "sin", "cos")}
PROVIDED |= {name: name for name in ("memset", "memcpy", "memmove", "fma", "fmaf")}

#: It lets its own thread in again, to be told so.
_lock = threading.RLock()
_loading = ""
#: The C functions of this process by name; ``kernel`` fills it.
loaded: dict[str, Any] = {}
_engines: list[Any] = []  # the code lives as long as its engine


def kernel(name: str) -> Any:
    """The C function ``name`` of the table: from this process, else the disk cache, else compiled now."""
    function = loaded.get(name)
    if function is None:
        with _lock:
            function = loaded.get(name) or _loaded_alone(name)
    return function


def _loaded_alone(name: str) -> Any:
    """Loads a kernel, but not in the middle of loading one: neither numba nor LLVM could be entered again."""
    global _loading
    if _loading:
        raise RuntimeError(
            f"expected kernel {_loading} loaded, got a fill that needs {name} in the middle of that (in a signal "
            "handler or a finalizer?): fill once before, or do it after the fill"
        )
    try:
        _loading = name
        loaded[name] = _load(KERNELS[name])
    finally:
        _loading = ""
    return loaded[name]


def short_kernel(name: str, *numbers: float) -> tuple[Any, ...]:
    """``kernel(name)`` for the shortest calls, which keep the GIL, and ``numbers`` as its last arguments, converted."""
    wanted = KERNELS[name]
    address = ctypes.cast(kernel(name), ctypes.c_void_p).value
    prototype = wanted.ctype(releases_gil=False)
    types = prototype._argtypes_[-len(numbers) :]
    return prototype(address), *(convert(x) for convert, x in zip(types, numbers, strict=True))


def _load(wanted: Kernel) -> Any:
    from . import cache as disk  # llvmlite comes with it: not at import time

    found = disk.read(wanted.name)
    if found is None:
        from .cpu_compiler import compiled

        found = compiled(wanted)
        disk.write(wanted.name, found)
    return wanted.ctype()(_address(found))


def _address(found: ObjectCode) -> int:
    import llvmlite.binding as llvm

    provide_symbols()
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(found.code))
    engine.finalize_object()
    _engines.append(engine)
    address: int = engine.get_function_address(found.symbol)
    if not address:
        raise RuntimeError(f"compiled code has no symbol {found.symbol}")
    return address


@cache
def provide_symbols() -> None:
    """Tells LLVM where the outside symbols are; an engine that misses one ends the process."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    libraries = _c_libraries()
    for symbol, name in PROVIDED.items():
        for library in libraries:
            if hasattr(library, name):
                address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
                llvm.add_symbol(symbol, address)
                break
        else:
            raise RuntimeError(f"the C library of this platform has no function {name}")


def _c_libraries() -> list[ctypes.CDLL]:
    if sys.platform == "win32":
        return [ctypes.CDLL("ucrtbase"), ctypes.CDLL("vcruntime140")]
    libraries = [ctypes.CDLL(None)]
    if not hasattr(libraries[0], "log1p"):
        libraries.append(ctypes.CDLL("libm.so.6"))
    return libraries


def _forget_lock() -> None:
    """A thread of the parent may have held the lock when it forked."""
    global _lock, _loading
    _lock, _loading = threading.RLock(), ""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_lock)
