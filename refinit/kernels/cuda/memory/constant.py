"""One pattern over much memory."""

from numba import cuda
from numpy import uint8, uint16, uint32, uint64

from ..axes import coordinates, offset_of
from ..intrinsics import inlined, store, store_sixteen

_SIXTEEN = uint64(16)


@inlined
def _store_within(address, word, start, end):
    """Those bytes of a word that lie in [start, end)."""
    for k in range(4):
        place = address + uint64(k)
        if start <= place < end:
            store(place, uint8(word >> uint32(8 * k)))


@inlined
def _fill_line(index, out, size, stride, lines, pattern):
    """The sixteen bytes of one thread, at a multiple of sixteen.

          start            end
    |-------|---|-------|---|---|        whole lines by one store,
    | line 0    | line 1    | ..|        the bytes of a run in the first and the last one by one
    """
    run = uint32(index // lines)
    start = out + uint64(run) * stride
    end = start + size
    address = (start & ~(_SIXTEEN - uint64(1))) + uint64(uint32(index - uint32(run * lines))) * _SIXTEEN
    if address >= start and address + _SIXTEEN <= end:
        store_sixteen(address, pattern)
    elif address < end:
        a, b, c, d = pattern
        _store_within(address, a, start, end)
        _store_within(address + uint64(4), b, start, end)
        _store_within(address + uint64(8), c, start, end)
        _store_within(address + uint64(12), d, start, end)


def wide_constant(out, size, stride, lines, count, pattern):
    """Runs of ``size`` bytes, ``stride`` bytes apart, sixteen bytes a thread.

    ``pattern``: the sixteen bytes at every multiple of sixteen.  ``lines``: so many of them hold a run.
    """
    index = uint64(cuda.grid(1))
    if index < uint64(count):
        _fill_line(uint32(index), out, size, stride, lines, pattern)


def _each(word):
    @inlined
    def fill_one(index, out, lengths, strides, pattern):
        first, second = pattern
        value = second if index & uint32(1) != uint32(0) else first
        store(out + offset_of(coordinates(index, lengths), strides), word(value))

    def each_constant(out, count, lengths, strides, pattern):
        """Single words along up to four axes; ``pattern``: those at even and odd indices, a complex number's parts."""
        index = uint64(cuda.grid(1))
        if index < uint64(count):
            fill_one(uint32(index), out, lengths, strides, pattern)

    return each_constant


KERNELS = {"wide_constant": wide_constant}
KERNELS |= {f"each_constant_{8 * word(0).nbytes}": _each(word) for word in (uint8, uint16, uint32, uint64)}
