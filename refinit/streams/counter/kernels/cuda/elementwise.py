"""Laws by position.

``wide`` kernels take runs of memory that are runs of the whole tensor too: a thread takes a few lanes of a tile and
stores sixteen bytes at once.  ``each`` kernels take any shape, strides and place in the whole, one element a thread.
"""

from numba import cuda
from numpy import uint32, uint64

from .....kernels.cuda.axes import coordinates, offset_of
from .....kernels.cuda.intrinsics import inlined, store
from .....kernels.table import FLOATS
from ...math.samplers import SAMPLERS
from .tiles import SIXTEEN, tile_of, value_of


def _wide(tile):
    """``count`` elements from number ``first`` on, at ``out``; of run y both are ``step`` and ``stride`` further on."""
    per_tile = uint64(16 // tile.lanes)
    size, width, lanes = uint64(tile.size), uint64(tile.width), uint64(tile.lanes)
    fill_whole, fill_part = tile.whole, tile.part

    @inlined
    def fill_group(out, first, count, group, fill, keys, numbers):
        # groups are counted from the tile that the run begins in
        number = (first & ~(size - uint64(1))) + group // per_tile * size + group % per_tile * lanes
        end = first + count
        base = out + (number - first) * width
        if number >= first and number + (size - SIXTEEN + lanes) <= end:
            fill_whole(base, number // size, number % size, fill, keys, numbers)
        elif number < end:
            fill_part(base, number, first, end, fill, keys, numbers)

    def wide(out, first, count, stride, step, fill, keys, numbers):
        run = uint64(cuda.blockIdx.y)
        group = uint64(cuda.grid(1))
        fill_group(out + run * stride, first + run * step, count, group, fill, keys, numbers)

    return wide


def _each(value_at):
    """Elements at ``out`` + coordinates strides, numbered ``number`` + coordinates steps; axes innermost first."""

    @inlined
    def fill_one(index, out, number, lengths, strides, steps, fill, keys, numbers):
        place = coordinates(index, lengths)
        value = value_at(number + offset_of(place, steps), fill, keys, numbers)
        store(out + offset_of(place, strides), value)

    def each(out, number, count, lengths, strides, steps, fill, keys, numbers):
        index = uint64(cuda.grid(1))
        if index < uint64(count):
            fill_one(uint32(index), out, number, lengths, strides, steps, fill, keys, numbers)

    return each


KERNELS = {}
for _kind in SAMPLERS:
    for _element in FLOATS:
        KERNELS[f"wide_{_kind}_{_element}"] = _wide(tile_of(_kind, _element))
        KERNELS[f"each_{_kind}_{_element}"] = _each(value_of(_kind, _element))
