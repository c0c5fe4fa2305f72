"""The host's thread pool: large fills only, started lazily, made anew after a fork.  It never changes a result."""

from __future__ import annotations

import os
import threading
from _thread import start_new_thread
from collections.abc import Callable, Iterable
from functools import partial
from queue import SimpleQueue
from typing import Any

from .._fork import after_fork
from ..laws.arguments import integer_argument

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
    """The results of all tasks, in no particular order; on an exception the tasks that have begun end first.

    Whoever is free, the calling thread or one of the pool, makes the next task and runs it.
    """
    work = _Work(tasks)
    try:
        _start(min(get_num_threads(), _MAX_THREADS) - 1, work.help)
        work.drain()
    finally:
        work.end()
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


class _Work:
    """Tasks that several threads share.

    A helper counts itself in before it begins, and one that comes too late does nothing; so it does not matter how
    many could be started, nor where an interrupt struck.
    """

    def __init__(self, tasks: Iterable[Callable[[], Any]]) -> None:
        self._tasks = iter(tasks)
        self._lock = threading.Lock()
        self._helping = 0
        self._ended = False
        self._departures: SimpleQueue[None] = SimpleQueue()
        self.results: list[Any] = []
        self.problem: BaseException | None = None

    def drain(self) -> None:
        """Makes and runs tasks until none is left."""
        while True:
            with self._lock:
                task = None if self._ended else next(self._tasks, None)
            if task is None:
                return
            self.results.append(task())

    def help(self) -> None:
        """``drain`` in a thread of the pool."""
        with self._lock:
            if self._ended:
                return
            self._helping += 1
        try:
            self.drain()
        except BaseException as problem:  # noqa: BLE001 - raised where the fill was called
            self._ended, self.problem = True, problem
        finally:
            with self._lock:
                self._helping -= 1
            self._departures.put(None)

    def end(self) -> None:
        """No further task; returns when no helper works on one: they write to memory that may be freed then."""
        interrupt = None
        while True:
            try:
                with self._lock:
                    self._ended = True
                while self._helping:
                    self._departures.get()
                break
            except KeyboardInterrupt as problem:  # again, while they still work
                interrupt = problem
        if interrupt is not None:
            raise interrupt


class _Pool:
    """Threads that run what is put into ``jobs``, and how many they are.

    Not concurrent.futures: an interrupt inside its Python code, or inside that of threading.Thread, can leave one of
    their locks held.  Here both steps are C functions.
    """

    def __init__(self) -> None:
        self.jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.size = 0


def _start(helpers: int, help_out: Callable[[], None]) -> None:
    """Lets up to ``helpers`` threads of the pool help out."""
    pool = _pool
    try:
        while pool.size < helpers:
            start_new_thread(_run_jobs, (pool.jobs,))
            pool.size += 1
    # no thread to be had, or the interpreter is shutting down: those that are there do it
    except RuntimeError:
        pass
    for _ in range(min(helpers, pool.size)):
        pool.jobs.put(help_out)


def _run_jobs(jobs: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        jobs.get()()


def _forget_pool() -> None:
    """A forked child has the pool's object and none of its threads."""
    global _pool
    _pool = _Pool()


_pool = _Pool()

after_fork(_forget_pool)
