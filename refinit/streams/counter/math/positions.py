"""Where the counter stream puts an element: tiles of 64 reals of 32 bits, or of 32 reals of 64 bits.

A tile is sixteen lanes, each a block of Philox::

             lane 0   lane 1  ...  lane 15
    word a      0        1            15          a 64-bit element has two words, a and b or c and d, the first one
    word b     16       17            31          high: elements 0 to 15 of its tile lie in a and b, 16 to 31 in
    word c     32       33            47          c and d
    word d     48       49            63

so element i of tile i // 64 takes word (i // 16) % 4 of block 16 (i // 64) + i % 16.  Sixteen lanes fill a vector
register, and four lanes of a GPU thread are sixteen bytes of each word.
"""

from numpy import float32, float64, int32, int64, uint32, uint64

from ....kernels.math.intrinsics import core, fma
from ....kernels.math.philox import philox

LANES = 16
WORDS = 4
#: Counter word 3 is this and the purpose: values, sparse_'s mask.
PURPOSES = 0x52460000
VALUES, MASK = 0, 1
#: Fill numbers: counter word 2.
FILLS = 2**32


@core
def block_words(tile, lane, fill, purpose, keys):
    """The four words of lane ``lane`` in tile ``tile``; arguments uint64, and the key's ``round_keys``."""
    block = tile * uint64(LANES) + lane
    return philox(block, block >> uint64(32), fill, uint64(PURPOSES) + purpose, keys)


@core
def joined(high, low):
    """Two words as one number."""
    return (uint64(high) << uint64(32)) | uint64(low)


@core
def uniform32(word, parameters):
    """uint32 -> float32 in [bottom, top]: fma(u, width, low), u the top 24 bits of the word times 2^-24."""
    low, width, bottom, top = parameters
    u = float32(float32(int32(word >> uint32(8))) * float32(2.0**-24))
    x = fma(u, width, low)
    x = x if x < top else top
    return x if x > bottom else bottom


@core
def uniform64(bits, parameters):
    """uint64 -> float64 in [bottom, top]: fma(u, width, low), u the top 53 bits times 2^-53."""
    low, width, bottom, top = parameters
    u = float64(int64(bits >> uint64(11))) * float64(2.0**-53)
    x = fma(u, width, low)
    x = x if x < top else top
    return x if x > bottom else bottom
