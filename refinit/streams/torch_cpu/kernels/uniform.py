"""uniform_ on the torch stream: one word per element, two for float64, in memory order."""

from numpy import float32, int64, uint32, uint64

from ....kernels.cpu.formats import FORMATS
from ....kernels.cpu.pointers import as_pointer, load, loop, offset, stack, store
from ....kernels.math.interval import below, spread
from ..math.mt19937 import WORDS, tempered
from ..math.uniform import low24, low53
from .words import next_words, position, set_position, twist

TILE = 1248  # words at once for the 64-bit elements: two twists, 5 kB


@loop
def pair(words, j):
    """Two successive words as one number, the first one high."""
    number = load(words, j)
    return (number << uint64(32)) | (number >> uint64(32))  # little endian: the first word lies low


@loop
def standard_float64(cursor, words, out, n):
    """n <= TILE / 2 uniforms in [0, 1)."""
    next_words(cursor, words, 2 * n)
    pairs = as_pointer(words, uint64)
    for j in range(n):
        store(out, j, low53(pair(pairs, j)))


def uniform_float64(cursor, out, n, low, high):
    words = stack(uint32, TILE)
    width = high - low
    done = int64(0)
    while done < n:
        run = min(TILE // 2, n - done)
        tile = offset(out, done)
        standard_float64(cursor, words, tile, run)
        for j in range(run):
            store(tile, j, below(spread(load(tile, j), low, width), low, high))
        done += run


def _uniform_of_words(fmt):
    encode, equal = fmt.encode, fmt.equal

    def uniform(cursor, out, n, low, high):
        width = float32(high - low)
        first, end = encode(low), encode(high)
        index = position(cursor)
        done = int64(0)
        while done < n:
            if index >= WORDS:
                twist(cursor)
                index = int64(0)
            run = min(WORDS - index, n - done)
            source = offset(cursor, index)
            target = offset(out, done)
            for j in range(run):
                value = encode(spread(low24(tempered(load(source, j))), low, width))
                store(target, j, first if equal(value, end) else value)
            done += run
            index += run
        set_position(cursor, index)

    return uniform


KERNELS = {f"uniform_{name}": _uniform_of_words(FORMATS[name]) for name in ("float32", "float16", "bfloat16")}
KERNELS["uniform_float64"] = uniform_float64
