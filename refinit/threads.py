"""The thread pool: large fills only, started lazily, made anew after a fork.  It never changes a result."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

#: Threads that a fill starts at most, whatever number was set: they would only wait for each other.
_MOST_THREADS = 256

_number: int | None = None
_pool: ThreadPoolExecutor | None = None
_pool_size = 0


def available_cpus() -> int:
    """The processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def get_num_threads() -> int:
    """The number of threads a large fill uses; by default the processors this process may run on."""
    return available_cpus() if _number is None else _number


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
    global _number
    try:
        number = operator.index(n)
    except TypeError:
        raise TypeError(f"expected a positive number of threads, got {type(n).__name__}") from None
    if isinstance(n, bool) or number < 1:
        raise ValueError(f"expected a positive number of threads, got {n}")
    _number = number


def run(tasks: Iterable[Callable[[], Any]]) -> list[Any]:
    """The results of all tasks, in no particular order.

    The calling thread makes the tasks, one after another, while the pool already works at them, and then helps.
    """
    queue: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
    futures = _start(min(get_num_threads(), _MOST_THREADS) - 1, queue)
    results: list[Any] = []
    try:
        try:
            for task in tasks:
                queue.put(task)
        finally:
            for _ in range(len(futures) + 1):  # an end mark for each; also after an exception
                queue.put(None)
        results += _drain(queue)
    finally:
        for future in futures:
            results += future.result()
    return results


def _drain(queue: SimpleQueue[Callable[[], Any] | None]) -> list[Any]:
    """Runs tasks until an end mark comes."""
    results = []
    while (task := queue.get()) is not None:
        results.append(task())
    return results


def _start(helpers: int, queue: SimpleQueue[Callable[[], Any] | None]) -> list[Future[list[Any]]]:
    global _pool, _pool_size
    if helpers < 1:
        return []
    pool = _pool
    if pool is None or _pool_size < helpers:
        pool, _pool_size = ThreadPoolExecutor(helpers, thread_name_prefix="refinit"), helpers
        _pool = pool
    try:
        return [pool.submit(_drain, queue) for _ in range(helpers)]
    except RuntimeError:  # the interpreter is shutting down: the calling thread does it all
        return []


def _forget_pool() -> None:
    """A forked child has the pool's object and none of its threads."""
    global _pool, _pool_size
    _pool, _pool_size = None, 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
