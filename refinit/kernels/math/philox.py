"""Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, SC '11, section 3.3): a counter and a key to four words."""

from numpy import uint32, uint64

from .intrinsics import core, wide_product
from .philox_constants import MULTIPLIERS, WEYL

HALF = uint64(32)
MULTIPLIER0, MULTIPLIER1 = map(uint64, MULTIPLIERS)
WEYL0, WEYL1 = map(uint64, WEYL)


@core
def _round(c0, c1, c2, c3, k0, k1):
    """One round; of every argument and result only the low half counts."""
    product0 = wide_product(c0, MULTIPLIER0)
    product1 = wide_product(c2, MULTIPLIER1)
    return (product1 >> HALF) ^ c1 ^ k0, product1, (product0 >> HALF) ^ c3 ^ k1, product0


@core
def round_keys(key):
    """uint64 key -> the twenty uint64 that the ten rounds take, two each; of each only the low half counts.

    A CPU's loop makes them inside, where LLVM chooses which to keep in registers: twenty values that come from outside
    push the laws' constants out (trunc_normal_ took 1.6 times as long).  A GPU reads them from constant memory.
    """
    a, b = key, key >> HALF
    return (
        *(a, b, a + WEYL0, b + WEYL1),
        *(a + uint64(2) * WEYL0, b + uint64(2) * WEYL1, a + uint64(3) * WEYL0, b + uint64(3) * WEYL1),
        *(a + uint64(4) * WEYL0, b + uint64(4) * WEYL1, a + uint64(5) * WEYL0, b + uint64(5) * WEYL1),
        *(a + uint64(6) * WEYL0, b + uint64(6) * WEYL1, a + uint64(7) * WEYL0, b + uint64(7) * WEYL1),
        *(a + uint64(8) * WEYL0, b + uint64(8) * WEYL1, a + uint64(9) * WEYL0, b + uint64(9) * WEYL1),
    )


@core
def philox(c0, c1, c2, c3, keys):
    """Counter (c0 .. c3) and the round keys of a key -> four uint32, a bijection of the counters for each key.

    The counter's words are uint64 of which only the low half counts: a 32 x 32 -> 64 bit product is one instruction
    on words that lie in 64-bit lanes, where 32-bit lanes would need shuffles.
    """
    a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, a8, b8, a9, b9 = keys
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a0, b0)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a1, b1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a2, b2)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a3, b3)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a4, b4)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a5, b5)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a6, b6)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a7, b7)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a8, b8)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, a9, b9)
    return uint32(c0), uint32(c1), uint32(c2), uint32(c3)


@core
def word_at(a, b, c, d, index):
    """That of the four words, 0 to 3."""
    low = a if index == 0 else b
    high = c if index == 2 else d
    return low if index < 2 else high
