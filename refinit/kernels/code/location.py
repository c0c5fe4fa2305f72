"""Where the disk cache lies."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

VARIABLE = "REFINIT_CACHE_DIR"


class Refused(Exception):
    """Someone else could put code there; the message says where, and what to do."""


def location() -> Path:
    """$REFINIT_CACHE_DIR, else the user's cache folder by the platform's custom; other relative paths are ignored.

    Raises
    ------
    Refused
        If $REFINIT_CACHE_DIR is relative: it would be another folder wherever a process goes.
    OSError
        If the user has no home.
    """
    configured = os.environ.get(VARIABLE)
    if configured and not Path(configured).is_absolute():
        raise Refused(f"expected an absolute path in {VARIABLE}, got {configured!r}")
    return Path(configured) if configured else _default()


def _default() -> Path:
    if sys.platform == "win32":
        return (_absolute("LOCALAPPDATA") or _home() / "AppData" / "Local") / "refinit" / "Cache"
    if sys.platform == "darwin":
        return _home() / "Library" / "Caches" / "refinit"
    return (_absolute("XDG_CACHE_HOME") or _home() / ".cache") / "refinit"


def _absolute(variable: str) -> Path | None:
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None


def _home() -> Path:
    """The user's home, by $HOME or the system's list of users; none is made."""
    home = _absolute("USERPROFILE" if sys.platform == "win32" else "HOME")
    if home is None:
        with suppress(ImportError, KeyError):
            import pwd

            home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    if home is None or not home.is_absolute() or not home.is_dir():
        raise FileNotFoundError(errno.ENOENT, "expected a home directory of this user, got none", str(home))
    return home
