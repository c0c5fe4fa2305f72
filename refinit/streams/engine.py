"""What every stream's engine is: the state of its numbers, for one thread at a time and no fill inside a fill."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

from .._fork import after_fork

_R = TypeVar("_R")
#: ``realise(engine)``: a fill, checked and prepared.
Realise = Callable[[Any], object]

_instances: weakref.WeakSet[Engine] = weakref.WeakSet()


class Engine:
    """What only one thread may use at a time.  ``lock``: whoever uses it holds it; ``busy``: the thread of a long use.

    The lock lets its own thread in again, so that a signal handler or finalizer that runs in the middle of a fill and
    uses the same generator gets an error, where it would wait for itself.
    """

    #: Where memory may lie that the stream fills.
    device_types: tuple[str, ...] = ("cpu",)
    #: Of the GPU whose stream is replayed, where the generator states one.
    geometry: Any = None

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.busy = 0
        _instances.add(self)

    def exclusively(self, use: Callable[[], _R]) -> _R:
        """The result of ``use``, which nothing else on this object interrupts.

        Raises
        ------
        RuntimeError
            If this thread is in the middle of another use.
        """
        with self.lock:
            if self.busy:
                raise in_use()
            try:
                self.busy = threading.get_ident()
                return use()
            finally:
                self.busy = 0

    def fill(self, realise: Realise | None) -> None:
        """Lets ``realise(self)`` draw; None: nothing to draw."""
        if realise is not None:
            self.exclusively(lambda: self.draw(realise))

    def draw(self, realise: Realise) -> None:
        """What ``fill`` does with the engine to itself."""
        realise(self)


def in_use() -> RuntimeError:
    """The error for a generator that this very thread is drawing from."""
    return RuntimeError(
        "expected a generator at rest, got one that this thread is in the middle of drawing from (in a signal handler "
        "or a finalizer?): use a generator of its own there, or do it after the fill"
    )


def _renew() -> None:
    """Another thread of the parent may have been in a use when this one forked, or this one, in a signal handler."""
    for engine in _instances:
        engine.lock = threading.RLock()
        if engine.busy != threading.get_ident():
            engine.busy = 0


after_fork(_renew)
