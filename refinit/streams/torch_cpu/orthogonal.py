"""orthogonal_: the QR factor of a normal matrix, its signs fixed (Mezzadri 2007, arXiv:math-ph/0609050, section 4).

LAPACK rounds differently from build to build, so torch tensors are factorised by torch, which gives them torch's bits;
NumPy arrays by scipy's LAPACK, without torch.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _torch
from ..._fork import undivided
from ...arrays.opening import target_of
from ...arrays.target import Target
from ...kernels.code.cpu_loader import kernel
from ...laws.law import Normal, Orthogonal
from .elementwise import fill_normal
from .mt19937 import Mt19937


def _check_flat(target: Target) -> None:
    """torch flattens the trailing axes by a view; where their strides allow none it refuses, and so do we."""
    axes = [(n, s) for n, s in zip(target.shape[1:], target.strides[1:], strict=True) if n != 1]
    for (_, outer), (length, inner) in pairwise(axes):
        if outer != length * inner:
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
                "two contiguous subspaces): expected trailing axes that flatten without a copy, got shape "
                f"{target.shape} with byte strides {target.strides}; initialise an array in C order and copy it over"
            )


def fill_orthogonal(target: Target, law: Orthogonal, mt: Mt19937) -> None:
    """A = N(0, 1) of shape (rows, rest) in C order; the Q of its QR (transposed where wide), R's diagonal positive."""
    _check_flat(target)
    rows, gain = target.shape[0], target.element.rounded(law.gain)
    flat = target.array.reshape(rows, target.size // rows)
    normals = flat if target.contiguous else np.empty(flat.shape, target.element.dtype)
    fill_normal(target_of(normals), Normal(0.0, 1.0), mt)
    if _torch.is_tensor(target.owner):
        _factorise_by_torch(normals, gain, flat)
        return
    if rows < flat.shape[1]:
        # LAPACK works on columns: as they lie, the rows are the columns of the transpose
        q, diagonal = _qr(normals.T.copy(order="F"))
        np.multiply(q.T, _scale(diagonal, gain)[:, None], out=flat)
        return
    columns = np.empty(flat.shape[::-1], flat.dtype)
    _transpose(normals, columns, np.ones(rows, flat.dtype))
    q, diagonal = _qr(columns.T)
    scale = _scale(diagonal, gain)
    if target.contiguous:
        _transpose(q.T, flat, scale)
    else:
        np.multiply(q, scale, out=flat)


def _factorise_by_torch(normals: NDArray[Any], gain: float, out: NDArray[Any]) -> None:
    q, r = (target_of(factor).array for factor in _torch.qr(normals))
    scale = _scale(r.diagonal(), gain)
    if out.shape[0] < out.shape[1]:
        np.multiply(q.T, scale[:, None], out=out)
    else:
        np.multiply(q, scale, out=out)


def _scale(diagonal: NDArray[Any], gain: float) -> NDArray[Any]:
    """What each column of Q is multiplied by: the sign that makes R's diagonal positive, and the gain."""
    scale: NDArray[Any] = np.sign(diagonal) * diagonal.dtype.type(gain)
    return scale


def _transpose(source: NDArray[Any], out: NDArray[Any], scale: NDArray[Any]) -> None:
    """out[r, c] = source[c, r] * scale[c]; both in C order."""
    rows, columns = out.shape
    kernel(f"scaled_transpose_{out.dtype.name}")(
        source.ctypes.data, out.ctypes.data, rows, columns, scale.ctypes.data
    )


def _qr(matrix: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The thin Q and R's diagonal; overwrites the matrix, which has at least as many rows as columns."""
    with undivided():
        from scipy.linalg import get_lapack_funcs

    geqrf, orgqr = get_lapack_funcs(("geqrf", "orgqr"), (matrix,))
    *_, work, _ = geqrf(matrix, lwork=-1, overwrite_a=True)  # a query: nothing is written
    factored, tau, _, info = geqrf(matrix, lwork=_length(work), overwrite_a=True)
    diagonal = factored.diagonal().copy()
    *_, work, _ = orgqr(factored, tau, lwork=-1, overwrite_a=True)
    q, _, info_q = orgqr(factored, tau, lwork=_length(work), overwrite_a=True)
    if info or info_q:
        raise RuntimeError(f"LAPACK refused its arguments: geqrf {info}, orgqr {info_q}")
    return q, diagonal


def _length(work: NDArray[Any]) -> int:
    # float32 rounds large lengths, possibly down
    return int(np.nextafter(np.float32(work[0]), np.float32(np.inf)))
