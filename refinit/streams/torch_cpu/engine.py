"""torch's CPU stream: MT19937, its seed, and its way to and from saved states."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...kernels.code.cpu_loader import kernel
from ..engine import Engine, Realise
from .mt19937 import Mt19937
from .state import KEY_WORDS, State, packed, unpacked

_NO_FLOAT_CACHE = bytes(8)


class TorchCpuEngine(Engine):
    """MT19937 with torch's waiting normal.

    ``short_cursor``: the cursor's address if nothing is to be done before words are drawn from it, else 0. ``seed``:
    what the stream started from.

    Each change is made in a draft, which stores alone put in place: a signal's handler, which may raise, runs after a
    call, never between two stores.
    """

    _fresh_key: NDArray[Any] | None
    _float_cache: bytes

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._mt, self._draft = Mt19937(), Mt19937()
        self.start(seed)

    def start(self, seed: int) -> None:
        """Starts the stream of a 64-bit seed. Its key waits for the first use: that takes a kernel, a seed does not."""
        self.seed, self.short_cursor, self._expanded = seed, 0, False
        self._fresh_key, self._float_cache = None, _NO_FLOAT_CACHE

    def cursor(self) -> int:
        """The cursor's address, for a fill that draws words by one call of a kernel."""
        self._expand()
        self.short_cursor = self._mt.cursor
        return self.short_cursor

    def draw(self, realise: Realise) -> None:
        """``realise(mt)`` draws from a draft: what it raises leaves the state as it was."""
        self._expand()
        draft = self._draft
        draft.copy(self._mt)
        realise(draft)
        self._mt, self._draft, self.short_cursor = draft, self._mt, draft.cursor

    def draw_from_bytes(self, address: int, realise: Realise) -> bool:
        """``realise(mt)`` draws from the state whose 5056 bytes lie there; False, and nothing done, for an odd one.

        ``unpack``, ``draw`` and ``packed`` do as much for any state.
        """
        mt = self._draft
        if kernel("take_torch_state")(address, mt.cursor):
            return False
        realise(mt)
        kernel("give_torch_state")(address, mt.cursor)
        return True

    def _expand(self) -> None:
        if not self._expanded:
            draft = self._draft
            draft.seed(self.seed)
            key = draft.key.copy()
            self._mt, self._draft, self._fresh_key, self._expanded = draft, self._mt, key, True

    def saved(self) -> State:
        """A view of the state, to be packed before anyone draws again."""
        self._expand()
        mt, key = self._mt, self._fresh_key
        fresh = key is not None and mt.position == KEY_WORDS and np.array_equal(mt.key, key)
        position = None if fresh else mt.position
        return State(self.seed, position, mt.key, mt.waiting, self._float_cache)

    def packed(self) -> bytes:
        """The 5056 bytes of the state."""
        return packed(self.saved())

    def unpack(self, raw: bytes) -> None:
        """Takes a state from its 5056 bytes; RuntimeError, and no change, if they are none."""
        self.restore(unpacked(raw))

    def restore(self, state: State) -> None:
        """Takes a saved state."""
        draft, key = self._draft, state.key if state.position is None else None
        draft.restore(state)
        self._mt, self._draft, self.short_cursor, self._expanded = draft, self._mt, 0, True
        self.seed, self._fresh_key, self._float_cache = state.seed, key, state.float_cache
