"""Machine code of CUDA kernels: from the disk cache, else compiled now."""

from __future__ import annotations

import threading

from .. import cache
from ..cache import ObjectCode

_lock = threading.RLock()  # neither numba nor its patching is for two threads


def cubin(name: str, capability: tuple[int, int]) -> ObjectCode:
    """The code of kernel ``name`` for devices of that compute capability."""
    key = f"{name}-sm_{capability[0]}{capability[1]}"
    found = cache.read(key, "cuda")
    if found is None:
        with _lock:
            from .compiler import cubin as linked
            from .compiler import ptx

            found = ObjectCode(name, linked(ptx(name, capability), capability))
            cache.write(key, found, "cuda")
    return found
