"""The memory of one MT19937, as kernels see it, with torch's waiting normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...kernels.code.cpu_loader import kernel
from .math.layout import CACHE_WORDS, CURSOR_BYTES, CURSOR_WORDS
from .state import KEY_WORDS, State


class Mt19937:
    """What a fill draws from. ``cursor`` and ``cache``: the addresses of these two (``math/layout.py``)."""

    def __init__(self) -> None:
        memory = np.zeros((CURSOR_WORDS + CACHE_WORDS) // 2, np.uint64)
        self._memory = memory
        self._cursor = memory.view(np.uint32)
        self._waiting = memory[CURSOR_WORDS // 2 :].view(np.float64)
        self.key: NDArray[np.uint32] = self._cursor[:KEY_WORDS]
        self.cursor: int = memory.ctypes.data
        self.cache: int = self.cursor + CURSOR_BYTES

    @property
    def position(self) -> int:
        """How many key words are used up."""
        return int(self._cursor[KEY_WORDS])

    @property
    def waiting(self) -> float | None:
        """The waiting normal of the last pair, if there is one."""
        value, valid = self._waiting
        return float(value) if valid else None

    def copy(self, other: Mt19937) -> None:
        """Takes another's state."""
        self._memory[:] = other._memory

    def seed(self, seed: int) -> None:
        """Takes the state of a fresh 64-bit seed."""
        kernel("seed_key")(self.cursor, seed & 0xFFFFFFFF)
        self._waiting[:] = 0.0

    def restore(self, state: State) -> None:
        """Takes a saved state."""
        self.key[:] = state.key
        self._cursor[KEY_WORDS] = KEY_WORDS if state.position is None else state.position
        self._waiting[:] = (0.0, 0.0) if state.waiting is None else (state.waiting, 1.0)
