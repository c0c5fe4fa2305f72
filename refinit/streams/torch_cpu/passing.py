"""Passing a fill by: the stream is left where the fill would leave it, and nothing is computed but its last normal."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...dtypes import Element
from ...kernels.code.cpu_loader import kernel
from ...laws.law import Law, Normal, Orthogonal, Sparse, Uniform
from ..engine import Realise
from .chunks import words_per_real
from .mt19937 import Mt19937

_BLOCK = 16


def passed_by(element: Element, shape: tuple[int, ...], law: Law, *, contiguous: bool) -> Realise | None:
    """What moves an engine on as a fill of such memory would; None where that hangs on the values themselves.

    ``contiguous``: C order without gaps. The law is checked, and the memory has elements.
    """
    reals, words = math.prod(shape) * element.parts, words_per_real(element)
    if isinstance(law, Uniform):
        return lambda mt: _advance(mt, reals * words)
    normals = _normals(element, reals, words, contiguous=contiguous or isinstance(law, Orthogonal))
    if isinstance(law, (Normal, Orthogonal)):
        return normals
    if isinstance(law, Sparse):
        rows, columns = shape

        def pass_by(mt: Mt19937) -> None:
            normals(mt)
            _advance(mt, columns * max(rows - 1, 0))

        return pass_by
    return None


def _advance(mt: Mt19937, words: int) -> None:
    kernel("advance")(mt.cursor, words)


def _normals(element: Element, reals: int, words: int, *, contiguous: bool) -> Callable[[Mt19937], None]:
    if not contiguous or reals < _BLOCK:
        return lambda mt: _pass_one_by_one(mt, reals)
    rest = reals % _BLOCK
    # an incomplete block is drawn again over the last sixteen; torch's half types draw no uniforms for it before
    skipped = 0 if element.real.name in ("float16", "bfloat16") else rest
    total = reals - rest + (_BLOCK + skipped if rest else 0)
    return lambda mt: _advance(mt, total * words)


def _pass_one_by_one(mt: Mt19937, reals: int) -> None:
    """Pairs of two doubles; of the last one, its second normal waits if it is not used."""
    waiting = mt.waiting is not None
    pairs, last = divmod(reals - waiting, 2)
    scratch = np.empty(1)
    fill = kernel("normal_serial_float64")
    if waiting:
        fill(mt.cursor, mt.cache, scratch.ctypes.data, 1, 0.0, 1.0)
    _advance(mt, 4 * pairs)
    if last:
        fill(mt.cursor, mt.cache, scratch.ctypes.data, 1, 0.0, 1.0)
