"""The disk cache of object code.

A file's name holds a hash of all that its code depends on (``key.py``), so an edited source never meets stale code, and
its header one of all that it says, so damage is seen.  Whoever could write the folder or a file could let this process
run anything: both are checked (``folder.py``).  The cache only ever saves time: whatever goes wrong with it, the kernel
is compiled again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from ..._warn import RefinitWarning, warn_caller
from .folder import PRIVATE, File, Folder, opened
from .key import key
from .location import Refused

_MAGIC = b"refinit-2 "
#: Bytes of all files together, beyond which the oldest go; a version of refinit takes 1.2 MB for a processor, and a few
#: for a kind of GPU.
BOUND = 256 * 2**20
#: Entries, of any key, and what a writer that was killed has left of one.
_OURS = re.compile(r"[\w-]+-[0-9a-f]{32}\.o(\.?\w{8})?")


@dataclass(frozen=True)
class ObjectCode:
    """Relocatable machine code and the symbol of its entry."""

    symbol: str
    code: bytes


def read(name: str, backend: str = "cpu") -> ObjectCode | None:
    """The cached code of a kernel for a backend ("cpu", "cuda"); None: absent, damaged, or where others can write."""
    entry = _entry(name, backend)
    try:
        with opened() as folder:
            return _unpacked(entry, folder.read(entry))
    except Refused as reason:
        _tell(reason)
    except (OSError, ValueError):
        pass
    return None


def write(name: str, object_code: ObjectCode, backend: str = "cpu") -> None:
    """Keeps the code for later processes, if that can be done."""
    try:
        keep(name, object_code, backend)
    except Refused as reason:
        _tell(reason)
    except OSError:
        pass


def keep(name: str, object_code: ObjectCode, backend: str = "cpu", *, mode: int = PRIVATE) -> None:
    """Writes an entry, into a folder that is made with this mode if there is none, and drops the oldest beyond BOUND.

    Raises
    ------
    Refused
        If somebody else could put code there.
    OSError
        If it cannot be written.
    """
    entry = _entry(name, backend)
    with opened(make=mode) as folder:
        folder.write(entry, _packed(entry, object_code))
        with suppress(OSError):
            drop(folder, _beyond_bound(entries(folder)))


def entries(folder: Folder) -> list[File]:
    """The cache's files, of whatever key."""
    return [file for file in folder.files() if _OURS.fullmatch(file.name)]


def drop(folder: Folder, files: Iterable[File]) -> None:
    """Removes them."""
    for file in files:
        with suppress(FileNotFoundError):  # another process was first
            folder.remove(file.name)


def size_of(files: Iterable[File]) -> int:
    """Their bytes together."""
    return sum(file.size for file in files)


def of_this_key(file: File) -> bool:
    """Whether this version of refinit would load it on this processor."""
    return file.name.endswith(tuple(f"-{key(backend)}.o" for backend in ("cpu", "cuda")))


def _beyond_bound(files: list[File]) -> list[File]:
    """The oldest, without which the others are within the bound."""
    excess = size_of(files) - BOUND
    surplus = []
    for file in sorted(files, key=lambda file: file.written):
        if excess <= 0:
            break
        surplus.append(file)
        excess -= file.size
    return surplus


def _entry(name: str, backend: str) -> str:
    return f"{name}-{key(backend)}.o"


def _packed(entry: str, object_code: ObjectCode) -> bytes:
    symbol = object_code.symbol.encode()
    return _MAGIC + _digest(entry, symbol, object_code.code) + b" " + symbol + b"\n" + object_code.code


def _unpacked(entry: str, content: bytes) -> ObjectCode:
    """The code of an entry; ValueError if a bit of it is another than was written, or it was written as another."""
    header, _, code = content.partition(b"\n")
    digest, _, symbol = header.removeprefix(_MAGIC).partition(b" ")
    is_ours = header.startswith(_MAGIC) and digest == _digest(entry, symbol, code)
    if not is_ours or not symbol:  # LLVM ends the process where a symbol has no name
        raise ValueError(f"expected the entry {entry} as it was written, got a damaged one")
    return ObjectCode(symbol.decode(), code)


def _digest(entry: str, symbol: bytes, code: bytes) -> bytes:
    return hashlib.sha256(b"\0".join((entry.encode(), symbol, code))).hexdigest().encode()


_reasons: set[str] = set()


def _tell(reason: Refused) -> None:
    """Warns of the first reason of a process; what many files have in common would be said for each."""
    if not _reasons:
        _reasons.add(str(reason))
        warn_caller(f"kernels are compiled anew in every process: {reason}", RefinitWarning)
