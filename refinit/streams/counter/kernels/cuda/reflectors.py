"""Householder reflectors of Gaussian columns, applied by panels of 64 (``streams/counter/cuda/orthogonal.py``).

All matrices are row-major, ``pitch`` bytes from line to line: groups of four numbers, of V sixteen.  They have whole
panels of rows: those beyond the matrix are zeros.  V has a reflector in each column, its diagonal on V's.
One panel of Q = (1 - V T V^T) Q takes five kernels::

    heads      V, and of each column v^T v / 2
    products   [ V^T V | V^T Q ]                      64 x (64 + columns of Q), of parts of the rows
    sums       the parts, added
    solve      [   .   |   Y   ],   Y = T V^T Q       1 / T = V^T V above the diagonal, the halves on it
    update     Q - V Y
"""

from numba import cuda
from numpy import float32, float64, uint32, uint64

from .....kernels.cuda.intrinsics import BY_SIXTEEN, inlined, load, store
from .....kernels.math.intrinsics import fma, sqrt
from .products import accumulating, no_terms, own_column, own_row, results, staging
from .table import COLUMNS_SOLVED, SIDE, TERMS

_SIDE, _TERMS = uint64(SIDE), uint64(TERMS)
#: Elements of shared memory.
_STAGED, _SQUARE = SIDE * TERMS, SIDE * SIDE
#: Threads that go through a column.
_THREADS = 256


def _columns(real):
    """What the threads of a block do together with one column, each from its ``row`` on in steps of the block."""
    zero = real(0)

    @inlined
    def squares(address, pitch, row, rows):
        """A sum as accurate as if it were rounded once (Kahan)."""
        total = rest = zero
        while row < rows:
            x = load(address + row * pitch, real)
            larger = fma(x, x, total)
            rest += fma(x, x, total - larger)
            total = larger
            row += uint64(_THREADS)
        return total + rest

    @inlined
    def clear(address, pitch, row, end):
        """Zeros."""
        while row < end:
            store(address + row * pitch, zero)
            row += uint64(_THREADS)

    return squares, clear


def _heads(real):
    size, zero, unit = uint64(real(0).nbytes), real(0), real(1)
    squares, clear = _columns(real)

    @inlined
    def head(address, tail, is_last, half, sign):
        """x_jj + phase ||x_j||; v^T v / 2 of what was written; the diagonal of Q, if it is there."""
        x = load(address, real)
        phase = -unit if x < zero else unit
        total = fma(x, x, tail)
        lone = is_last or total == zero
        written = zero if lone else fma(phase, sqrt(total), x)
        store(address, written)
        store(half, unit if lone else fma(written, written, tail) * real(0.5))
        if sign != uint64(0):
            store(sign, phase if lone else -phase)

    def heads(v, pitch, rows, padded, columns, halves, diagonal, step):
        """Column j of V by block j: zeros above the diagonal and below ``rows``, the head; columns beyond are zeros.

        ``halves``: v_j^T v_j / 2, or 1.  ``diagonal``: where Q has the first column's, and the next are ``step`` bytes
        further on; 0 if Q has none of them.  It gets -phase, so that Q has the signs from the start.
        """
        partial = cuda.shared.array(_THREADS, real)
        thread, j = uint32(cuda.threadIdx.x), uint64(cuda.blockIdx.x)
        row, column, is_there = uint64(thread), v + j * size, j < columns
        partial[thread] = squares(column, pitch, row + j + uint64(1), rows if is_there else uint64(0))
        half = uint32(_THREADS // 2)
        while half > uint32(0):
            cuda.syncthreads()
            if thread < half:
                partial[thread] += partial[uint32(thread + half)]
            half = uint32(half >> uint32(1))
        if j * size < pitch:
            clear(column, pitch, row, j if is_there else padded)
            clear(column, pitch, row + (rows if is_there else padded), padded)
        if thread == uint32(0):
            if is_there:
                sign = diagonal + j * step if diagonal != uint64(0) else uint64(0)
                head(column + j * pitch, partial[0], j + uint64(1) == rows, halves + j * size, sign)
            else:
                store(halves + j * size, unit)

    return heads


def _products(real):
    size = uint64(real(0).nbytes)
    own_part, stage_lines, _ = staging(real)
    (store_sums, _), accumulated = results(real), accumulating(real)

    @inlined
    def operand(v, v_pitch, q, q_pitch, q_width, square):
        """The first of the 64 columns, the pitch, and the bytes to the end of a line."""
        if square == uint32(0):
            return v, v_pitch, v_pitch
        skipped = uint64(uint32(square - uint32(1))) * _SIDE * size
        return q + skipped, q_pitch, q_width - skipped

    def products(v, v_pitch, q, q_pitch, q_width, zeros, rows, part, out):
        """V^T [V Q] in parts: ``part`` rows in each line of blocks, 64 columns in each column of them."""
        lhs = cuda.shared.array(_STAGED, real, BY_SIXTEEN)
        rhs = cuda.shared.array(_STAGED, real, BY_SIXTEEN)
        thread, square = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x)
        row, column = own_row(thread), own_column(thread)
        term = uint64(cuda.blockIdx.y) * part
        end = min(term + part, rows)
        other, pitch, width = operand(v, v_pitch, q, q_pitch, q_width, square)
        lhs_address, lhs_step = own_part(thread, v + term * v_pitch, v_pitch, v_pitch, zeros)
        rhs_address, rhs_step = own_part(thread, other + term * pitch, pitch, width, zeros)
        sums = no_terms(real(0))
        while term < end:
            stage_lines(lhs, thread, lhs_address, lhs_step)
            stage_lines(rhs, thread, rhs_address, rhs_step)
            cuda.syncthreads()
            sums = accumulated(sums, lhs, rhs, row, column)
            cuda.syncthreads()
            term += _TERMS
            lhs_address += _TERMS * lhs_step
            rhs_address += _TERMS * rhs_step
        line = uint64(cuda.gridDim.x) * _SIDE * size
        out += (uint64(cuda.blockIdx.y) * _SIDE + row) * line
        store_sums(out + (uint64(square) * _SIDE + column) * size, line, _SIDE * size, sums)

    return products


