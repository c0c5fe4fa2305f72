"""A key from torch's CUDA stream, for laws that its own numbers cannot give: one 64-bit number for one fill."""

from __future__ import annotations

import struct

from ..._fork import undivided
from ...kernels.cuda.arguments import round_keys
from ...kernels.math.philox_constants import MULTIPLIERS
from .engine import TorchCudaEngine

_LOW = 0xFFFFFFFF


def first_words(seed: int, call: int) -> tuple[int, ...]:
    """Philox4x32-10 of the counter (call, 0): what thread 0 of a fill gets from its call of that number."""
    words = call & _LOW, call >> 32, 0, 0
    keys = round_keys(seed)
    for low, high in zip(keys[::2], keys[1::2], strict=True):
        first, second = (factor * word for factor, word in zip(MULTIPLIERS, words[::2], strict=True))
        words = (second >> 32) ^ words[1] ^ low, second & _LOW, (first >> 32) ^ words[3] ^ high, first & _LOW
    return words


def take_key(engine: TorchCudaEngine) -> int:
    """The 64-bit BLAKE2b of the next four words; the offset moves as for a fill of one number."""
    with undivided():
        from hashlib import blake2b  # not at import time: it brings OpenSSL

    words = first_words(engine.seed, engine.take_call())
    return int.from_bytes(blake2b(struct.pack("<4I", *words), digest_size=8).digest(), "little")
