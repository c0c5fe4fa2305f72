"""Householder reflectors of Gaussian columns, applied by panels of 64 (``streams/counter/cuda/orthogonal.py``).

All matrices are row-major, ``pitch`` bytes from line to line: groups of four numbers, of V sixteen.  They have whole
panels of rows: those beyond the matrix are zeros.  V has a reflector in each column, its diagonal on V's.
"""

from numba import cuda
from numpy import float32, float64, uint32, uint64

from .....kernels.cuda.axes import coordinates, offset_of
from .....kernels.cuda.intrinsics import BY_SIXTEEN, ENCODE, inlined, load, store
from .....kernels.math.intrinsics import fma, sqrt
from .....kernels.table import FLOATS
from .products import accumulating, no_terms, own_column, own_row, results, staging
from .table import COLUMNS_SOLVED, SIDE, TERMS

_SIDE, _TERMS = uint64(SIDE), uint64(TERMS)
#: Elements of shared memory.
_STAGED, _SQUARE = SIDE * TERMS, SIDE * SIDE
#: Threads that go through a column.
_THREADS = 256


def _columns(real):
    """What the threads of a block do together with one column, from ``at`` on in steps of the block."""
    zero = real(0)

    @inlined
    def squares(address, pitch, at, rows):
        """A sum as accurate as if it were rounded once (Kahan)."""
        total = rest = zero
        while at < rows:
            x = load(address + at * pitch, real)
            larger = fma(x, x, total)
            rest += fma(x, x, total - larger)
            total = larger
            at += uint64(_THREADS)
        return total + rest

    @inlined
    def clear(address, pitch, at, end):
        """Zeros."""
        while at < end:
            store(address + at * pitch, zero)
            at += uint64(_THREADS)

    return squares, clear


def _heads(real):
    size, zero, one = uint64(real(0).nbytes), real(0), real(1)
    squares, clear = _columns(real)

    @inlined
    def head(address, tail, is_last, half, sign):
        """x_jj + phase ||x_j||; v^T v / 2 of what was written; the diagonal of Q, if it is there."""
        x = load(address, real)
        phase = -one if x < zero else one
        total = fma(x, x, tail)
        lone = is_last or total == zero
        written = zero if lone else fma(phase, sqrt(total), x)
        store(address, written)
        store(half, one if lone else fma(written, written, tail) * real(0.5))
        if sign != uint64(0):
            store(sign, phase if lone else -phase)

    def heads(v, pitch, rows, padded, columns, halves, diagonal, step):
        """Column j of V by block j: zeros above the diagonal and below ``rows``, the head; columns beyond are zeros.

        ``halves``: v_j^T v_j / 2, or 1.  ``diagonal``: where Q has the first column's, and the next are ``step`` bytes
        further on; 0 if Q has none of them.  It gets -phase, so that Q has the signs from the start.
        """
        partial = cuda.shared.array(_THREADS, real)
        thread, j = uint32(cuda.threadIdx.x), uint64(cuda.blockIdx.x)
        at, column, is_there = uint64(thread), v + j * size, j < columns
        partial[thread] = squares(column, pitch, at + j + uint64(1), rows if is_there else uint64(0))
        half = uint32(_THREADS // 2)
        while half > uint32(0):
            cuda.syncthreads()
            if thread < half:
                partial[thread] += partial[uint32(thread + half)]
            half = uint32(half >> uint32(1))
        if j * size < pitch:
            clear(column, pitch, at, j if is_there else padded)
            clear(column, pitch, at + (rows if is_there else padded), padded)
        if thread == uint32(0):
            if is_there:
                sign = diagonal + j * step if diagonal != uint64(0) else uint64(0)
                head(column + j * pitch, partial[0], j + uint64(1) == rows, halves + j * size, sign)
            else:
                store(halves + j * size, one)

    return heads


def _products(real):
    size = uint64(real(0).nbytes)
    own_part, stage_lines, _ = staging(real)
    (keep, _), accumulated = results(real), accumulating(real)

    @inlined
    def operand(v, v_pitch, q, q_pitch, q_width, square):
        """The first of the 64 columns, the pitch, and the bytes to the end of a line."""
        if square == uint32(0):
            return v, v_pitch, v_pitch
        skipped = uint64(uint32(square - uint32(1))) * _SIDE * size
        return q + skipped, q_pitch, q_width - skipped

    def products(v, v_pitch, q, q_pitch, q_width, zeros, rows, part, out):
        """V^T [V Q] in parts: ``part`` rows in each line of blocks, 64 columns in each column of them."""
        left = cuda.shared.array(_STAGED, real, BY_SIXTEEN)
        right = cuda.shared.array(_STAGED, real, BY_SIXTEEN)
        thread, square = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x)
        row, column = own_row(thread), own_column(thread)
        at = uint64(cuda.blockIdx.y) * part
        end = min(at + part, rows)
        other, pitch, width = operand(v, v_pitch, q, q_pitch, q_width, square)
        left_at, left_step = own_part(thread, v + at * v_pitch, v_pitch, v_pitch, zeros)
        right_at, right_step = own_part(thread, other + at * pitch, pitch, width, zeros)
        sums = no_terms(real(0))
        while at < end:
            stage_lines(left, thread, left_at, left_step)
            stage_lines(right, thread, right_at, right_step)
            cuda.syncthreads()
            sums = accumulated(sums, left, right, row, column)
            cuda.syncthreads()
            at += _TERMS
            left_at += _TERMS * left_step
            right_at += _TERMS * right_step
        line = uint64(cuda.gridDim.x) * _SIDE * size
        out += (uint64(cuda.blockIdx.y) * _SIDE + row) * line
        keep(out + (uint64(square) * _SIDE + column) * size, line, _SIDE * size, sums)

    return products


