"""The MT19937 word stream: twists, tempered words, skips and snapshots."""

from numpy import int64, uint32

from ....kernels.cpu.pointers import load, loop, offset, store
from ..math.mt19937 import MIDDLE, WORDS, next_seed_word, tempered, twisted


@loop
def twist(key):
    """The next 624 key words, in place."""
    # Three ranges, each with one constant distance, so that each vectorises.
    for j in range(WORDS - MIDDLE):
        store(key, j, twisted(load(key, j), load(key, j + 1), load(key, j + MIDDLE)))
    for j in range(WORDS - MIDDLE, 2 * (WORDS - MIDDLE)):
        store(key, j, twisted(load(key, j), load(key, j + 1), load(key, j + MIDDLE - WORDS)))
    for j in range(2 * (WORDS - MIDDLE), WORDS - 1):
        store(key, j, twisted(load(key, j), load(key, j + 1), load(key, j + MIDDLE - WORDS)))
    last = twisted(load(key, WORDS - 1), load(key, 0), load(key, MIDDLE - 1))
    store(key, WORDS - 1, last)


@loop
def position(cursor):
    return int64(load(cursor, WORDS))


@loop
def set_position(cursor, value):
    store(cursor, WORDS, uint32(value))


@loop
def copy_words(source, target, count):
    for j in range(count):
        store(target, j, load(source, j))


@loop
def next_words(cursor, buffer, count):
    """The next ``count`` output words."""
    index = position(cursor)
    done = int64(0)
    while done < count:
        if index >= WORDS:
            twist(cursor)
            index = int64(0)
        run = min(WORDS - index, count - done)
        source = offset(cursor, index)
        target = offset(buffer, done)
        for j in range(run):
            store(target, j, tempered(load(source, j)))
        done += run
        index += run
    set_position(cursor, index)


@loop
def skip(cursor, count):
    """Passes ``count`` words by; twists as late as ``next_words`` would, so that the states agree."""
    index = position(cursor) + count
    while index > WORDS:
        twist(cursor)
        index -= WORDS
    set_position(cursor, index)


def seed_key(cursor, seed):
    """Fresh key words from the low 32 bits of a seed; position 624, so the next word twists."""
    word = uint32(seed)
    store(cursor, 0, word)
    for j in range(1, WORDS):
        word = next_seed_word(word, uint32(j))
        store(cursor, j, word)
    set_position(cursor, WORDS)


def advance(cursor, count):
    skip(cursor, count)


def snapshot(cursor, saved, count):
    """Copies the cursor to ``saved`` and moves it ``count`` words on."""
    copy_words(cursor, saved, WORDS + 1)
    skip(cursor, count)


KERNELS = {"seed_key": seed_key, "advance": advance, "snapshot": snapshot}
