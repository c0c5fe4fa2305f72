"""Elementwise laws on the counter stream: any run of elements, whichever block of a larger tensor it lies in."""

from typing import NamedTuple

from numpy import float32, float64, int64, uint64

from .....kernels.cpu.formats import FORMATS
from .....kernels.cpu.pointers import load, load_tuple, loop, offset, stack, store
from .....kernels.math.philox import round_keys
from ...math.positions import FILLS, LANES, VALUES, block_words, joined
from ...math.regimes import COEFFICIENTS, COUNTS, FITTED, HEADS
from ...math.samplers import SAMPLERS


@loop
def position_of(block, local):
    """(number in the whole tensor, reals up to the end of its run) of a block's real number ``local``.

    ``block`` (``host/blocks.py`` writes it) says where the rows of a block lie in the whole tensor::

        0        1        2         3       4        5       6        7
        first    length   number    count   length   step    length   step    ...
        real to  of a     of its    of      of the innermost of the next
        fill     row      1st real  outer axes: rows of it, reals from one to the next
    """
    length = load(block, 1)
    if load(block, 3) == 0:  # one run: the whole tensor, or whole rows of it
        return load(block, 2) + local, length - local
    row = local // length
    within = local - row * length
    number = load(block, 2) + within
    for axis in range(load(block, 3)):
        size = load(block, 4 + 2 * axis)
        above = row // size
        number += (row - above * size) * load(block, 5 + 2 * axis)
        row = above
    return number, length - within


class Tile(NamedTuple):
    """``fill(out, tile, fill, key, parameters)`` writes the ``size`` elements of a tile."""

    size: int
    fill: object


def _tile32(encode, four):
    """``four(a, b, c, d, parameters)``: a block's words to four float32."""

    @loop
    def tile(out, number, fill, key, parameters):
        for lane in range(LANES):
            a, b, c, d = block_words(number, uint64(lane), fill, uint64(VALUES), round_keys(key))
            w, x, y, z = four(a, b, c, d, parameters)
            store(out, lane, encode(w))
            store(out, lane + LANES, encode(x))
            store(out, lane + 2 * LANES, encode(y))
            store(out, lane + 3 * LANES, encode(z))

    return Tile(4 * LANES, tile)


def _tile64(two):
    """``two(first, second, parameters)``: a block's two 64-bit numbers to two float64."""

    @loop
    def tile(out, number, fill, key, parameters):
        for lane in range(LANES):
            a, b, c, d = block_words(number, uint64(lane), fill, uint64(VALUES), round_keys(key))
            x, y = two(joined(a, b), joined(c, d), parameters)
            store(out, lane, x)
            store(out, lane + LANES, y)

    return Tile(2 * LANES, tile)


def run_of(tile, memory):
    """``n`` elements from number ``first`` on: whole tiles as they lie, the ends through a copy."""
    size, fill_tile = tile.size, tile.fill

    @loop
    def run(out, first, n, fill, key, parameters):
        spare = stack(memory, 64)
        done = int64(0)
        while done < n:
            tile = (first + done) // size
            skipped = (first + done) - tile * size
            if skipped == 0 and n - done >= size:
                fill_tile(offset(out, done), uint64(tile), fill, key, parameters)
                done += size
            else:
                fill_tile(spare, uint64(tile), fill, key, parameters)
                count = min(size - skipped, n - done)
                for j in range(count):
                    store(out, done + j, load(spare, skipped + j))
                done += count

    return run


def _tuple_of(count):
    """Loads the ``count`` parameters of a law."""

    @loop
    def loaded(parameters):
        return load_tuple(parameters, count)

    return loaded


def _block_of(regime, bits):
    """Loads a block of the truncated normal (``streams/counter/math/regimes.py``): its head and its coefficients."""
    count = HEADS[regime]
    more = COEFFICIENTS[bits] if regime in FITTED else 0

    @loop
    def loaded(parameters):
        return load_tuple(parameters, count), load_tuple(offset(parameters, count), more)

    return loaded


def _fills_of(tile, memory, loaded):
    """Two kernels: ``state`` is (key, fill number), ``loaded(parameters)`` what the tile takes."""
    run = run_of(tile, memory)

    @loop
    def fill_block(key, number, out, n, block, parameters):
        first = load(block, 0)
        values = loaded(parameters)
        done = int64(0)
        while done < n:
            position, rest = position_of(block, first + done)
            count = min(rest, n - done)
            run(offset(out, done), position, count, number, key, values)
            done += count

    def fill(state, out, n, block, parameters):
        """A fill of that number."""
        fill_block(load(state, 0), load(state, 1), out, n, block, parameters)

    def fill_next(state, out, n, block, parameters):
        """The next fill: adds 1 to the number behind it, or returns 1 where there is none left."""
        number = load(state, 1)
        if number >= uint64(FILLS):
            return int64(1)
        store(state, 1, number + uint64(1))
        fill_block(load(state, 0), number, out, n, block, parameters)
        return int64(0)

    return fill, fill_next


def _loader(kind, bits):
    return _block_of(kind, bits) if kind in HEADS else _tuple_of(COUNTS[kind])


def _normal_rows(tile, memory):
    """Standard normals of ``rows`` runs, ``step`` apart in the whole tensor, into rows ``out_step`` apart."""
    run = run_of(tile, memory)

    def rows_of(state, out, rows, columns, out_step, first, step):
        key, number = load(state, 0), load(state, 1)
        for row in range(rows):
            standard = (memory(0), memory(1))
            run(offset(out, row * out_step), first + row * step, columns, number, key, standard)

    return rows_of


def _kernels():
    for kind, sampler in SAMPLERS.items():
        for name, fmt in FORMATS.items():
            bits = 64 if name == "float64" else 32
            tile = _tile64(sampler.two) if bits == 64 else _tile32(fmt.encode, sampler.four)
            fill, fill_next = _fills_of(tile, fmt.memory, _loader(kind, bits))
            yield f"counter_{kind}_{name}", fill
            if kind in COUNTS:
                yield f"counter_next_{kind}_{name}", fill_next


KERNELS = dict(_kernels())
_NORMAL = SAMPLERS["normal"]
KERNELS["counter_normal_rows_float32"] = _normal_rows(
    _tile32(FORMATS["float32"].encode, _NORMAL.four), float32
)
KERNELS["counter_normal_rows_float64"] = _normal_rows(_tile64(_NORMAL.two), float64)