def _sums(real):
    size = uint64(real(0).nbytes)

    @inlined
    def add(address, stride, parts):
        total, part, at = load(address, real), uint32(1), address + stride
        while part < parts:
            total += load(at, real)
            part, at = uint32(part + uint32(1)), at + stride
        store(address, total)

    def sums(products, count, parts):
        """The first of the parts becomes the sum of all, each of ``count`` numbers."""
        index = uint64(cuda.grid(1))
        if index < count:
            add(products + index * size, count * size, parts)

    return sums


def _solve(real, columns):
    size = uint64(real(0).nbytes)
    width, right_sides = uint64(columns), SIDE * columns

    @inlined
    def stage(upper, y, thread, products, own, pitch, halves):
        for n in range(SIDE * SIDE // columns):
            at = uint64(n) * width + uint64(thread)
            i, j = at // _SIDE, at % _SIDE
            upper[at] = load(halves + i * size if i == j else products + i * pitch + j * size, real)
        for n in range(SIDE):
            y[uint64(n) * width + uint64(thread)] = load(own + uint64(n) * pitch, real)

    @inlined
    def substitute(upper, y, thread, own, pitch):
        i = uint64(SIDE)
        while i > uint64(0):
            i -= uint64(1)
            place = uint64(thread) + i * width
            value, at, below = y[place], i * (_SIDE + uint64(1)), place + width
            while below < uint64(SIDE * columns):
                at += uint64(1)
                value = fma(-upper[at], y[below], value)
                below += width
            value /= upper[i * (_SIDE + uint64(1))]
            y[place] = value
            store(own + i * pitch, value)

    def solve(products, pitch, halves):
        """From V^T [V Q] to T V^T Q in its place, a column by a thread; 1 / T is upper triangular: halves, V^T V."""
        upper = cuda.shared.array(_SQUARE, real, BY_SIXTEEN)
        y = cuda.shared.array(right_sides, real, BY_SIXTEEN)
        thread = uint32(cuda.threadIdx.x)
        own = products + (_SIDE + uint64(cuda.blockIdx.x) * uint64(columns) + uint64(thread)) * size
        stage(upper, y, thread, products, own, pitch, halves)
        cuda.syncthreads()
        substitute(upper, y, thread, own, pitch)

    return solve


def _update(real):
    size = uint64(real(0).nbytes)
    own_part, stage_lines, stage_columns = staging(real)
    (_, lessen), accumulated = results(real), accumulating(real)

    def update(v, v_pitch, y, y_pitch, q, q_pitch, q_width):
        """Q - V Y, 64 rows in each block along x, 64 columns in each along y."""
        left = cuda.shared.array(_STAGED, real, BY_SIXTEEN)
        right = cuda.shared.array(_STAGED, real, BY_SIXTEEN)
        thread = uint32(cuda.threadIdx.x)
        row, column = own_row(thread), own_column(thread)
        top, skipped = uint64(cuda.blockIdx.x) * _SIDE, uint64(cuda.blockIdx.y) * _SIDE * size
        left_at = v + (top + uint64(thread)) * v_pitch
        end = left_at + v_pitch
        right_at, step = own_part(thread, y + skipped, y_pitch, y_pitch, y)  # no column lies beyond
        sums = no_terms(real(0))
        while left_at < end:
            stage_columns(left, thread, left_at)
            stage_lines(right, thread, right_at, step)
            cuda.syncthreads()
            sums = accumulated(sums, left, right, row, column)
            cuda.syncthreads()
            left_at += _TERMS * size
            right_at += _TERMS * step
        skipped += column * size
        width = q_width - skipped if skipped < q_width else uint64(0)
        lessen(q + (top + row) * q_pitch + skipped, q_pitch, width, sums)

    return update


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


KERNELS = {}
for _name, _real in (("float32", float32), ("float64", float64)):
    KERNELS[f"reflector_heads_{_name}"] = _heads(_real)
    KERNELS[f"reflector_products_{_name}"] = _products(_real)
    KERNELS[f"reflector_sums_{_name}"] = _sums(_real)
    KERNELS[f"reflector_solve_{_name}"] = _solve(_real, COLUMNS_SOLVED[_name])
    KERNELS[f"reflector_update_{_name}"] = _update(_real)
for _name in FLOATS:
    KERNELS[f"each_scaled_{_name}"] = _each(float64 if _name == "float64" else float32, ENCODE[_name])
