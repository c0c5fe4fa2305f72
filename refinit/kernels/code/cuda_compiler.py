"""Kernel source -> PTX -> machine code.  Imported only when the cache has no code: it imports numba and numba.cuda.

libNVVM is told not to contract products and sums, and nothing is left to link-time optimisation, which would forget
that: each rounding of the source is one of the PTX.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from ..._install import install
from ..cuda.table import KERNELS, Argument
from .numba_settings import own_settings

Capability = tuple[int, int]


def _missing() -> ImportError:
    return ImportError(
        "compiling a CUDA kernel for the first time needs the package numba-cuda of the driver's CUDA version: "
        f"{install('cuda13', 'cuda12')}"
    )


def ptx(name: str, capability: Capability) -> str:
    """The PTX of a kernel, whose entry has the kernel's name.

    Raises
    ------
    ImportError
        Without numba-cuda or CUDA's libraries; the message says what to install.
    RuntimeError
        Under numba's simulator.
    """
    compiler, nvvm = _numba_cuda()
    kernel = KERNELS[name]
    with own_settings(), _libraries(), _for_a_device_of(capability):
        function = importlib.import_module(kernel.module).KERNELS[name]
        compiled = compiler.compile_cuda(
            function,
            compiler.types.void,
            tuple(map(_numba_type, kernel.arguments)),
            nvvm_options={"opt": 3, "fma": False},
            cc=capability,
        )
        library, mangled = compiled.library, compiled.fndesc.llvm_func_name
        entry = library.get_function(mangled)
        library._entry_name = mangled
        compiler.kernel_fixup(entry, debug=False)
        nvvm.set_launch_bounds(entry, kernel.block)
        text: str = library.get_asm_str(cc=capability)
    return re.sub(rf"\b{re.escape(mangled)}\b", name, text)


def cubin(text: str, capability: Capability) -> bytes:
    """Machine code of a PTX text; unlike PTX, any driver of the same major CUDA version runs it.

    Raises
    ------
    ImportError
        Without nvJitLink; the message says what to install.
    RuntimeError
        If it makes no code of this text for such devices.
    """
    with _libraries():
        from cuda.bindings import nvjitlink

        try:
            return _linked(nvjitlink, text.encode(), f"-arch=sm_{capability[0]}{capability[1]}")
        except nvjitlink.nvJitLinkError as error:
            raise RuntimeError(
                f"expected nvJitLink to make code for compute capability {capability[0]}.{capability[1]}, got {error}; "
                "for a newer GPU, install a newer numba-cuda; or initialise a NumPy array and copy it"
            ) from error


def _linked(nvjitlink: Any, source: bytes, architecture: str) -> bytes:
    handle = nvjitlink.create(1, [architecture])
    try:
        nvjitlink.add_data(handle, nvjitlink.InputType.PTX, source, len(source), "refinit")
        nvjitlink.complete(handle)
        code = bytearray(nvjitlink.get_linked_cubin_size(handle))
        nvjitlink.get_linked_cubin(handle, code)
    finally:
        nvjitlink.destroy(handle)
    return bytes(code)


@contextmanager
def _libraries() -> Iterator[None]:
    """Tells what to install where numba-cuda came without CUDA's libraries, which are an extra of it."""
    try:
        yield
    except Exception as error:
        if type(error).__name__ != "DynamicLibNotFoundError":  # of cuda-pathfinder
            raise
        raise _missing() from error


def _numba_cuda() -> tuple[Any, Any]:
    try:
        from numba import cuda
        from numba.cuda import compiler
        from numba.cuda.cudadrv import nvvm
    except ImportError as error:
        raise _missing() from error
    if cuda.implementation != "NVIDIA":  # numba carries an older numba.cuda, which numba-cuda replaces
        raise _missing()
    if not hasattr(compiler, "compile_cuda"):
        raise RuntimeError(
            "expected numba's CUDA compiler, got its simulator: unset NUMBA_ENABLE_CUDASIM, which compiles no kernel"
        )
    return compiler, nvvm


def _numba_type(argument: Argument) -> Any:
    from numba import types

    kinds = {"u": types.uint64, "i": types.int64, "f": types.float64}
    short = {"u32": types.uint32, "i32": types.int32, "f32": types.float32}
    if isinstance(argument, tuple):
        return types.UniTuple(_numba_type(argument[0]), argument[1])
    return short.get(argument, kinds[argument[0]])


@contextmanager
def _for_a_device_of(capability: Capability) -> Iterator[None]:
    """numba-cuda asks the current device what it compiles scalar functions for; there may be another, or none."""
    from numba.cuda import dispatcher

    before = dispatcher.get_current_device
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=capability, id=0)
    try:
        yield
    finally:
        dispatcher.get_current_device = before
