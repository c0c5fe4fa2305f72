"""MT19937, one word at a time (Matsumoto & Nishimura 1998, ACM TOMACS 8(1), section 2 and appendix C)."""

from numpy import uint32

from ....kernels.math.intrinsics import core

WORDS = 624  # the degree of the recurrence
MIDDLE = 397


@core
def twisted(upper, lower, middle):
    """Three old key words -> the new one: x[k + m] ^ (x[k]'s top bit | x[k + 1]'s other bits) A."""
    mixed = (upper & uint32(0x80000000)) | (lower & uint32(0x7FFFFFFF))
    return uint32(middle ^ (mixed >> uint32(1)) ^ (uint32(-(lower & uint32(1))) & uint32(0x9908B0DF)))


@core
def tempered(y):
    """Key word -> output word; a bijection of the 2**32 words."""
    y = uint32(y ^ (y >> uint32(11)))
    y = uint32(y ^ (uint32(y << uint32(7)) & uint32(0x9D2C5680)))
    y = uint32(y ^ (uint32(y << uint32(15)) & uint32(0xEFC60000)))
    return uint32(y ^ (y >> uint32(18)))


@core
def next_seed_word(previous, index):
    """The key word after ``previous`` in ``init_genrand`` (the generator's authors' 2002 initialisation)."""
    return uint32(uint32(1812433253) * uint32(previous ^ (previous >> uint32(30))) + uint32(index))
