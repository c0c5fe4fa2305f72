"""Up to four axes, walked by an index of 32 bits; innermost first."""

from numpy import uint32, uint64

from .intrinsics import inlined


@inlined
def coordinates(index, lengths):
    """uint32 -> four uint64.  The outermost of the four lengths is not asked for: the index ends it."""
    length0, length1, length2 = lengths
    row = uint32(index // length0)
    # most layouts have two axes or one, and a division takes twenty instructions
    plane = uint32(row // length1) if row >= length1 else uint32(0)
    box = uint32(plane // length2) if plane >= length2 else uint32(0)
    i = uint64(uint32(index - uint32(row * length0)))
    j = uint64(uint32(row - uint32(plane * length1)))
    k = uint64(uint32(plane - uint32(box * length2)))
    return i, j, k, uint64(box)


@inlined
def offset_of(place, steps):
    """The sum of coordinates times steps, modulo 2^64."""
    i, j, k, m = place
    step0, step1, step2, step3 = steps
    return i * step0 + j * step1 + k * step2 + m * step3
