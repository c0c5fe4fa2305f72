"""The state of a CounterGenerator, as kernels see it."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

from ..engine import Engine, Realise

#: The fill number is one 32-bit counter word.
FILLS = 1 << 32


class TakenFill(NamedTuple):
    """A fill number that is taken already: what the parts of one fill have for an engine."""

    address: int
    key: int
    number: int

    def cursor(self) -> int:
        """The address of the key and the number."""
        return self.address

    def key_and_fill(self) -> tuple[int, int]:
        """The key and the number."""
        return self.key, self.number


class CounterEngine(Engine):
    """A key and a fill number as kernels see them, two uint64: those of the next fill, and those of the one under way.

    ``short_cursor``: the address of the former, for the kernels of short calls, which advance it themselves.
    """

    device_types = ("cpu", "cuda")

    def __init__(self, key: int) -> None:
        super().__init__()
        self._next, self._current = (ctypes.c_uint64 * 2)(), (ctypes.c_uint64 * 2)()
        self.short_cursor, self._cursor = map(ctypes.addressof, (self._next, self._current))
        self.restore(key, 0)

    def restore(self, key: int, next_fill: int) -> None:
        """Takes a saved state."""
        self.key = key
        self._next[0] = self._current[0] = key
        self._next[1] = next_fill

    @property
    def next_fill(self) -> int:
        """The number that the next fill takes."""
        return self._next[1]

    def cursor(self) -> int:
        """Takes the next fill number; the address of the key and that number, for the fill that begins now."""
        number = self._next[1]
        if number >= FILLS:
            raise exhausted()
        self._next[1] = number + 1
        self._current[1] = number
        return self._cursor

    def fill(self, realise: Realise | None) -> None:
        """Lets ``realise(self)`` take the next fill number, even with nothing to draw; a failure gives it back."""

        def numbered() -> None:
            number = self.next_fill
            if realise is None:
                self.cursor()
                return
            try:
                realise(self)
            except Exception:  # as for want of memory
                self.restore(self.key, number)
                raise

        self.exclusively(numbered)

    def key_and_fill(self) -> tuple[int, int]:
        """Takes the next fill number: the key and that number, for kernels that are given them by value."""
        self.cursor()
        return self.key, self._current[1]

    def taken(self) -> TakenFill:
        """Takes the next fill number, for a fill in parts."""
        return TakenFill(self.cursor(), *self._current)


def exhausted() -> OverflowError:
    """The error for a generator without a further fill number."""
    return OverflowError(
        f"this CounterGenerator has made all its {FILLS} fills; take a substream for further ones: "
        "generator.substream('more')"
    )