def _sums(real):
    size = uint64(real(0).nbytes)

    @inlined
    def add(address, stride, parts):
        total, part, source = load(address, real), uint32(1), address + stride
        while part < parts:
            total += load(source, real)
            part, source = uint32(part + uint32(1)), source + stride
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
            index = uint64(n) * width + uint64(thread)
            i, j = index // _SIDE, index % _SIDE
            upper[index] = load(halves + i * size if i == j else products + i * pitch + j * size, real)
        for n in range(SIDE):
            y[uint64(n) * width + uint64(thread)] = load(own + uint64(n) * pitch, real)

    @inlined
    def substitute(upper, y, thread, own, pitch):
        i = uint64(SIDE)
        while i > uint64(0):
            i -= uint64(1)
            place = uint64(thread) + i * width
            value, entry, below = y[place], i * (_SIDE + uint64(1)), place + width
            while below < uint64(SIDE * columns):
                entry += uint64(1)
                value = fma(-upper[entry], y[below], value)
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
    (_, subtract), accumulated = results(real), accumulating(real)

    def update(v, v_pitch, y, y_pitch, q, q_pitch, q_width):
        """Q - V Y, 64 rows in each block along x, 64 columns in each along y."""
        lhs = cuda.shared.array(_STAGED, real, BY_SIXTEEN)
        rhs = cuda.shared.array(_STAGED, real, BY_SIXTEEN)
        thread = uint32(cuda.threadIdx.x)
        row, column = own_row(thread), own_column(thread)
        top, skipped = uint64(cuda.blockIdx.x) * _SIDE, uint64(cuda.blockIdx.y) * _SIDE * size
        lhs_address = v + (top + uint64(thread)) * v_pitch
        end = lhs_address + v_pitch
        rhs_address, rhs_step = own_part(thread, y + skipped, y_pitch, y_pitch, y)  # no column lies beyond
        sums = no_terms(real(0))
        while lhs_address < end:
            stage_columns(lhs, thread, lhs_address)
            stage_lines(rhs, thread, rhs_address, rhs_step)
            cuda.syncthreads()
            sums = accumulated(sums, lhs, rhs, row, column)
            cuda.syncthreads()
            lhs_address += _TERMS * size
            rhs_address += _TERMS * rhs_step
        skipped += column * size
        width = q_width - skipped if skipped < q_width else uint64(0)
        subtract(q + (top + row) * q_pitch + skipped, q_pitch, width, sums)

    return update


KERNELS = {}
for _name, _real in (("float32", float32), ("float64", float64)):
    KERNELS[f"reflector_heads_{_name}"] = _heads(_real)
    KERNELS[f"reflector_products_{_name}"] = _products(_real)
    KERNELS[f"reflector_sums_{_name}"] = _sums(_real)
    KERNELS[f"reflector_solve_{_name}"] = _solve(_real, COLUMNS_SOLVED[_name])
    KERNELS[f"reflector_update_{_name}"] = _update(_real)
