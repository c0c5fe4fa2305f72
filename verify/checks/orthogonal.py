"""orthogonal_: the backward error of the factorisation of the case's own normals, and the Haar law."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..cases import Case
from ..exact import sums
from ..formats import FORMATS, Reals
from ..reference import Haar
from .finding import Finding, Sample, decided, settled

Extended = npt.NDArray[np.floating]
# The promise, in units of eps ||A||. Norms of long columns add up more roundings: errors of Householder's QR grow
# like the root of their length (Higham & Mary 2019, 10.1137/18M1226312), so residual and orthonormality may too.
BACKWARD = 10.0
LONG = 1024


def _haar(sample: Sample) -> Haar:
    assert isinstance(sample.law, Haar)
    return sample.law


def _flat(sample: Sample, index: int) -> Extended:
    """A draw as a matrix of orthonormal columns, in extended precision, the gain taken out."""
    law = _haar(sample)
    flat = sample.draws[index].values.reshape(law.rows, law.columns).astype(np.longdouble) / law.gain
    return flat.T if law.rows < law.columns else flat


def normals_case(case: Case, law: Haar) -> Case:
    """The call that draws the matrix which orthogonal_ factorises."""
    return replace(
        case, function="normal_", shape=(law.rows, law.columns), parameters=(), layout="contiguous"
    )


def backward_errors(q: Extended, a: Reals, columns: list[int], work: type) -> dict[str, float]:
    """Distances from A = QR with orthonormal Q and upper R of positive diagonal, in those columns.

    Each is a Frobenius norm over that of the same columns of A (of I); `work` is the precision of the products,
    which must be finer than the weight's.
    """
    q = q.astype(work)
    some: Extended = np.asarray(a[:, columns], work)
    r = q.T @ some
    norm, one = _norm(some), np.eye(q.shape[1])[:, columns]
    below = np.arange(q.shape[1])[:, None] > np.array(columns)[None, :]
    diagonal = np.einsum("ij,ij->j", q.astype(np.float64), a)
    return {
        "strictly lower part": _norm(r * below) / norm,
        "residual": _norm(some - q @ r) / norm,
        "orthonormality": _norm(q.T @ q[:, columns] - one) / sqrt(len(columns)),
        "negative diagonal": float(max(0.0, -diagonal.min())) / norm,
    }


def _norm(matrix: Extended) -> float:
    return float(np.sqrt(np.square(matrix).sum()))


def _columns(dtype: str, number: int) -> tuple[list[int], type]:
    """All columns in double for float32; for float64 a few, in extended precision that no BLAS has."""
    if dtype == "float32":
        return list(range(number)), np.float64
    return sorted({int(i) for i in np.linspace(0, number - 1, 8)}), np.longdouble


def backward_error(sample: Sample) -> Finding:
    """Q^T A is upper triangular with a positive diagonal and Q orthonormal, to 10 eps."""
    law = _haar(sample)
    form = FORMATS[sample.case.dtype]
    case = normals_case(sample.case, law)
    worst, name = 0.0, "error"
    longer = max(1.0, sqrt(max(law.rows, law.columns) / LONG))
    for index, seed in enumerate(sample.seeds[:20]):
        normals = sample.subject.fill(case, seed).values.astype(np.float64)
        tall = normals.T if law.rows < law.columns else normals
        errors = backward_errors(_flat(sample, index), tall, *_columns(sample.case.dtype, tall.shape[1]))
        for key, error in errors.items():
            allowed = form.epsilon * (longer if key in ("residual", "orthonormality") else 1.0)
            if not error <= worst * allowed:  # also true for nan
                worst, name = error / allowed, key
    figure = f"{name} {worst:.2g} eps"
    return settled(sample, "backward error", worst <= BACKWARD, figure, worst / BACKWARD)


def diagonal_signs(sample: Sample) -> tuple[int, int]:
    """(negative, all) diagonal elements of Q^T A in the first draw."""
    law = _haar(sample)
    normals = sample.subject.fill(normals_case(sample.case, law), sample.seeds[0]).values.astype(np.float64)
    tall = normals.T if law.rows < law.columns else normals
    diagonal = np.einsum("ij,ij->j", _flat(sample, 0).astype(np.float64), tall)
    return int((diagonal < 0).sum()), diagonal.size


def haar(sample: Sample, share: float) -> Finding:
    """First and last entry follow the Beta law of a sphere's coordinate; determinants are fair coins."""
    law = _haar(sample)
    tall = [_flat(sample, index).astype(np.float64) for index in range(len(sample.draws))]
    side, draws = tall[0].shape[0], len(tall)
    p_values = []
    edges = np.linspace(-1.0, 1.0, 17)[1:-1]
    shape = (side - 1) / 2.0
    truth = (
        stats.beta.cdf((edges + 1.0) / 2.0, shape, shape)
        if side > 1
        else (edges > 0).astype(float) / 2 + 0.25
    )
    for row, column in ((0, 0), (-1, -1)):
        entries = np.sort(np.array([q[row, column] for q in tall]))
        observed = np.searchsorted(entries, edges, "right").astype(np.float64)
        p_values.append(4.0 * edges.size * float(sums.counts(observed, draws, truth, 1e-6).min()) / 2.0)
    figure = f"entries of {draws} draws"
    if law.rows == law.columns:
        positive = sum(float(np.linalg.det(q)) > 0 for q in tall)
        p_values.append(float(sums.counts(np.array([float(positive)]), draws, np.array([0.5]))[0]))
        figure = f"determinant positive in {positive} of {draws} draws"
    p_value = min(1.0, len(p_values) * min(p_values))
    shift = sums.detectable_shift(share / len(p_values), draws, 0.5)
    return decided(sample, "haar", p_value, share, figure, shift, "a probability off by {:.2g}")
