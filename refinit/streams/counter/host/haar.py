"""Haar orthogonal matrices from Householder reflectors of Gaussian columns, with no QR factorisation (Stewart 1980)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....devices import threads
from ....devices.blas import Blas, one_thread_per_call

#: ``normals(row, column, rows, columns, out)`` writes the elements from ``(row, column)`` on of the tall matrix of
#: standard normals to ``out``, of shape ``(rows, columns)``: the same value for a place at every call, from any thread.
#: ``out`` has unit stride along its columns where the tensor is tall, along its rows where it is wide.
Normals = Callable[[int, int, int, int, NDArray[Any]], object]

#: Columns of Q that are always computed together, by BLAS calls of the same shapes, strides and alignments whichever
#: of them are wanted: a call of another shape (in some libraries, at another alignment) may round a column otherwise.
PANEL = 256
#: Columns held at a time. The reflectors are made again for each group, at about 3 % of what applying them costs.
GROUP = 16 * PANEL
#: Rows whose squares are summed in the type itself; further sums are in double.
_SUMMED_ROWS = 256
#: Elements from which the pool is used: 512 x 512 takes 3 ms on one thread, and hardly less on two.
_POOLED = 1 << 19


def haar(
    shape: tuple[int, int],
    normals: Normals,
    out: NDArray[Any],
    *,
    offset: tuple[int, int] = (0, 0),
    gain: float = 1.0,
) -> None:
    """A block of gain Q with Q^T Q = 1 (wide: Q Q^T = 1), Q by the Haar measure.

    For the tall m x n matrix of normals, Q = H_1 ... H_n diag(-phase(x_jj)), with H_j the reflector that takes x_j, its
    column j from the diagonal down, to a multiple of e_j. A QR factorisation would take column j after H_1 ... H_(j-1)
    have acted on it; normals keep their distribution under these, so the untouched ones serve. A wide matrix is the
    transpose of a tall one. The n-th reflector of a square matrix has one element and is its sign: 1, with factor
    +phase. So is that of a column of zeros, with phase 1: both are the limit of a small element.

    Values depend on ``shape``, the type, the normals and the BLAS library: not on the block, its strides, or the number
    of threads, refinit's or OpenBLAS's. (OpenBLAS keeps to one per call meanwhile; other libraries do as they do.)

    Parameters
    ----------
    shape
        Of the whole matrix.
    normals
        See ``Normals``.
    out
        The block, float32 or float64, with any strides.
    offset
        Where the block lies in the whole.
    gain
        Rounded to the type of ``out``, it multiplies Q.

    Notes
    -----
    The whole takes 2 m n^2 - (2/3) n^3 flops, as LAPACK's orgqr, and for the factors T 22 % more at n = 512, 10 % at
    2048, 7 % at 4096. A block of w columns (of the tall matrix) that ends at column c takes about (4 m c - 2 c^2) w, w
    rounded up to whole panels of 256, and for each 4096 of them m c - c^2 / 2 normals. Few rows cost what all do: each
    column's part below its reflector is needed. Memory: m numbers for each of at most 4096 columns, and for each of at
    most 256 reflectors. At most 17 threads.

    References
    ----------
    G. W. Stewart, The efficient generation of random orthogonal matrices with an application to condition estimators,
    SIAM J. Numer. Anal. 17 (1980). R. Schreiber and C. Van Loan, A storage-efficient WY representation for
    products of Householder transformations, SIAM J. Sci. Stat. Comput. 10 (1989). T from V^T V: C. Puglisi,
    Modification of the Householder method based on the compact WY representation, ibid. 13 (1992).
    """
    wide = shape[0] < shape[1]
    (rows, columns), (row, first) = (shape[::-1], offset[::-1]) if wide else (shape, offset)
    block = out.T if wide else out
    if not block.size:
        return
    work = _Work(rows, columns, normals, Blas(out.dtype, row_major=not wide))
    last = first + block.shape[1]
    for group in range(first // PANEL * PANEL, last, GROUP):
        low, high = max(group, first), min(group + GROUP, last)
        _fill(
            work, slice(row, row + len(block)), slice(low, high), gain, block[:, low - first : high - first]
        )


def _fill(work: _Work, rows: slice, columns: slice, gain: float, out: NDArray[Any]) -> None:
    """Rows and columns of gain Q, the columns in one group."""
    panels, signs = _group(work, columns.start // PANEL * PANEL, columns.stop)
    scale, tasks = signs * out.dtype.type(gain), []
    for start, q, _ in panels:
        low, high = max(start, columns.start), min(start + PANEL, columns.stop)
        block = out[:, low - columns.start : high - columns.start]
        tasks.append(partial(_scale, q[rows, low - start : high - start], scale[low:high], block))
    work.run(tasks)


def _scale(q: NDArray[Any], scale: NDArray[Any], out: NDArray[Any]) -> None:
    with np.errstate(all="ignore"):  # a gain may be infinite, or make subnormal numbers
        np.multiply(q, scale, out=out)


def _group(work: _Work, first: int, last: int) -> tuple[list[_Panel], NDArray[Any]]:
    """The panels from column ``first`` to ``last`` after H_1 ... H_n; the factors of all columns up to there."""
    panels = [work.panel(start) for start in range(first, last, PANEL)]
    end = panels[-1].start + panels[-1].q.shape[1]
    signs = np.empty(end, work.blas.dtype)
    with one_thread_per_call() as one_thread:
        following = [_reflectors(work, (end - 1) // work.width * work.width)]
        while following:
            h = following[0]
            signs[h.start : h.start + work.width] = h.signs
            results = work.run(_step(work, panels, h), pooled=one_thread)
            following = [result for result in results if result]
    return panels, signs


def _step(work: _Work, panels: list[_Panel], h: _Reflectors) -> Iterator[Callable[[], _Reflectors | None]]:
    """The next reflectors are made while these are applied."""
    if h.start:
        yield partial(_reflectors, work, h.start - work.width)
    for panel in panels:
        if h.start < panel.start + PANEL:
            yield partial(_apply, work.blas, h, panel)


class _Panel(NamedTuple):
    """Columns of Q from ``start`` on, and memory for two products with reflectors."""

    start: int
    q: NDArray[Any]
    products: tuple[NDArray[Any], NDArray[Any]]


class _Work:
    """The tall matrix, and memory for two panels of reflectors: one is applied while the next is made."""

    def __init__(self, m: int, n: int, normals: Normals, blas: Blas) -> None:
        self.m, self.n, self.normals, self.blas = m, n, normals, blas
        # wide reflector panels make better products, and more work on T; measured at 64 ... 2048 with OpenBLAS
        self.width = min(n, 64 if n < 1024 else 128)
        slots = range(min(2, -(-n // self.width)))
        self.v = [blas.memory(m * self.width) for _ in slots]
        self.t = [blas.memory(self.width**2) for _ in slots]

    def run(self, tasks: Iterable[Callable[[], Any]], *, pooled: bool = True) -> list[Any]:
        """The results of the tasks, on several threads where that helps."""
        return threads.run(tasks) if pooled and self.m * self.n >= _POOLED else [task() for task in tasks]

    def panel(self, start: int) -> _Panel:
        width, memory = min(PANEL, self.n - start), self.blas.memory
        q = self.blas.shaped(memory(self.m * width), self.m, width)
        return _Panel(start, q, (memory(self.width * width), memory(self.width * width)))


class _Reflectors(NamedTuple):
    """H_j ... H_(j+k-1) = 1 - V T V^T on the rows from j on; the factors of their columns."""

    start: int
    v: NDArray[Any]
    t: NDArray[Any]
    signs: NDArray[Any]


def _reflectors(work: _Work, start: int) -> _Reflectors:
    """V unscaled: its diagonal holds x_jj + phase ||x_j||, and 1 / T has v_j^T v_j / 2 there, v_i^T v_j above."""
    rows, width, slot = work.m - start, min(work.width, work.n - start), start // work.width % 2
    v, t = work.blas.shaped(work.v[slot], rows, width), work.blas.shaped(work.t[slot], width, width)
    work.normals(start, start, rows, width, v)
    np.copyto(v[:width], 0, where=~np.tri(width, dtype=np.bool_))
    signs, halves = _heads(v, _squares(v))
    work.blas.gemm(t, v, v, transpose_a=True)
    np.copyto(t, 0, where=np.tri(width, k=-1, dtype=np.bool_))
    np.einsum("ii->i", t)[...] = halves
    work.blas.invert_upper(t)
    return _Reflectors(start, v, t, signs)


def _squares(v: NDArray[Any]) -> NDArray[np.float64]:
    """Each column's sum of squares."""
    total = np.zeros(v.shape[1])
    for start in range(0, len(v), _SUMMED_ROWS):
        rows = v[start : start + _SUMMED_ROWS]
        total += np.einsum("ij,ij->j", rows, rows)
    return total


