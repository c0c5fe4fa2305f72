"""trunc_normal_ on the torch stream where torch redraws a normal: whole fills, of which only some elements count.

``masks`` holds one bit per element that is still outside the bounds, 16 to an entry; where the length is no multiple
of 16, one more entry belongs to the last 16 elements, which torch writes from words of their own.
"""

from numpy import int64, uint16, uint32

from ....kernels.cpu.formats import FORMATS
from ....kernels.cpu.pointers import copy_masked, load, loop, offset, outside_bits, stack, store
from ....kernels.math.intrinsics import fma
from .normal import BLOCKS, PAIRS, TILE, TILE_BLOCKS, TILE_WORDS, join_direct, next_blocks_of, next_normal
from .words import next_words, skip

#: Of a redraw at once: fewer than of a fill, because a run of blocks in which nothing is pending is skipped.
REDRAWN_BLOCKS = 39


@loop
def first_bits(n):
    """The ``n`` lowest bits; all sixteen from 16 on, none below 1."""
    return uint16(0xFFFF) if n >= 16 else uint16((1 << max(n, 0)) - 1)


def _decoded_of(name):
    """The numbers that memory holds, as the type bounds are compared in: memory itself, or a decoded copy."""
    fmt = FORMATS[name]
    decode = fmt.decode

    @loop
    def itself(out, values, n):
        return out

    @loop
    def copy(out, values, n):
        for j in range(n):
            store(values, j, decode(load(out, j)))
        return values

    return itself if fmt.real is fmt.memory else copy


def _mark_of(name):
    decoded = _decoded_of(name)

    @loop
    def mark(out, values, blocks, n, low, high, masks):
        """Writes the masks of ``blocks`` whole blocks, of which the first ``n`` elements count."""
        numbers = decoded(out, values, 16 * blocks)
        pending = uint16(0)
        for b in range(blocks):
            mask = outside_bits(offset(numbers, 16 * b), low, high) & first_bits(n - 16 * b)
            store(masks, b, uint16(mask))
            pending |= mask
        return uint16(pending)

    return mark


def _mark_all(name):
    mark, decode, real = _mark_of(name), FORMATS[name].decode, FORMATS[name].real

    def mark_all(out, n, low, high, masks):
        values = stack(real, TILE)
        pending = uint16(0)
        whole = n // 16
        for b in range(whole):
            pending |= mark(offset(out, 16 * b), values, 1, 16, low, high, offset(masks, b))
        rest = uint32(0)
        for j in range(n - 16 * whole):
            x = decode(load(out, 16 * whole + j))
            rest |= uint32(uint32((x < low) | (x > high)) << uint32(j))
        if n > 16 * whole:
            store(masks, whole, uint16(rest))
        return int64(pending | rest)

    return mark_all


def _first(name):
    words_per_real, fresh, real = BLOCKS[name].words, BLOCKS[name].fresh, FORMATS[name].real
    next_blocks, mark = next_blocks_of(name), _mark_of(name)

    def first(cursor, out, n, mean, std, low, high, masks):
        words, values = stack(uint32, TILE_WORDS), stack(real, TILE)
        whole = n // 16
        rest = n - whole * 16
        final = n - 16 if rest > 0 else n  # elements that the last sixteen do not write again
        pending = uint16(0)
        done = int64(0)
        while done < whole:
            run = min(TILE_BLOCKS, whole - done)
            tile = offset(out, done * 16)
            next_blocks(cursor, words, tile, run, mean, std)
            pending |= mark(tile, values, run, final - done * 16, low, high, offset(masks, done))
            done += run
        if rest > 0:
            if not fresh:
                skip(cursor, rest * words_per_real)
            last = offset(out, n - 16)
            next_blocks(cursor, words, last, int64(1), mean, std)
            pending |= mark(last, values, int64(1), int64(16), low, high, offset(masks, whole))
        return int64(pending)

    return first


