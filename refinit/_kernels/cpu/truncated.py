"""trunc_normal_ on the torch stream where torch redraws a normal: whole fills, of which only some elements count.

``masks`` holds one bit per element that is still outside the bounds, 16 to an entry; where the length is no multiple
of 16, one more entry belongs to the last 16 elements, which torch writes from words of their own.
"""

from numpy import int64, uint16, uint32

from ..._core.intrinsics import fma
from ..pointers import load, lowest_bit, offset, stack, store
from .elements import ELEMENTS
from .normal import BLOCKS, PAIRS, TILE_BLOCKS, TILE_WORDS, next_normal, some_blocks_of
from .words import loop, next_words, skip


def _mark_of(name):
    decode = ELEMENTS[name].decode

    @loop
    def mark(out, n, low, high):
        """The bits of the first ``n`` <= 16 elements that lie outside."""
        mask = uint32(0)
        for j in range(n):
            x = decode(load(out, j))
            outside = uint32(1) if (x < low) | (x > high) else uint32(0)
            mask |= uint32(outside << uint32(j))
        return uint16(mask)

    return mark


def _mark_all(name):
    mark = _mark_of(name)

    def mark_all(out, n, low, high, masks):
        pending = uint16(0)
        for b in range((n + 15) // 16):
            mask = mark(offset(out, 16 * b), min(16, n - 16 * b), low, high)
            store(masks, b, mask)
            pending |= mask
        return int64(pending)

    return mark_all


def _first(name):
    words_each, fresh = BLOCKS[name].words, BLOCKS[name].fresh
    some_blocks, mark = some_blocks_of(name), _mark_of(name)

    def first(cursor, out, n, mean, std, low, high, masks):
        words = stack(uint32, TILE_WORDS)
        whole = n // 16
        rest = n - whole * 16
        pending = uint16(0)
        done = int64(0)
        while done < whole:
            run = min(TILE_BLOCKS, whole - done)
            some_blocks(cursor, words, offset(out, done * 16), run, mean, std)
            for b in range(done, done + run):
                mask = mark(offset(out, 16 * b), 16, low, high)
                store(masks, b, mask)
                pending |= mask
            done += run
        if rest > 0:
            if not fresh:
                skip(cursor, rest * words_each)
            last = offset(out, n - 16)
            some_blocks(cursor, words, last, int64(1), mean, std)
            # the last whole block keeps only what the last sixteen elements do not cover
            kept = uint16(load(masks, whole - 1) & uint16((1 << rest) - 1))
            store(masks, whole - 1, kept)
            mask = mark(last, 16, low, high)
            store(masks, whole, mask)
            pending |= mask
        return int64(pending)

    return first


def _some_pending_of(name):
    element, way = ELEMENTS[name], BLOCKS[name]
    real, word, words_each, split_block, transform = element.real, way.word, way.words, way.split, way.pairs
    encode, decode = element.encode, element.decode

    @loop
    def accept(cosines, sines, slot, out, mask, low, high):
        """Writes the new values of a block's pending elements; the bits that stay pending."""
        rest, left = uint32(mask), uint32(0)
        while rest != 0:
            j = lowest_bit(rest)
            rest &= uint32(rest - uint32(1))
            half = load(cosines, 8 * slot + j) if j < 8 else load(sines, 8 * slot + j - 8)
            value = encode(half)
            store(out, j, value)
            x = decode(value)
            if (x < low) | (x > high):
                left |= uint32(uint32(1) << uint32(j))
        return uint16(left)

    @loop
    def some_pending(cursor, words, out, blocks, mean, std, low, high, masks):
        """The next ``blocks`` <= TILE_BLOCKS blocks of words, transformed only where something is pending."""
        which = stack(int64, TILE_BLOCKS)
        found = int64(0)
        for b in range(blocks):
            if load(masks, b) != 0:
                store(which, found, int64(b))
                found += 1
        if found == 0:
            skip(cursor, blocks * 16 * words_each)
            return uint16(0)
        firsts, seconds = stack(word, PAIRS), stack(word, PAIRS)
        cosines, sines = stack(real, PAIRS), stack(real, PAIRS)
        next_words(cursor, words, blocks * 16 * words_each)
        for slot in range(found):
            split_block(words, load(which, slot), firsts, seconds, slot)
        transform(firsts, seconds, cosines, sines, 8 * found, mean, std)
        pending = uint16(0)
        for slot in range(found):
            b = load(which, slot)
            mask = accept(cosines, sines, slot, offset(out, 16 * b), load(masks, b), low, high)
            store(masks, b, mask)
            pending |= mask
        return pending

    return some_pending


def _again(name):
    words_each, fresh = BLOCKS[name].words, BLOCKS[name].fresh
    some_pending = _some_pending_of(name)

    def again(cursor, out, n, mean, std, low, high, masks):
        words = stack(uint32, TILE_WORDS)
        whole = n // 16
        rest = n - whole * 16
        pending = uint16(0)
        done = int64(0)
        while done < whole:
            run = min(TILE_BLOCKS, whole - done)
            tile, tile_masks = offset(out, done * 16), offset(masks, done)
            pending |= some_pending(cursor, words, tile, run, mean, std, low, high, tile_masks)
            done += run
        if rest > 0:
            if not fresh:
                skip(cursor, rest * words_each)
            last, last_mask = offset(out, n - 16), offset(masks, whole)
            pending |= some_pending(cursor, words, last, int64(1), mean, std, low, high, last_mask)
        return int64(pending)

    return again


@loop
def is_pending(masks, i):
    return (uint32(load(masks, i // 16)) >> uint32(i % 16)) & uint32(1) != 0


@loop
def settle(masks, i):
    kept = uint16(load(masks, i // 16) & uint16(~(1 << (i % 16))))
    store(masks, i // 16, kept)


def _again_one_by_one(name):
    element = ELEMENTS[name]
    real, encode, decode = element.real, element.encode, element.decode

    def again(cursor, cache, out, n, mean, std, low, high, masks):
        words = stack(uint32, 4)
        pending = int64(0)
        i = int64(0)
        while i < n:
            idle = load(cache, 1) == 0.0 and i + 1 < n
            if idle and not is_pending(masks, i) and not is_pending(masks, i + 1):
                skip(cursor, int64(4))  # a pair that nobody waits for
                i += 2
                continue
            z = next_normal(cursor, cache, words)
            if is_pending(masks, i):
                value = encode(real(fma(z, std, mean)))
                store(out, i, value)
                x = decode(value)
                if (x < low) | (x > high):
                    pending = int64(1)
                else:
                    settle(masks, i)
            i += 1
        return pending

    return again


KERNELS = {f"truncated_mark_{name}": _mark_all(name) for name in ELEMENTS}
KERNELS |= {f"truncated_first_{name}": _first(name) for name in ELEMENTS}
KERNELS |= {f"truncated_again_{name}": _again(name) for name in ELEMENTS}
KERNELS |= {f"truncated_serial_again_{name}": _again_one_by_one(name) for name in ELEMENTS}
