"""The memory of one MT19937 engine, as kernels see it, and its way to and from saved states."""

from __future__ import annotations

import numpy as np

from ...kernels.code.cpu_loader import kernel
from ..engine import Engine
from .state import KEY_WORDS, State, packed, unpacked

#: 624 uint32 key words and the position behind them (the "cursor"), padded; then two float64, the waiting normal and
#: whether there is one (the "cache").
_CURSOR_WORDS = 628
CURSOR_BYTES = 4 * _CURSOR_WORDS


class TorchCpuEngine(Engine):
    """MT19937 with torch's waiting normal.

    ``short_cursor``: the cursor's address if nothing is to be done before words are drawn from it, else 0.  ``cache``:
    the waiting normal's address.  ``seed``: what the stream started from.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        memory = np.zeros(_CURSOR_WORDS // 2 + 2, np.uint64)
        self._memory = memory
        self._key = memory.view(np.uint32)
        self._waiting = memory[_CURSOR_WORDS // 2 :].view(np.float64)
        self._address: int = memory.ctypes.data
        self.cache: int = self._address + CURSOR_BYTES
        self.start(seed)

    def start(self, seed: int) -> None:
        """Starts the stream of a 64-bit seed. Its key waits for the first use: that takes a kernel, a seed does not."""
        self.seed, self.short_cursor = seed, 0
        self._unexpanded = self._fresh = True
        self._waiting[:] = 0.0
        self._float_cache = bytes(8)

    def cursor(self) -> int:
        """The cursor's address, for a fill that draws words now."""
        if self._unexpanded:
            self._expand()
        self._fresh = False
        self.short_cursor = self._address
        return self._address

    def has_waiting(self) -> bool:
        """Whether a normal of the last pair waits in the cache."""
        return bool(self._waiting[1])

    def _expand(self) -> None:
        kernel("seed_key")(self._address, self.seed & 0xFFFFFFFF)
        self._unexpanded = False

    def saved(self) -> State:
        """A view of the state, to be packed before anyone draws again."""
        if self._unexpanded:
            self._expand()
        value, valid = self._waiting
        return State(
            self.seed,
            None if self._fresh else int(self._key[KEY_WORDS]),
            self._key[:KEY_WORDS],
            float(value) if valid else None,
            self._float_cache,
        )

    def packed(self) -> bytes:
        """The 5056 bytes of the state."""
        return packed(self.saved())

    def unpack(self, raw: bytes) -> None:
        """Takes a state from its 5056 bytes; RuntimeError, and no change, if they are none."""
        self.restore(unpacked(raw))

    def restore(self, state: State) -> None:
        """Takes a saved state."""
        self.seed, self.short_cursor, self._unexpanded = state.seed, 0, False
        self._fresh = state.position is None
        self._key[:KEY_WORDS] = state.key
        self._key[KEY_WORDS] = KEY_WORDS if state.position is None else state.position
        self._waiting[:] = (0.0, 0.0) if state.waiting is None else (state.waiting, 1.0)
        self._float_cache = state.float_cache