def _rounded_of(name):
    """Computed values as memory stores them, and (in place) as it then reads them."""
    fmt = FORMATS[name]
    encode, decode = fmt.encode, fmt.decode

    @loop
    def already(values, stored, n):
        return values

    @loop
    def rounded(values, stored, n):
        for j in range(n):
            store(stored, j, encode(load(values, j)))
        for j in range(n):
            store(values, j, decode(load(stored, j)))
        return stored

    return already if fmt.real is fmt.memory else rounded


def _next_pending_of(name):
    fmt, path = FORMATS[name], BLOCKS[name]
    real, memory, word, words_per_real = fmt.real, fmt.memory, path.word, path.words
    split_block, transform, rounded = path.split, path.pairs, _rounded_of(name)

    @loop
    def next_pending(cursor, words, out, blocks, mean, std, low, high, masks):
        """The next ``blocks`` <= TILE_BLOCKS blocks of words, transformed only where something is pending."""
        pending_blocks = stack(int64, TILE_BLOCKS)
        count = int64(0)
        for b in range(blocks):
            if load(masks, b) != 0:
                store(pending_blocks, count, int64(b))
                count += 1
        if count == 0:
            skip(cursor, blocks * 16 * words_per_real)
            return uint16(0)
        firsts, seconds = stack(word, PAIRS), stack(word, PAIRS)
        cosines, sines, values = stack(real, PAIRS), stack(real, PAIRS), stack(real, TILE)
        next_words(cursor, words, blocks * 16 * words_per_real)
        for slot in range(count):
            split_block(words, load(pending_blocks, slot), firsts, seconds, slot)
        transform(firsts, seconds, cosines, sines, 8 * count, mean, std)
        join_direct(values, cosines, sines, values, count)
        new = rounded(values, stack(memory, TILE), 16 * count)
        pending = uint16(0)
        for slot in range(count):
            b = load(pending_blocks, slot)
            mask = load(masks, b)
            copy_masked(offset(new, 16 * slot), offset(out, 16 * b), mask)
            mask &= outside_bits(offset(values, 16 * slot), low, high)
            store(masks, b, uint16(mask))
            pending |= mask
        return uint16(pending)

    return next_pending


def _again(name):
    words_per_real, fresh = BLOCKS[name].words, BLOCKS[name].fresh
    next_pending = _next_pending_of(name)

    def again(cursor, out, n, mean, std, low, high, masks):
        words = stack(uint32, TILE_WORDS)
        whole = n // 16
        rest = n - whole * 16
        pending = uint16(0)
        done = int64(0)
        while done < whole:
            run = min(REDRAWN_BLOCKS, whole - done)
            tile, tile_masks = offset(out, done * 16), offset(masks, done)
            pending |= next_pending(cursor, words, tile, run, mean, std, low, high, tile_masks)
            done += run
        if rest > 0:
            if not fresh:
                skip(cursor, rest * words_per_real)
            last, last_mask = offset(out, n - 16), offset(masks, whole)
            pending |= next_pending(cursor, words, last, int64(1), mean, std, low, high, last_mask)
        return int64(pending)

    return again


@loop
def is_pending(masks, i):
    return (uint32(load(masks, i // 16)) >> uint32(i % 16)) & uint32(1) != 0


@loop
def clear_pending(masks, i):
    mask = uint16(load(masks, i // 16) & uint16(~(1 << (i % 16))))
    store(masks, i // 16, mask)


def _again_one_by_one(name):
    fmt = FORMATS[name]
    real, encode, decode = fmt.real, fmt.encode, fmt.decode

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
                    clear_pending(masks, i)
            i += 1
        return pending

    return again


KERNELS = {f"truncated_mark_{name}": _mark_all(name) for name in FORMATS}
KERNELS |= {f"truncated_first_{name}": _first(name) for name in FORMATS}
KERNELS |= {f"truncated_again_{name}": _again(name) for name in FORMATS}
KERNELS |= {f"truncated_serial_again_{name}": _again_one_by_one(name) for name in FORMATS}
