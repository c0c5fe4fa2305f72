"""The state of a CounterGenerator, as kernels see it."""

from __future__ import annotations

import ctypes

from ..exclusive import Exclusive, Realise

#: The fill number is one 32-bit counter word.
FILLS = 1 << 32


class CounterEngine(Exclusive):
    """The key and the next fill number as kernels see them: two uint64, at the address ``at``."""

    def __init__(self, key: int) -> None:
        super().__init__()
        self._state, self._taken = (ctypes.c_uint64 * 2)(), (ctypes.c_uint64 * 2)()
        self.at, self._taken_at = map(ctypes.addressof, (self._state, self._taken))
        self.restore(key, 0)

    def restore(self, key: int, next_fill: int) -> None:
        """Takes a saved state."""
        self.key = key
        self._state[0] = self._taken[0] = key
        self._state[1] = next_fill

    @property
    def next_fill(self) -> int:
        """The number that the next fill takes."""
        return self._state[1]

    def drawing(self) -> int:
        """Takes the next fill number; the address of the key and that number, for the fill that begins now."""
        number = self._state[1]
        if number >= FILLS:
            raise exhausted()
        self._state[1] = number + 1
        self._taken[1] = number
        return self._taken_at

    def fill(self, realise: Realise | None) -> None:
        """Lets ``realise(self)`` take the next fill number, even with nothing to draw; a failure gives it back."""

        def take() -> None:
            number = self.next_fill
            if realise is None:
                self.drawing()
                return
            try:
                realise(self)
            except Exception:  # as for want of memory
                self.restore(self.key, number)
                raise

        self.exclusively(take)

    def take(self) -> tuple[int, int]:
        """Takes the next fill number: the key and that number."""
        self.drawing()
        return self.key, self._taken[1]


def exhausted() -> OverflowError:
    """The error for a generator without a further fill number."""
    return OverflowError(
        f"this CounterGenerator has made all its {FILLS} fills; take a substream for further ones: "
        "generator.substream('more')"
    )
