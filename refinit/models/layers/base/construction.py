"""What is filled while a module is constructed: it draws in its turn, whether it is registered or not."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, Self
from weakref import WeakSet

from ....initializers.registry import INITIALIZERS


class Drawn:
    """The memories that were filled at random while a module was constructed."""

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


def note_fill(function: str, memory: Any) -> None:
    """Notes a memory that draws with all modules that are being constructed; any other matters if a state has it."""
    if _constructions.running and function in INITIALIZERS and INITIALIZERS[function].random:
        for _, drawn in _constructions.running:
            drawn.memories[memory] = None


#: What ``constructing`` has returned.
_known: WeakSet[Callable[..., None]] = WeakSet()


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

    _known.add(wrapped)
    return wrapped


class Constructed:
    """What its subclasses fill in ``__init__`` is noted, also where a dataclass or another base class brings it."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        """Wraps the ``__init__`` that runs next: one that came after the class was made is seen here alone."""
        owner = next(base for base in cls.__mro__ if "__init__" in base.__dict__)
        if owner.__dict__["__init__"] not in _known:
            own = owner if issubclass(owner, Constructed) else cls  # the other is not ours to change
            own.__init__ = constructing(owner.__dict__["__init__"])  # type: ignore[method-assign]
        return super().__new__(cls)
