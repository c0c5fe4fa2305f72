"""Products of matrices by blocks of threads: 64 x 64 elements a block, 8 x 8 a thread, sixteen terms at a time.

The terms of an element are added in the order of their index by fused multiply-adds, whichever block it is in.  A
thread has four rows and the four that lie half a side further on, and so of columns: its numbers are pairs of fours::

    columns    0-3  4-7  ...  28-31 | 32-35  ...  60-63
    rows 0-3    t0   t1         t7  |   t0          t7
    rows 4-7    t8   t9        t15  |   t8         t15
    rows 32-35  t0   t1         t7  |   t0          t7     (and so on, threads 0 to 63)
"""

from numpy import float32, uint32, uint64

from .....kernels.cuda.intrinsics import inlined, load_sixteen, store_sixteen
from .....kernels.math.intrinsics import fma
from .table import SIDE, TERMS

_SIDE, _HALF = uint32(SIDE), uint32(SIDE // 2)
_ONE, _TWO, _THREE = uint32(1), uint32(2), uint32(3)


@inlined
def no_terms(zero):
    """The sums of a thread before there is a term."""
    four = zero, zero, zero, zero
    row = four, four
    rows = row, row, row, row
    return rows, rows


@inlined
def own_row(thread):
    """A thread's first row.  In float32, loads of sixteen bytes from shared memory then have no bank conflicts."""
    return uint32(thread // uint32(8) * uint32(4))


@inlined
def own_column(thread):
    """A thread's first column."""
    return uint32(thread % uint32(8) * uint32(4))


@inlined
def _four_of(shared, index):
    return (
        shared[index],
        shared[uint32(index + _ONE)],
        shared[uint32(index + _TWO)],
        shared[uint32(index + _THREE)],
    )


@inlined
def _fours_of(shared, index):
    return _four_of(shared, index), _four_of(shared, uint32(index + _HALF))


def accumulating(real):
    """How a thread adds terms."""

    @inlined
    def four(sums, a, b):
        # the simulator carries every floating number as a float64
        c0, c1, c2, c3 = sums
        b0, b1, b2, b3 = b
        return fma(a, b0, real(c0)), fma(a, b1, real(c1)), fma(a, b2, real(c2)), fma(a, b3, real(c3))

    @inlined
    def row(sums, a, b):
        return four(sums[0], a, b[0]), four(sums[1], a, b[1])

    @inlined
    def rows(sums, a, b):
        a0, a1, a2, a3 = a
        c0, c1, c2, c3 = sums
        return row(c0, a0, b), row(c1, a1, b), row(c2, a2, b), row(c3, a3, b)

    @inlined
    def accumulated(sums, lhs, rhs, row, column):
        """The sums and sixteen terms more: lhs[k, rows] rhs[k, columns], both in shared memory."""
        near, far = sums
        line = uint32(0)
        while line < uint32(TERMS * SIDE):  # a range would count beside it
            a, b = _fours_of(lhs, uint32(line + row)), _fours_of(rhs, uint32(line + column))
            near, far = rows(near, a[0], b), rows(far, a[1], b)
            line = uint32(line + _SIDE)
        return near, far

    return accumulated


@inlined
def _put_four(shared, index, step, values):
    a, b, c, d = values
    shared[index] = a
    shared[index + step] = b
    shared[index + uint64(2) * step] = c
    shared[index + uint64(3) * step] = d


@inlined
def _put_two(shared, index, step, values):
    a, b = values
    shared[index] = a
    shared[index + step] = b


def staging(real):
    """How a block brings sixteen lines, or columns, of 64 elements to shared memory, as lines."""
    lanes = 4 if real is float32 else 2
    put, size, each = (_put_four if lanes == 4 else _put_two), uint64(16 // lanes), uint64(lanes)
    # threads for a line; lines that the block takes at once
    per_line, at_once = uint64(SIDE // lanes), uint64(lanes)

    @inlined
    def four(shared, index, next_load, next_element, address, step):
        """Four loads, ``step`` bytes apart; all of them before the first store, which has to wait for one."""
        a, b = load_sixteen(address, real), load_sixteen(address + step, real)
        address += uint64(2) * step
        c, d = load_sixteen(address, real), load_sixteen(address + step, real)
        put(shared, index, next_element, a)
        put(shared, index + next_load, next_element, b)
        put(shared, index + uint64(2) * next_load, next_element, c)
        put(shared, index + uint64(3) * next_load, next_element, d)

    @inlined
    def own_part(thread, address, pitch, width, zeros):
        """Where a thread begins in the first line, and its pitch; columns beyond ``width`` bytes are at ``zeros``."""
        column, line = uint64(thread) % per_line * each * size, uint64(thread) // per_line
        return (address + line * pitch + column, pitch) if column < width else (zeros, uint64(0))

    @inlined
    def stage_lines(shared, thread, address, pitch):
        """A thread's share of sixteen lines, from ``own_part`` on."""
        next_load, step = at_once * uint64(SIDE), at_once * pitch
        for n in range(TERMS // lanes // 4):
            skipped = uint64(4 * n)
            index = uint64(thread) * each + skipped * next_load
            four(shared, index, next_load, uint64(1), address + skipped * step, step)

    @inlined
    def stage_columns(shared, thread, address):
        """A thread takes sixteen columns of one row, from ``address`` on."""
        for n in range(TERMS // lanes // 4):
            index = uint64(4 * n * lanes * SIDE) + uint64(thread)
            four(shared, index, each * uint64(SIDE), uint64(SIDE), address + uint64(64 * n), uint64(16))

    return own_part, stage_lines, stage_columns


def _four_to(real):
    """Stores four numbers; takes four numbers from those that are there."""

    @inlined
    def store32(address, sums):
        a, b, c, d = sums
        store_sixteen(address, (real(a), real(b), real(c), real(d)))

    @inlined
    def store64(address, sums):
        a, b, c, d = sums
        store_sixteen(address, (a, b))
        store_sixteen(address + uint64(16), (c, d))

    @inlined
    def subtract32(address, sums):
        a, b, c, d = sums
        p, q, r, s = load_sixteen(address, real)
        store32(address, (p - real(a), q - real(b), r - real(c), s - real(d)))

    @inlined
    def subtract64(address, sums):
        a, b, c, d = sums
        p, q = load_sixteen(address, real)
        r, s = load_sixteen(address + uint64(16), real)
        store64(address, (p - a, q - b, r - c, s - d))

    return (store32, subtract32) if real is float32 else (store64, subtract64)


def _all_rows(four, real):
    half = uint64(SIDE // 2 * (4 if real is float32 else 8))

    @inlined
    def row(address, width, sums):
        if width > uint64(0):
            four(address, sums[0])
        if width > half:
            four(address + half, sums[1])

    @inlined
    def rows(address, pitch, width, sums):
        c0, c1, c2, c3 = sums
        row(address, width, c0)
        row(address + pitch, width, c1)
        row(address + uint64(2) * pitch, width, c2)
        row(address + uint64(3) * pitch, width, c3)

    @inlined
    def all_rows(address, pitch, width, sums):
        rows(address, pitch, width, sums[0])
        rows(address + uint64(SIDE // 2) * pitch, pitch, width, sums[1])

    return all_rows


def results(real):
    """What a thread does with its sums: stores them, or takes them from what is there.

    Both take the address of the thread's first element, the bytes from line to line, and those from there to the end
    of a line, 0 where the line ends before: beyond nothing is written.
    """
    store, subtract = _four_to(real)
    return _all_rows(store, real), _all_rows(subtract, real)
