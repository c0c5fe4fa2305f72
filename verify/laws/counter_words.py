"""The counter stream's words once more, slowly, from its description alone: which word of which block is whose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
LANES, WORDS = 16, 4
# The purposes of a fill's words.
VALUES, MASK = 0, 1
_LOW = 0xFFFFFFFF


def philox(counter: Iterable[Any], key: int) -> tuple[Any, Any, Any, Any]:
    """Philox4x32-10 (Salmon et al. 2011) of four words, Python integers or uint64 arrays, and a 64-bit key."""
    c0, c1, c2, c3 = counter
    k0, k1 = key & _LOW, key >> 32
    for _ in range(10):
        a, b = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & _LOW, (a >> 32) ^ c3 ^ k1, a & _LOW
        k0, k1 = (k0 + 0x9E3779B9) & _LOW, (k1 + 0xBB67AE85) & _LOW
    return c0, c1, c2, c3


@dataclass(frozen=True)
class CounterWords:
    """The words of one fill: of its key, its number and a purpose."""

    key: int
    fill: int = 0
    purpose: int = VALUES

    def _blocks(self, tiles: Words, lanes: Words) -> Words:
        """The four words of each block, one row for each word."""
        block = tiles * np.uint64(LANES) + lanes
        fill, purpose = (np.full_like(block, word) for word in (self.fill, 0x52460000 + self.purpose))
        counter = block & np.uint64(_LOW), block >> np.uint64(32), fill, purpose
        return np.array(philox(counter, self.key))

    def words(self, indices: Any) -> Words:
        """The word of each 32-bit real: tiles of 64."""
        i = np.asarray(indices, np.uint64)
        blocks = self._blocks(i // 64, i % 16)
        words: Words = np.take_along_axis(blocks, (i // 16 % 4).astype(np.intp)[None], 0)[0]
        return words

    def long_words(self, indices: Any) -> Words:
        """The 64-bit number of each 64-bit real: tiles of 32, words 2 p (high) and 2 p + 1 (low)."""
        i = np.asarray(indices, np.uint64)
        words = self._blocks(i // 32, i % 16)
        pair = (i // 16 % 2).astype(bool)
        return np.asarray(np.where(pair, words[2] << 32 | words[3], words[0] << 32 | words[1]))

    def pair_of(self, indices: Any, long: bool) -> tuple[Words, Words, npt.NDArray[np.bool_]]:
        """(radius word, angle word, whether the sine is this element's) of each normal."""
        i = np.asarray(indices, np.uint64)
        # from an element to its partner: the next word, or the next pair of words
        distance = np.uint64(LANES)
        is_sine = i // distance % 2 == 1
        first = i - distance * is_sine
        read = self.long_words if long else self.words
        return read(first), read(first + distance), is_sine
