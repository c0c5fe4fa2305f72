"""The folder of the disk cache, into which nobody else can put code.

The way to it is walked from the root down, each folder opened within the one above and no link followed: what was
checked is what is used, whoever renames what meanwhile.  Root and this process's user own all of them, and nobody else
can write there, but for folders above whose entries only their owners can rename (sticky, as /tmp is).

On Windows, which has neither such owners nor such a walk, nothing of this is checked: the default lies below
%LOCALAPPDATA%, which Windows gives to its user alone.
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .location import VARIABLE, Refused, location

_WALKS = hasattr(os, "geteuid") and {os.open, os.mkdir, os.rename, os.unlink} <= os.supports_dir_fd
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINK
#: A folder above need not be readable.
_PASS = getattr(os, "O_PATH", os.O_RDONLY) | _LIST
#: A pipe without a writer would be waited for.
_READ = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | getattr(os, "O_BINARY", 0)
_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
#: The user's alone; who makes a folder for others asks for another mode.
PRIVATE = 0o700


@dataclass(frozen=True)
class File:
    """What is told of a file: its name, its size in bytes, when it was written."""

    name: str
    size: int
    written: float


@dataclass(frozen=True)
class Folder:
    """An open folder that was checked; files are reached by its descriptor, on Windows (None) by its path."""

    path: Path
    descriptor: int | None

    def read(self, name: str) -> bytes:
        """The bytes of a file that nobody else can write.

        Raises
        ------
        Refused
            If somebody else can, or if it is none: a link, a folder, a pipe.
        """
        descriptor = self._opened(name, _READ)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise _refused_file(self.path / name)
            _refuse_others(facts, self.path / name)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)

    def write(self, name: str, content: bytes) -> None:
        """Makes or replaces a file; a rename, so that no reader ever sees half of it."""
        temporary = f"{name}.{os.urandom(4).hex()}"
        try:
            with os.fdopen(self._opened(temporary, _WRITE), "wb") as file:
                file.write(content)
            at = self.descriptor
            os.replace(self._name(temporary), self._name(name), src_dir_fd=at, dst_dir_fd=at)
        except BaseException:
            with suppress(OSError):
                self.remove(temporary)
            raise

    def remove(self, name: str) -> None:
        """Removes a file, or a link."""
        os.unlink(self._name(name), dir_fd=self.descriptor)

    def files(self) -> list[File]:
        """What lies there, folders apart."""
        listed = self.path if self.descriptor is None else os.open(".", _LIST, dir_fd=self.descriptor)
        try:
            with os.scandir(listed) as entries:
                facts = {
                    entry.name: entry.stat(follow_symlinks=False)
                    for entry in entries
                    if not entry.is_dir(follow_symlinks=False)
                }
        finally:
            if isinstance(listed, int):
                os.close(listed)
        return [File(name, fact.st_size, fact.st_mtime) for name, fact in facts.items()]

    def _opened(self, name: str, flags: int) -> int:
        try:
            return os.open(self._name(name), flags, 0o644, dir_fd=self.descriptor)
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.EMLINK}:
                raise _refused_file(self.path / name) from error
            raise

    def _name(self, name: str) -> str:
        return str(self.path / name) if self.descriptor is None else name


@contextmanager
def opened(*, make: int | None = None) -> Iterator[Folder]:
    """The cache's folder; it and what is missing above it are made with the mode ``make``, if that is given.

    Raises
    ------
    Refused
        If somebody else could put code there.
    OSError
        If there is none, or none can be made.
    """
    place = location()
    if not _WALKS:
        if make is not None:
            place.mkdir(parents=True, exist_ok=True)
        if not place.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no such folder", str(place))
        yield Folder(place, None)
        return
    path = Path(os.path.realpath(place))  # links are for users; those of the way here are resolved once
    descriptor = _walked(path, make)
    try:
        yield Folder(path, descriptor)
    finally:
        os.close(descriptor)


def _walked(path: Path, make: int | None) -> int:
    """A descriptor of the folder, to which each step was checked."""
    place = Path("/")
    descriptor = os.open(place, _PASS)
    try:
        for name in path.parts[1:]:
            _refuse_others(os.fstat(descriptor), place, is_above=True)
            above, descriptor = descriptor, _entered(descriptor, name, make)
            os.close(above)
            place /= name
        _refuse_others(_mended(descriptor), place)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _entered(above: int, name: str, make: int | None) -> int:
    try:
        return os.open(name, _PASS, dir_fd=above)
    except FileNotFoundError:
        if make is None:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, make, dir_fd=above)
    return os.open(name, _PASS, dir_fd=above)


def _mended(descriptor: int) -> os.stat_result:
    """The facts of the cache's folder; the default one is refinit's, so where others can write it, it is closed."""
    facts = os.fstat(descriptor)
    is_open = facts.st_mode & _BY_OTHERS and facts.st_uid == os.geteuid()
    if is_open and not os.environ.get(VARIABLE):
        with suppress(OSError):
            os.chmod(".", PRIVATE, dir_fd=descriptor)
    return os.fstat(descriptor)


def _refuse_others(facts: os.stat_result, path: Path, *, is_above: bool = False) -> None:
    """Raises Refused where others could write, or, in a folder above, rename what lies there."""
    if facts.st_uid not in {0, os.geteuid()}:
        raise Refused(
            f"expected {path} to belong to root or to user {os.geteuid()}, got owner {facts.st_uid}: "
            f"set {VARIABLE} to a folder of your own"
        )
    is_sticky = facts.st_mode & stat.S_ISVTX
    if facts.st_mode & _BY_OTHERS and not (is_above and is_sticky):
        closing = "" if is_sticky else f"chmod go-w {shlex.quote(str(path))}, or "
        raise Refused(
            f"expected that only its owner can write {path}, got mode {stat.S_IMODE(facts.st_mode):04o}: "
            f"{closing}set {VARIABLE} to a folder that is yours alone"
        )


def _refused_file(path: Path) -> Refused:
    return Refused(f"expected {path} to be a file, got a link, a folder or a device: remove it")
