"""BLAS by the pointers that scipy exports to Cython: in place, with any leading dimension, one thread per call."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._fork import after_fork, undivided

#: A cache line, and the widest vector register.
_ALIGNMENT = 64


@cache
def _openblas_threads() -> tuple[Any, Any] | None:
    """OpenBLAS's functions that get and set its number of threads; None where scipy has another library."""
    with undivided():
        library = ctypes.CDLL(import_module("scipy.linalg.cython_blas").__file__)
    for prefix in ("scipy_openblas", "openblas"):
        if hasattr(library, f"{prefix}_set_num_threads"):
            return getattr(library, f"{prefix}_get_num_threads"), getattr(
                library, f"{prefix}_set_num_threads"
            )
    return None


class _Callers:
    """How many want one thread per call at present, and how many threads a call had before."""

    number = threads_before = 0


_callers = _Callers()


@contextmanager
def one_thread_per_call() -> Iterator[bool]:
    """Whether OpenBLAS uses one thread per call meanwhile, in the whole process.

    Its own threads would make bits depend on their number, ignore ``set_num_threads``, and, where another program has
    one of the cores, wait for the last of them at every call.
    """
    if not (functions := _openblas_threads()):
        yield False
        return
    (get_threads, set_threads), callers, entered = functions, _callers, False
    try:
        # No lock, whose wait a signal could end. CPython runs a handler or another thread after a call has returned:
        # from a test to the call below it, and from one call to the next, the steps stay together.
        if not callers.number:
            callers.threads_before = get_threads()
        callers.number, entered = callers.number + 1, True
        set_threads(1)
        yield True
    finally:
        callers.number -= entered
        if entered and not callers.number and callers is _callers:
            set_threads(callers.threads_before)


def _forget_callers() -> None:
    """Threads of the parent that were inside when it forked are not in the child."""
    global _callers
    before, _callers = _callers, _Callers()
    if before.number and (functions := _openblas_threads()):
        functions[1](before.threads_before)


after_fork(_forget_callers)

_LETTERS = (ctypes.c_char_p, ctypes.c_char_p)
_INT = ctypes.POINTER(ctypes.c_int)


@cache
def _function(module: str, name: str, types: tuple[Any, ...]) -> Any:
    """A Fortran subroutine of the libraries that scipy carries, by the pointer it exports to Cython."""
    with undivided():
        capsule = import_module(module).__pyx_capi__[name]
    label = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", ctypes.pythonapi))(
        capsule
    )
    if b"int *" not in label:  # the type of its integers stands in the capsule's name
        raise RuntimeError(
            f"expected {name} with arguments of type int, got {label.decode()}: install another scipy"
        )
    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    address = pointer(("PyCapsule_GetPointer", ctypes.pythonapi))(capsule, label)
    return ctypes.CFUNCTYPE(None, *types)(address)


class Blas:
    """Matrices of one type and order, worked on where they lie with any leading dimension (scipy's wrappers copy)."""

    def __init__(self, dtype: np.dtype[Any], *, row_major: bool) -> None:
        self.dtype, self.row_major, letter = dtype, row_major, "s" if dtype.itemsize == 4 else "d"
        self._real: Any = ctypes.c_float if letter == "s" else ctypes.c_double
        matrix, real = (ctypes.c_void_p, _INT), ctypes.POINTER(self._real)
        types = (*_LETTERS, _INT, _INT, _INT, real, *matrix, *matrix, real, *matrix)
        self._gemm = _function("scipy.linalg.cython_blas", f"{letter}gemm", types)
        self._trtri = _function(
            "scipy.linalg.cython_lapack", f"{letter}trtri", (*_LETTERS, _INT, *matrix, _INT)
        )

    def memory(self, count: int) -> NDArray[Any]:
        """Uninitialised numbers from an aligned address on: BLAS may round otherwise at another alignment."""
        size = self.dtype.itemsize
        buffer = np.empty(count + _ALIGNMENT // size, self.dtype)
        skip = -buffer.ctypes.data % _ALIGNMENT // size
        return buffer[skip : skip + count]

    def shaped(self, memory: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
        """The beginning of ``memory`` as a matrix."""
        return memory[: rows * columns].reshape(rows, columns, order="C" if self.row_major else "F")

    def gemm(
        self,
        c: NDArray[Any],
        a: NDArray[Any],
        b: NDArray[Any],
        alpha: float = 1,
        beta: float = 0,
        *,
        transpose_a: bool = False,
        transpose_b: bool = False,
    ) -> None:
        """c = alpha a b + beta c, with a or b transposed; what c held is not read where beta = 0."""
        inner = a.shape[0] if transpose_a else a.shape[1]
        sides, shape = [(a, transpose_a), (b, transpose_b)], c.shape
        if self.row_major:  # BLAS sees the transposes
            sides, shape = sides[::-1], shape[::-1]
        letters = (b"NT"[transpose : transpose + 1] for _, transpose in sides)
        sizes = (ctypes.c_int(size) for size in (*shape, inner))
        first, second = (self._stored(matrix) for matrix, _ in sides)
        scales = self._real(alpha), self._real(beta)
        self._gemm(*letters, *sizes, scales[0], *first, *second, scales[1], *self._stored(c))

    def invert_upper(self, t: NDArray[Any]) -> None:
        """Replaces an upper triangular matrix by its inverse."""
        info = ctypes.c_int()
        self._trtri(b"L" if self.row_major else b"U", b"N", ctypes.c_int(len(t)), *self._stored(t), info)
        if info.value:
            raise RuntimeError(f"LAPACK's trtri refused its argument {info.value}: expected finite normals")

    def _stored(self, matrix: NDArray[Any]) -> tuple[int, Any]:
        stride = matrix.strides[0 if self.row_major else 1]
        return matrix.ctypes.data, ctypes.c_int(stride // self.dtype.itemsize)
