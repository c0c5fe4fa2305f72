"""torch's own serialisation of its CPU generator: 5056 bytes, little endian.

u64 seed; i32 left, i32 seeded (1), u64 next; 624 u64 key words; f64 0, f64 the waiting normal, f64 0, i32 whether one
waits, 4 bytes of padding; then a float normal (f32, bool, 3 bytes of padding) that CPU fills never use.
A fresh seed has left = 1, next = 0; after any draw left + next = 625.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

STATE_BYTES = 5056
KEY_WORDS = 624
_HEAD, _KEY, _NORMAL = "<QiiQ", 24, 24 + 8 * KEY_WORDS


class State(NamedTuple):
    """``position``: how many key words are used up, None if freshly seeded; ``waiting``: of the last pair, or None."""

    seed: int
    position: int | None
    key: NDArray[Any]
    waiting: float | None
    float_cache: bytes


def packed(state: State) -> bytes:
    """The 5056 bytes of a state."""
    left, following = (1, 0) if state.position is None else (625 - state.position, state.position)
    valid = state.waiting is not None
    return b"".join(
        (
            struct.pack(_HEAD, state.seed, left, 1, following),
            state.key.astype("<u8").tobytes(),
            struct.pack("<dddi4x", 0.0, state.waiting if valid else 0.0, 0.0, valid),
            state.float_cache,
        )
    )


def unpacked(raw: bytes) -> State:
    """The state of 5056 bytes.

    Raises
    ------
    RuntimeError
        If they are not that many, or no state that drawing can reach.
    """
    if len(raw) != STATE_BYTES:
        raise RuntimeError(
            f"Expected a CPUGeneratorImplState of size {STATE_BYTES} "
            f"but found the input RNG state size to be {len(raw)}"
        )
    seed, left, seeded, following = struct.unpack_from(_HEAD, raw)
    following &= 0xFFFFFFFF  # torch reads it as 32 bits
    fresh = left == 1 and following == 0
    if seeded == 0 or not 1 <= left <= KEY_WORDS or not (fresh or left + following == KEY_WORDS + 1):
        raise RuntimeError(
            "Invalid mt19937 state: expected one that get_state returned (left + next = 625, or 1 and 0 when freshly "
            f"seeded), got left = {left}, next = {following}, seeded = {seeded}"
        )
    key = np.frombuffer(raw, "<u8", KEY_WORDS, _KEY) & np.uint64(0xFFFFFFFF)
    _, value, _, valid = struct.unpack_from("<dddi", raw, _NORMAL)
    float_cache = raw[-8:] if raw[-4] else bytes(8)
    return State(seed, None if fresh else following, key, value if valid else None, float_cache)
