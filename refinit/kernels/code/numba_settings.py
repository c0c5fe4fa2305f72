"""numba's settings while refinit compiles: numba's own defaults, whatever users have set for their functions.

So neither a variable ``NUMBA_*`` nor a ``.numba_config.yaml`` in the working directory changes a kernel's code, and the
cache's key need not know them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numba.core.config
from numba.core.codegen import JITCPUCodegen
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from .key import processor_settings

#: They change no code, and other threads read them meanwhile.
_USERS = (
    *("CACHE_DIR", "CACHE_LOCATOR_CLASSES", "ENABLE_CUDASIM"),
    *("NUMBA_NUM_THREADS", "THREADING_LAYER", "THREADING_LAYER_PRIORITY"),
)


@contextmanager
def own_settings() -> Iterator[None]:
    """numba's defaults, and nobody else compiles meanwhile."""
    config = numba.core.config
    with global_compiler_lock:
        reload_config = config.reload_config
        before = {name: value for name, value in vars(config).items() if name.isupper()}
        users = {name: before[name] for name in _USERS if name in before}
        try:
            config.reload_config = lambda: None  # each compilation would read the user's settings again
            # Another number of threads is refused where some run
            threads = {"NUMBA_NUM_THREADS": str(config.NUMBA_NUM_THREADS)}
            config._env_reloader.process_environ(processor_settings() | threads)
            vars(config).update(users)
            yield
        finally:
            config.reload_config = reload_config
            vars(config).update(before)


@contextmanager
def own_code_generator() -> Iterator[None]:
    """One made under ``own_settings``: numba's was made at its first use, under the settings of then."""
    context = cpu_target.target_context
    own = {"_internal_codegen": _code_generator(), "cached_internal_func": _internal_functions}
    before = {name: getattr(context, name) for name in own}
    try:
        vars(context).update(own)
        yield
    finally:
        vars(context).update(before)


#: What numba has compiled with our code generator for its own use in kernels.
_internal_functions: dict[Any, Any] = {}


@cache
def _code_generator() -> Any:
    return JITCPUCodegen("refinit")