def _heads(v: NDArray[Any], squares: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Writes V's diagonal; the signs, and v_j^T v_j / 2 of what was written: H_j is orthogonal whatever was rounded."""
    diagonal = np.einsum("ii->i", v[: v.shape[1]])
    x = diagonal.astype(np.float64)
    phase = np.where(x < 0, -1.0, 1.0)
    lone = squares == 0
    lone[len(v) - 1 :] = True
    diagonal[...] = np.where(lone, 0, x + phase * np.sqrt(squares))
    halves = np.where(lone, 1, (squares - x * x + diagonal.astype(np.float64) ** 2) / 2)
    return np.where(lone, phase, -phase), halves


def _apply(blas: Blas, h: _Reflectors, panel: _Panel) -> None:
    """Panel = H Panel, where H's own columns, if the panel has them, are unit vectors still.

    On the rows from ``h.start`` on (columns before H's have zeros there, and stay as they are)::

                             H's columns   later columns
        rows of H's columns       1        0, unwritten so far
        rows below                0        values
    """
    column, width = h.start - panel.start, len(h.t)
    rows, memories = panel.q[h.start :], panel.products
    later = rows[:, max(0, column + width) :]
    if later.shape[1]:
        later[:width] = 0  # unwritten: no reflector so far has reached these rows
        w, tw = (blas.shaped(memory, width, later.shape[1]) for memory in memories)
        blas.gemm(w, h.v[width:], later[width:], transpose_a=True)
        blas.gemm(tw, h.t, w)
        blas.gemm(later, h.v, tw, alpha=-1, beta=1)
    if column >= 0:
        q, tw = rows[:, column : column + width], blas.shaped(memories[0], width, width)
        blas.gemm(tw, h.t, h.v[:width], transpose_b=True)
        blas.gemm(q, h.v, tw, alpha=-1)
        diagonal = np.einsum("ii->i", q[:width])
        diagonal += 1
