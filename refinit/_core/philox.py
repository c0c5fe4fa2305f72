"""Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, SC '11, section 3.3): a counter and a key to four words."""

from numpy import uint32, uint64

from .intrinsics import core

LOW = uint64(0xFFFFFFFF)
HALF = uint64(32)
# the multipliers of the paper's table 2, and its Weyl constants: the golden ratio and sqrt(3) - 1
MULTIPLIER0, MULTIPLIER1 = uint64(0xD2511F53), uint64(0xCD9E8D57)
WEYL0, WEYL1 = uint64(0x9E3779B9), uint64(0xBB67AE85)


@core
def _round(c0, c1, c2, c3, k0, k1):
    """One round; of every argument and result only the low half counts."""
    product0 = (c0 & LOW) * MULTIPLIER0
    product1 = (c2 & LOW) * MULTIPLIER1
    return (product1 >> HALF) ^ c1 ^ k0, product1, (product0 >> HALF) ^ c3 ^ k1, product0


@core
def _two_rounds(c0, c1, c2, c3, k0, k1):
    """Two rounds, the second with the next round key."""
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    return _round(c0, c1, c2, c3, k0 + WEYL0, k1 + WEYL1)


@core
def philox(c0, c1, c2, c3, k0, k1):
    """Counter (c0 .. c3) and key (k0, k1) -> four uint32, a bijection of the counters for each key.

    All six arguments are uint64 of which only the low half counts: a 32 x 32 -> 64 bit product is one instruction
    on words that lie in 64-bit lanes, where 32-bit lanes would need shuffles.  The round keys depend on nothing
    else, so a loop over counters computes them once.
    """
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, k0 + uint64(2) * WEYL0, k1 + uint64(2) * WEYL1)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, k0 + uint64(4) * WEYL0, k1 + uint64(4) * WEYL1)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, k0 + uint64(6) * WEYL0, k1 + uint64(6) * WEYL1)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, k0 + uint64(8) * WEYL0, k1 + uint64(8) * WEYL1)
    return uint32(c0), uint32(c1), uint32(c2), uint32(c3)
