"""normal_ on the torch stream: Box-Muller over blocks of 16, and torch's one-by-one path.

In a block, elements 0-7 are the first uniforms and 8-15 the second ones; pair j gives elements j and j + 8.
"""

from typing import NamedTuple

from numpy import float64, int64, uint32, uint64

from ....kernels.cpu.formats import FORMATS
from ....kernels.cpu.pointers import (
    as_pointer,
    copy_eight,
    load,
    loop,
    offset,
    prefetch_for_writing,
    stack,
    store,
)
from ....kernels.math.intrinsics import fma
from ..math.box_muller import box_muller_float32, box_muller_float64, standard_pair_float64
from ..math.layout import CURSOR_WORDS
from ..math.uniform import low24, low53
from .uniform import pair
from .words import next_words, skip

BLOCK = 16
TILE_BLOCKS = 78  # two twists of words; their 624 pairs fill whole vectors of 16
TILE = TILE_BLOCKS * BLOCK
TILE_WORDS = 2 * TILE  # a float64 takes two
PAIRS = TILE // 2
#: A tile is written at its end in one go, which would wait for memory: its lines are prefetched, these at a time.
PREFETCHED_BLOCKS = 26


@loop
def split(words, block, firsts, seconds, slot):
    """A block's first and second words become run ``slot`` of two arrays: the pair loop then fills whole vectors."""
    copy_eight(offset(words, 16 * block), offset(firsts, 8 * slot))
    copy_eight(offset(words, 16 * block + 8), offset(seconds, 8 * slot))


@loop
def join(cosines, sines, slot, out, block):
    copy_eight(offset(cosines, 8 * slot), offset(out, 16 * block))
    copy_eight(offset(sines, 8 * slot), offset(out, 16 * block + 8))


@loop
def split_double(words, block, firsts, seconds, slot):
    split(as_pointer(words, uint64), block, firsts, seconds, slot)


@loop
def pairs_float32(firsts, seconds, cosines, sines, pairs, mean, std):
    for i in range(pairs):
        x, y = box_muller_float32(low24(load(firsts, i)), low24(load(seconds, i)), mean, std)
        store(cosines, i, x)
        store(sines, i, y)


@loop
def pairs_float64(firsts, seconds, cosines, sines, pairs, mean, std):
    for i in range(pairs):
        u1, u2 = low53(pair(firsts, i)), low53(pair(seconds, i))
        x, y = box_muller_float64(u1, u2, mean, std)
        store(cosines, i, x)
        store(sines, i, y)


@loop
def join_direct(values, cosines, sines, out, blocks):
    for b in range(blocks):
        join(cosines, sines, b, out, b)


class Blocks(NamedTuple):
    """How one element type goes through the block path.

    ``word``: the type of a uniform's raw bits, ``words``: 32-bit words in it; ``split`` and ``pairs`` as above;
    ``fresh``: whether the incomplete block's uniforms are never drawn (torch's half types).
    """

    word: object
    words: int
    split: object
    pairs: object
    fresh: bool


BLOCKS = {
    name: Blocks(uint64, 2, split_double, pairs_float64, False)
    if name == "float64"
    else Blocks(uint32, 1, split, pairs_float32, name in ("float16", "bfloat16"))
    for name in FORMATS
}


def _join_of(fmt):
    """Box-Muller's halves into memory, straight or through an encoder."""
    if fmt.real is fmt.memory:
        return join_direct
    encode = fmt.encode

    @loop
    def join_encoded(values, cosines, sines, out, blocks):
        join_direct(values, cosines, sines, values, blocks)
        for j in range(blocks * 16):
            store(out, j, encode(load(values, j)))

    return join_encoded


def next_blocks_of(name):
    """The loop body of every block fill: the next ``blocks`` <= TILE_BLOCKS blocks of normals, written to ``out``."""
    fmt, path = FORMATS[name], BLOCKS[name]
    real, word, words_per_real, split_block, transform = (
        fmt.real,
        path.word,
        path.words,
        path.split,
        path.pairs,
    )
    join_blocks = _join_of(fmt)
    per_line = 64 // fmt.memory(0).nbytes

    @loop
    def next_blocks(cursor, words, out, blocks, mean, std):
        firsts, seconds = stack(word, PAIRS), stack(word, PAIRS)
        cosines, sines, values = stack(real, PAIRS), stack(real, PAIRS), stack(real, TILE)
        next_words(cursor, words, blocks * 16 * words_per_real)
        for b in range(blocks):
            split_block(words, b, firsts, seconds, b)
        done = int64(0)
        while done < blocks:
            count = min(PREFETCHED_BLOCKS, blocks - done)
            for line in range(count * 16 // per_line):
                prefetch_for_writing(offset(out, done * 16 + line * per_line))
            first = 8 * done
            transform(
                offset(firsts, first),
                offset(seconds, first),
                offset(cosines, first),
                offset(sines, first),
                8 * count,
                mean,
                std,
            )
            done += count
        join_blocks(values, cosines, sines, out, blocks)

    return next_blocks


def _normal_of_blocks(name):
    words_per_real, fresh = BLOCKS[name].words, BLOCKS[name].fresh
    next_blocks = next_blocks_of(name)

    def normal(cursor, out, n, mean, std):
        words = stack(uint32, TILE_WORDS)
        whole = n // 16
        rest = n - whole * 16
        done = int64(0)
        while done < whole:
            run = min(TILE_BLOCKS, whole - done)
            next_blocks(cursor, words, offset(out, done * 16), run, mean, std)
            done += run
        if rest > 0:  # sixteen fresh uniforms, written over the last sixteen elements
            if not fresh:
                skip(cursor, rest * words_per_real)
            next_blocks(cursor, words, offset(out, n - 16), int64(1), mean, std)

    return normal


@loop
def next_pair(cursor, words):
    next_words(cursor, words, 4)
    pairs = as_pointer(words, uint64)
    return standard_pair_float64(low53(pair(pairs, 0)), low53(pair(pairs, 1)))


@loop
def next_normal(cursor, cache, words):
    """One standard normal; of each pair the sine waits in the cache (value, validity)."""
    if load(cache, 1) != 0.0:
        store(cache, 1, 0.0)
        return load(cache, 0)
    cosine, sine = next_pair(cursor, words)
    store(cache, 0, sine)
    store(cache, 1, 1.0)
    return cosine


def _normal_one_by_one(name):
    fmt = FORMATS[name]
    real, encode = fmt.real, fmt.encode

    def normal(cursor, cache, out, n, mean, std):
        words = stack(uint32, 4)
        for i in range(n):
            z = next_normal(cursor, cache, words)
            store(out, i, encode(real(fma(z, std, mean))))

    return normal


def _normal_of_few(name):
    """``normal`` of any count, its cache behind the cursor: what a small fill needs one call for."""
    real = FORMATS[name].real
    blocks, serial = loop(_normal_of_blocks(name)), loop(_normal_one_by_one(name))

    def normal(cursor, out, n, mean, std):
        if n < BLOCK:
            serial(cursor, as_pointer(offset(cursor, CURSOR_WORDS), float64), out, n, mean, std)
        else:
            blocks(cursor, out, n, real(mean), real(std))

    return normal


KERNELS = {f"normal_{name}": _normal_of_blocks(name) for name in FORMATS}
KERNELS |= {f"normal_few_{name}": _normal_of_few(name) for name in FORMATS}
KERNELS |= {f"normal_serial_{name}": _normal_one_by_one(name) for name in FORMATS}
