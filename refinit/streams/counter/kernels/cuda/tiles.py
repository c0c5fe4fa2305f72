"""What threads compute of the laws by position: a few lanes of a tile at once, or one element."""

from typing import NamedTuple

from numpy import uint32, uint64

from .....kernels.cuda.intrinsics import ENCODE, PAIRS, inlined, store, store_sixteen
from .....kernels.math.halves import identity
from ...math.positions import VALUES, block_words, joined
from ...math.regimes import FITTED, HEADS
from ...math.samplers import SAMPLERS
from .table import TILES

SIXTEEN = uint64(16)


class Tile(NamedTuple):
    """What a thread of a ``wide`` kernel does.

    It takes ``lanes`` of a tile of ``size`` elements of ``width`` bytes.
    ``whole(address, tile, lane, fill, keys, numbers)`` stores all their elements,
    ``part(address, number, first, end, fill, keys, numbers)`` those within [first, end); ``number`` is the first's.
    """

    size: int
    lanes: int
    width: int
    whole: object
    part: object


def _parameters_of(kind):
    """A law's numbers as its functions take them (``streams/counter/math/samplers.py``)."""
    count = HEADS.get(kind)

    @inlined
    def laws_own(numbers):
        return numbers

    @inlined
    def block(numbers):
        return numbers[:count], numbers[count:]

    @inlined
    def head(numbers):
        return numbers, ()

    return block if kind in FITTED else head if kind in HEADS else laws_own


def _values32(kind, encode):
    """All elements of a lane, and the one of a number as memory holds it."""
    sampler, parameters_of = SAMPLERS[kind], _parameters_of(kind)
    four, single = sampler.four, sampler.one32

    @inlined
    def of_lane(tile, lane, fill, keys, numbers):
        a, b, c, d = block_words(tile, lane, fill, uint64(VALUES), keys)
        return four(a, b, c, d, parameters_of(numbers))

    @inlined
    def value_at(number, fill, keys, numbers):
        tile, within = number // uint64(64), number % uint64(64)
        a, b, c, d = block_words(tile, within % SIXTEEN, fill, uint64(VALUES), keys)
        return encode(single(a, b, c, d, uint32(within // SIXTEEN), parameters_of(numbers)))

    return of_lane, value_at


def _part32(of_lane, lanes, encode, width):
    size = uint64(width)

    @inlined
    def part(address, number, first, end, fill, keys, numbers):
        tile, lane = number // uint64(64), number % uint64(64)
        for k in range(lanes):
            w, x, y, z = of_lane(tile, lane + uint64(k), fill, keys, numbers)
            element = number + uint64(k)
            place = address + uint64(k) * size
            if first <= element < end:
                store(place, encode(w))
            if first <= element + SIXTEEN < end:
                store(place + SIXTEEN * size, encode(x))
            if first <= element + uint64(32) < end:
                store(place + uint64(32) * size, encode(y))
            if first <= element + uint64(48) < end:
                store(place + uint64(48) * size, encode(z))

    return part


def _whole32(four_of, step, width):
    """Four times four numbers of 32 bits, ``step`` lanes apart, in four stores; a lane has ``width`` bytes."""
    steps, row = uint64(step), uint64(16 * width)

    @inlined
    def whole(address, tile, lane, fill, keys, numbers):
        w0, x0, y0, z0 = four_of(tile, lane, fill, keys, numbers)
        w1, x1, y1, z1 = four_of(tile, lane + steps, fill, keys, numbers)
        w2, x2, y2, z2 = four_of(tile, lane + uint64(2) * steps, fill, keys, numbers)
        w3, x3, y3, z3 = four_of(tile, lane + uint64(3) * steps, fill, keys, numbers)
        store_sixteen(address, (w0, w1, w2, w3))
        store_sixteen(address + row, (x0, x1, x2, x3))
        store_sixteen(address + uint64(2) * row, (y0, y1, y2, y3))
        store_sixteen(address + uint64(3) * row, (z0, z1, z2, z3))

    return whole


def _tile_float32(kind):
    of_lane, _ = _values32(kind, identity)
    return Tile(*TILES["float32"], 4, _whole32(of_lane, 1, 4), _part32(of_lane, 4, identity, 4))


def _tile_half(kind, element):
    pair, encode = PAIRS[element], ENCODE[element]
    of_lane, _ = _values32(kind, encode)

    @inlined
    def two_lanes(tile, lane, fill, keys, numbers):
        w0, x0, y0, z0 = of_lane(tile, lane, fill, keys, numbers)
        w1, x1, y1, z1 = of_lane(tile, lane + uint64(1), fill, keys, numbers)
        return pair(w0, w1), pair(x0, x1), pair(y0, y1), pair(z0, z1)

    return Tile(*TILES[element], 2, _whole32(two_lanes, 2, 2), _part32(of_lane, 8, encode, 2))


def _values64(kind):
    sampler, parameters_of = SAMPLERS[kind], _parameters_of(kind)
    two, single = sampler.two, sampler.one64

    @inlined
    def of_lane(tile, lane, fill, keys, numbers):
        a, b, c, d = block_words(tile, lane, fill, uint64(VALUES), keys)
        return two(joined(a, b), joined(c, d), parameters_of(numbers))

    @inlined
    def value_at(number, fill, keys, numbers):
        tile, within = number // uint64(32), number % uint64(32)
        a, b, c, d = block_words(tile, within % SIXTEEN, fill, uint64(VALUES), keys)
        return single(joined(a, b), joined(c, d), uint32(within // SIXTEEN), parameters_of(numbers))

    return of_lane, value_at


def _tile_float64(kind):
    of_lane, _ = _values64(kind)

    @inlined
    def whole(address, tile, lane, fill, keys, numbers):
        x0, y0 = of_lane(tile, lane, fill, keys, numbers)
        x1, y1 = of_lane(tile, lane + uint64(1), fill, keys, numbers)
        x2, y2 = of_lane(tile, lane + uint64(2), fill, keys, numbers)
        x3, y3 = of_lane(tile, lane + uint64(3), fill, keys, numbers)
        store_sixteen(address, (x0, x1))
        store_sixteen(address + SIXTEEN, (x2, x3))
        store_sixteen(address + uint64(128), (y0, y1))
        store_sixteen(address + uint64(144), (y2, y3))

    @inlined
    def part(address, number, first, end, fill, keys, numbers):
        tile, lane = number // uint64(32), number % uint64(32)
        for k in range(4):
            x, y = of_lane(tile, lane + uint64(k), fill, keys, numbers)
            element = number + uint64(k)
            place = address + uint64(k) * uint64(8)
            if first <= element < end:
                store(place, x)
            if first <= element + SIXTEEN < end:
                store(place + uint64(128), y)

    return Tile(*TILES["float64"], 8, whole, part)


def tile_of(kind, element):
    """What a thread of a ``wide`` kernel does for that law and element type."""
    if element in PAIRS:
        return _tile_half(kind, element)
    return _tile_float64(kind) if element == "float64" else _tile_float32(kind)


def value_of(kind, element):
    """``(number, fill, keys, numbers)`` -> the element of that number as memory holds it."""
    if element == "float64":
        return _values64(kind)[1]
    return _values32(kind, ENCODE[element])[1]
