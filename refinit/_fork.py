"""Forks: what they wait for, and what a forked child makes anew.

The parent's other threads are not in the child. A lock that one of them held stays locked there for ever, and Python
makes anew only those it knows of: not a module's lock while it is imported, nor numba's and LLVM's while they compile.
So a fork waits until no thread of ours is in the middle of such a thing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

#: Seconds that a fork waits at most; two threads that wait for each other would do so for ever.
_PATIENCE = 60.0

_lock = threading.RLock()
_forking: set[int] = set()
_divided = False


def undivided() -> threading.RLock:
    """What is held, by ``with``, during an import or a compilation: no other thread forks in the middle of it.

    Raises
    ------
    RuntimeError
        In a child whose fork could not wait.
    """
    if _divided:
        raise RuntimeError(
            "expected a process that was forked while nothing was imported or compiled, got one whose parent did that "
            "in another thread: fill once before the fork, or start processes by 'spawn' or 'forkserver'"
        )
    return _lock


def after_fork(renew: Callable[[], None]) -> None:
    """Lets ``renew`` run in every child of a fork, before anything else; a system without forks needs none."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)


def _wait() -> None:
    if _lock.acquire(timeout=_PATIENCE):
        _forking.add(threading.get_ident())


def _go_on() -> None:
    if threading.get_ident() in _forking:
        _forking.discard(threading.get_ident())
        _lock.release()


def _begin() -> None:
    """The child has this thread alone, which goes on with what it held itself, where a signal's handler has forked."""
    global _lock, _divided
    _divided = _divided or threading.get_ident() not in _forking
    _lock = threading.RLock()
    _forking.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait, after_in_parent=_go_on, after_in_child=_begin)
