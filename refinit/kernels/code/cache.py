"""The disk cache of object code.

A file's name holds a hash of all that its code depends on (every kernel source, the compilers' versions, the CPU,
numba's settings), so an edited source never meets stale code.  The cache only ever saves time: whatever goes wrong
with it, the kernel is compiled again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_MAGIC = b"refinit-1 "
#: What makes code for CUDA: numba-cuda with libNVVM and nvJitLink, which have other names for CUDA 12 than for 13.
_CUDA_COMPILERS = (
    *("numba-cuda", "cuda-bindings"),
    *("nvidia-nvvm", "nvidia-cuda-nvcc-cu12", "nvidia-nvjitlink", "nvidia-nvjitlink-cu12"),
)
#: Settings of numba that change no code.
_HARMLESS = ("NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR", "NUMBA_THREADING_LAYER", "NUMBA_DISABLE_JIT")


@dataclass(frozen=True)
class ObjectCode:
    """Relocatable machine code and the symbol of its entry."""

    symbol: str
    code: bytes


def directory() -> Path:
    """$REFINIT_CACHE_DIR, else the user's cache directory by the platform's custom."""
    if configured := os.environ.get("REFINIT_CACHE_DIR"):
        return Path(configured)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "refinit" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "refinit"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "refinit"


def read(name: str, backend: str = "cpu") -> ObjectCode | None:
    """The cached code of a kernel for a backend ("cpu", "cuda"); None: absent, damaged, or where others can write."""
    try:
        path = _path(name, backend)
        if not _is_ours(path.parent) or not _is_ours(path):
            return None
        header, _, rest = path.read_bytes().partition(b"\n")
        digest, symbol = header.removeprefix(_MAGIC).decode().split()
    except (OSError, ValueError, RuntimeError):  # RuntimeError: no home directory
        return None
    if hashlib.sha256(rest).hexdigest() != digest:
        return None
    return ObjectCode(symbol, rest)


def write(name: str, object_code: ObjectCode, backend: str = "cpu") -> None:
    """Keeps the code for later processes; a rename, so that no reader ever sees half a file."""
    try:
        path = _path(name, backend)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(path.parent):
            return
        header = _MAGIC + f"{hashlib.sha256(object_code.code).hexdigest()} {object_code.symbol}\n".encode()
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(header + object_code.code)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
    except (OSError, RuntimeError):
        return


def _path(name: str, backend: str) -> Path:
    return directory() / f"{name}-{_key(backend)}.o"


def sources(backend: str) -> list[Path]:
    """What a backend's code depends on: the compilers, the tables, all kernels and scalar functions but the other's."""
    other = {"cpu": "cuda", "cuda": "cpu"}[backend]
    paths = [*(_ROOT / "kernels").rglob("*.py"), *(_ROOT / "streams").rglob("*.py")]
    folders = {path: {*path.relative_to(_ROOT).with_suffix("").parts} for path in paths}
    return sorted(
        path for path, names in folders.items() if names & {"kernels", "math"} and other not in names
    )


@cache
def _key(backend: str) -> str:
    """Hash of all that a backend's code depends on."""
    digest = hashlib.sha256()
    for source in sources(backend):
        digest.update(f"{source.relative_to(_ROOT)}\0".encode() + source.read_bytes())
    settings = sorted(
        f"{k}={v}" for k, v in os.environ.items() if k.startswith("NUMBA_") and k not in _HARMLESS
    )
    facts = (version("numba"), version("llvmlite"), *_FACTS[backend](), *settings)
    digest.update("\0".join(map(str, facts)).encode())
    return digest.hexdigest()[:32]


def _cpu_facts() -> tuple[str, ...]:
    import llvmlite.binding as llvm

    host = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return str(sys.implementation.cache_tag), platform.machine(), sys.platform, *host


def _cuda_facts() -> tuple[str, ...]:
    return tuple(map(_version, _CUDA_COMPILERS))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


_FACTS = {"cpu": _cpu_facts, "cuda": _cuda_facts}


def _is_ours(path: Path) -> bool:
    """Whether nobody else can put code there: owned by this user, not writable by others."""
    if not hasattr(os, "getuid"):
        return path.exists()
    facts = path.stat()
    return facts.st_uid == os.getuid() and not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
