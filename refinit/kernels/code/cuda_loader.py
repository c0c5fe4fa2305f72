"""Machine code of CUDA kernels: from the disk cache, else compiled now."""

from __future__ import annotations

from ..._fork import undivided
from . import cache
from .cache import ObjectCode

#: Neither numba nor its patching is for two threads. ``undivided`` lets its own thread in again, to be told so.
_compiling = ""


def cubin(name: str, capability: tuple[int, int]) -> ObjectCode:
    """The code of kernel ``name`` for devices of that compute capability."""
    entry = entry_of(name, capability)
    code = cache.read(entry, "cuda")
    if code is None:
        with undivided():
            code = _compiled_alone(name, capability)
            cache.write(entry, code, "cuda")
    return code


def entry_of(name: str, capability: tuple[int, int]) -> str:
    """What the cache calls it."""
    return f"{name}-sm_{capability[0]}{capability[1]}"


def _compiled_alone(name: str, capability: tuple[int, int]) -> ObjectCode:
    """Compiles a kernel, but not in the middle of compiling one: numba could not be entered again."""
    global _compiling
    if _compiling:
        raise RuntimeError(
            f"expected kernel {_compiling} compiled, got a fill that needs {name} in the middle of that (in a signal "
            "handler or a finalizer?): fill once before, or do it after the fill"
        )
    try:
        _compiling = name
        from .cuda_compiler import cubin as linked  # numba comes with it
        from .cuda_compiler import ptx

        return ObjectCode(name, linked(ptx(name, capability), capability))
    finally:
        _compiling = ""
