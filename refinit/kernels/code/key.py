"""What compiled code depends on, as one hash; it needs no numba."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).parents[2]
#: What makes code for CUDA: numba-cuda with libNVVM and nvJitLink, which have other names for CUDA 12 than for 13.
_CUDA_COMPILERS = (
    *("numba-cuda", "cuda-bindings"),
    *("nvidia-nvvm", "nvidia-cuda-nvcc-cu12", "nvidia-nvjitlink", "nvidia-nvjitlink-cu12"),
)
#: The settings of numba that hold for kernels, too: they say which processor this is, which a user may know better.
#: All others are refinit's own while it compiles (``numba_settings.py``), so they need not enter the key.
_PROCESSOR = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_ENABLE_AVX")


@cache
def key(backend: str) -> str:
    """Hash of all that a backend's code depends on."""
    digest = hashlib.sha256()
    for source in sources(backend):
        digest.update(f"{source.relative_to(_ROOT)}\0".encode() + source.read_bytes())
    facts = (version("numba"), version("llvmlite"), *_FACTS[backend]())
    digest.update("\0".join(map(str, facts)).encode())
    return digest.hexdigest()[:32]


def sources(backend: str) -> list[Path]:
    """What a backend's code depends on: the compilers, the tables, all kernels and scalar functions but the other's."""
    other = {"cpu": "cuda", "cuda": "cpu"}[backend]
    paths = [*(_ROOT / "kernels").rglob("*.py"), *(_ROOT / "streams").rglob("*.py")]
    folders = {path: {*path.relative_to(_ROOT).with_suffix("").parts} for path in paths}
    return sorted(
        path for path, names in folders.items() if names & {"kernels", "math"} and other not in names
    )


@cache
def processor_settings() -> dict[str, str]:
    """Variables of the environment that name the processor, as they are when the key is made or code is compiled."""
    return {name: os.environ[name] for name in _PROCESSOR if name in os.environ}


def _cpu_facts() -> tuple[str, ...]:
    import llvmlite.binding as llvm

    host = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    settings = (f"{name}={value}" for name, value in processor_settings().items())
    return str(sys.implementation.cache_tag), platform.machine(), sys.platform, *host, *settings


def _cuda_facts() -> tuple[str, ...]:
    return tuple(map(_version, _CUDA_COMPILERS))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


_FACTS = {"cpu": _cpu_facts, "cuda": _cuda_facts}
