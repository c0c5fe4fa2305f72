"""What is filled while a module is constructed: it draws in its turn, whether it is registered or not."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any


class Drawn:
    """The memories that were filled while a module was constructed."""

    def __init__(self) -> None:
        self.memories: dict[Any, None] = {}

    def __deepcopy__(self, _memo: dict[int, Any]) -> Drawn:
        """Of a copied module the same memories: it comes after the draws that made the first one, and draws no more."""
        copied = Drawn()
        copied.memories |= self.memories
        return copied


class _Constructions(threading.local):
    """The modules whose ``__init__`` this thread runs, outermost first."""

    def __init__(self) -> None:
        self.running: list[tuple[Any, Drawn]] = []


_constructions = _Constructions()


def note_fill(memory: Any) -> None:
    """Notes a memory with all modules that are being constructed."""
    for _, drawn in _constructions.running:
        drawn.memories[memory] = None


def constructing(init: Callable[..., None]) -> Callable[..., None]:
    """A class's ``__init__`` that leaves in ``_drawn`` what is filled while it runs."""

    @functools.wraps(init)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        running = _constructions.running
        if any(module is self for module, _ in running):  # called by a subclass's
            init(self, *args, **kwargs)
            return
        drawn = self.__dict__.setdefault("_drawn", Drawn())
        running.append((self, drawn))
        try:
            init(self, *args, **kwargs)
        finally:
            running.pop()

    return wrapped
