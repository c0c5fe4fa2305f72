"""The symbols outside of refinit that CPU kernels may call, and where LLVM finds them."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

#: C library functions, those from libm under names LLVM does not know (see ``kernels/math/intrinsics.py``); the rest
#: are what LLVM itself falls back to.
PROVIDED: dict[str, str] = {f"refinit_libm_{name}": name for name in ("log", "log1p", "sin", "cos")}
PROVIDED |= {name: name for name in ("memset", "memcpy", "memmove", "fma", "fmaf")}
if sys.platform == "darwin":
    PROVIDED["bzero"] = "bzero"  # a memset of zeros there


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
