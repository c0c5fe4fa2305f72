"""Object code -> C functions, with llvmlite alone (a few milliseconds; numba's import takes hundreds)."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from ..._fork import undivided
from ..cpu.table import KERNELS, Kernel
from .symbols import provide_symbols

if TYPE_CHECKING:
    from .cache import ObjectCode

#: The kernel that is being loaded; ``undivided`` lets its own thread in again, to be told so.
_loading = ""
#: The C functions of this process by name; ``kernel`` fills it.
loaded: dict[str, Any] = {}
_engines: list[Any] = []  # the code lives as long as its engine


def kernel(name: str) -> Any:
    """The C function ``name`` of the table: from this process, else the disk cache, else compiled now."""
    function = loaded.get(name)
    if function is None:
        with undivided():
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
    address = ctypes.cast(kernel(name), ctypes.c_void_p).value
    prototype = KERNELS[name].ctype(releases_gil=False)
    types = prototype._argtypes_[-len(numbers) :]
    return prototype(address), *(convert(x) for convert, x in zip(types, numbers, strict=True))


def _load(signature: Kernel) -> Any:
    from . import cache as disk  # hashlib's OpenSSL comes with it: not at import time

    code = disk.read(signature.name)
    address = _address(code) if code else 0
    if not code or not address:
        from .cpu_compiler import compiled  # and numba with this

        code = compiled(signature)
        disk.write(signature.name, code)
        address = _address(code)
    if not address:
        raise RuntimeError(f"compiled code has no symbol {code.symbol}")
    return signature.ctype()(address)


def _address(code: ObjectCode) -> int:
    """Where the code's entry lies now; 0 if it has no such symbol."""
    import llvmlite.binding as llvm

    provide_symbols()
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.code))
    engine.finalize_object()
    _engines.append(engine)
    address: int = engine.get_function_address(code.symbol)
    return address
