"""The host's thread pool: large fills only, started lazily, made anew after a fork.  It never changes a result."""

from __future__ import annotations

import os
from _thread import start_new_thread
from collections.abc import Callable, Iterable
from functools import partial
from queue import SimpleQueue
from typing import Any

from .._fork import after_fork
from ..laws.arguments import integer_argument
from .mutex import Mutex

#: Threads that a fill starts at most, whatever number was set: they would only wait for each other.
_MAX_THREADS = 256
#: Units per task of the pool where each unit stands for itself.
_MIN_SHARE, _MAX_SHARE = 1 << 17, 1 << 21

_num_threads: int | None = None


def available_cpus() -> int:
    """The processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def get_num_threads() -> int:
    """The number of threads a large fill uses; by default the processors this process may run on."""
    return available_cpus() if _num_threads is None else _num_threads


def set_num_threads(n: int) -> None:
    """Sets the number of threads a large fill uses.  The values do not depend on it.

    Parameters
    ----------
    n
        At least 1; more than 256 are not started.

    Raises
    ------
    TypeError, ValueError
        If ``n`` is no positive integer.

    Examples
    --------
    >>> import refinit as init
    >>> before = init.get_num_threads()
    >>> init.set_num_threads(1)
    >>> init.get_num_threads()
    1
    >>> init.set_num_threads(before)
    """
    global _num_threads
    _num_threads = integer_argument(n, "a number of threads", 1)


def run(tasks: Iterable[Callable[[], Any]]) -> list[Any]:
    """The results of all tasks, in no particular order.

    Whoever is free, the calling thread or one of the pool, makes the next task and runs it. Whatever is raised, and as
    often as it is, the tasks that have begun end first: their memory may be freed then.

    Raises
    ------
    RuntimeError
        In a child that a signal handler has forked in the middle of this.
    """
    work = _Work(tasks)
    try:
        work.pool.invite(min(get_num_threads(), _MAX_THREADS) - 1, work.help)
        work.drain()
    finally:
        # no signal's handler runs between what is raised above and the end of this wait (see ``mutex.py``)
        work.ended = True
        if work.pool is _pool:
            try:
                work.helpers.acquire()
            finally:
                work.helpers.release()
    if work.pool is not _pool:
        raise RuntimeError(
            "expected a fill to end in the process that began it, got a fork in the middle of it (in a signal "
            "handler?): fork before or after it; the array is filled in part, the generator is where it was"
        )
    work.pool.mutexes.append((work.helpers, work.turn))
    if work.problem is not None:
        raise work.problem
    return work.results


def share_out(total: int, work: Callable[[int, int], None], min_share: int = _MIN_SHARE) -> None:
    """``work(start, count)`` over all of ``total``, by the threads."""
    threads = get_num_threads()
    if total < 2 * min_share or threads == 1:
        work(0, total)
        return
    share = max(min_share, min(_MAX_SHARE, -(-total // (2 * threads))))
    share += -share % 64
    run(partial(work, start, min(share, total - start)) for start in range(0, total, share))


class _Pool:
    """Threads that run what is put into ``jobs``, and how many they are.

    Not concurrent.futures: an interrupt inside its Python code, or inside that of threading.Thread, can leave one of
    their locks held.  Here both steps are C functions.
    """

    def __init__(self) -> None:
        self.jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.size = 0
        #: Of works that have ended; a helper that comes too late may still hold one, for a moment.
        self.mutexes: list[tuple[Mutex, Mutex]] = []

    def taken_mutexes(self) -> tuple[Mutex, Mutex]:
        """Two for a new work, each in the place that it had in an earlier one, if it had."""
        try:
            return self.mutexes.pop()
        except IndexError:
            return Mutex(), Mutex()

    def invite(self, helpers: int, help_out: Callable[[], None]) -> None:
        """Lets up to ``helpers`` threads of the pool help out."""
        try:
            while self.size < helpers:
                start_new_thread(_run_jobs, (self.jobs,))
                self.size += 1
        # no thread to be had, or the interpreter is shutting down: those that are there do it
        except RuntimeError:
            pass
        for _ in range(min(helpers, self.size)):
            self.jobs.put(help_out)


class _Work:
    """Tasks that several threads share.

    ``turn``: whoever makes a task or counts itself in or out holds it. ``helpers``: held while any helper is in. One
    that comes when the work has ended finds no task, and does nothing. So it does not matter how many could be
    started, nor where an exception struck. In a forked child the helpers are missing and a mutex may be theirs for
    good: there nothing is waited for.
    """

    def __init__(self, tasks: Iterable[Callable[[], Any]]) -> None:
        self.pool = pool = _pool
        self.helpers, self.turn = pool.taken_mutexes()
        self.ended = False
        self.results: list[Any] = []
        self.problem: BaseException | None = None
        self._tasks = iter(tasks)
        self._helping = 0

    def drain(self) -> None:
        """Makes and runs tasks until none is left."""
        while True:
            if self.pool is not _pool:
                return
            try:
                self.turn.acquire()
                task = None if self.ended else next(self._tasks, None)
            finally:
                self.turn.release()
            if task is None:
                return
            self.results.append(task())

    def help(self) -> None:
        """``drain`` in a thread of the pool."""
        if not self._enter():
            return
        try:
            self.drain()
        except BaseException as problem:  # noqa: BLE001 - raised where the fill was called
            self.ended, self.problem = True, problem
        finally:
            self._leave()

    def _enter(self) -> bool:
        try:
            self.turn.acquire()
            if self.ended or (not self._helping and not self.helpers.try_acquire()):
                return False
            self._helping += 1
            return True
        finally:
            self.turn.release()

    def _leave(self) -> None:
        try:
            self.turn.acquire()
            self._helping -= 1
            if not self._helping:
                self.helpers.release()
        finally:
            self.turn.release()


def _run_jobs(jobs: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        jobs.get()()


def _forget_pool() -> None:
    """A forked child has the pool's object and none of its threads."""
    global _pool
    _pool = _Pool()


_pool = _Pool()

after_fork(_forget_pool)
