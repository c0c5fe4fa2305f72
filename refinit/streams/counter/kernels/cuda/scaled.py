"""What was computed in full precision, times a gain, to memory of any format and layout."""

from numba import cuda
from numpy import float32, float64, uint32, uint64

from .....kernels.cuda.axes import coordinates, offset_of
from .....kernels.cuda.intrinsics import ENCODE, inlined, load, store
from .....kernels.table import FLOATS


def _each(real, encode):
    @inlined
    def move(index, out, start, lengths, strides, steps, gain):
        place = coordinates(index, lengths)
        store(out + offset_of(place, strides), encode(load(start + offset_of(place, steps), real) * gain))

    def each_scaled(out, start, count, lengths, strides, steps, gain):
        """At ``out`` + coordinates strides the numbers at ``start`` + coordinates steps, times a gain, rounded once."""
        index = uint64(cuda.grid(1))
        if index < uint64(count):
            move(uint32(index), out, start, lengths, strides, steps, gain)

    return each_scaled


KERNELS = {
    f"each_scaled_{name}": _each(float64 if name == "float64" else float32, ENCODE[name]) for name in FLOATS
}
