"""orthogonal_: orthonormality, the Haar law, agreement with a twin, and where a stream says so the factorisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf, isnan, sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..cases.formats import Reals
from ..laws import sums
from ..laws.reference import Haar
from ..laws.streams import normals_case
from .finding import Finding, Sample, exact_finding, statistical_finding

Extended = npt.NDArray[np.floating]
# The promise, in units of eps ||A||. Norms of long columns add up more roundings: errors of Householder's QR grow
# like the root of their length (Higham & Mary 2019, 10.1137/18M1226312), so residual and orthonormality may too:
# torch's own are 6 eps at a side of 256, 10 at 768, 10.6 at 1024.
ERROR_LIMIT = 10.0
UNSCALED_LENGTH = 256  # up to which no error is allowed to grow
MATRICES_LIMIT = 20  # draws that are looked at in full
_GROWING = ("residual", "orthonormality", "distance")


def _haar(sample: Sample) -> Haar:
    assert isinstance(sample.law, Haar)
    return sample.law


def _flat(sample: Sample, index: int) -> Extended:
    """A draw as a matrix of orthonormal columns, in extended precision, the gain taken out."""
    law = _haar(sample)
    flat = sample.draws[index].values.reshape(law.rows, law.columns).astype(np.longdouble) / law.gain
    return flat.T if law.rows < law.columns else flat


def _norm(matrix: Extended) -> float:
    return float(np.sqrt(np.square(matrix).sum()))


def _columns(dtype: str, number: int) -> tuple[list[int], type]:
    """All columns in double for float32; for float64 a few, in extended precision that no BLAS has."""
    if dtype != "float64":
        return list(range(number)), np.float64
    return sorted({int(i) for i in np.linspace(0, number - 1, 8)}), np.longdouble


def unorthonormality(q: Extended, columns: list[int], work: type) -> float:
    """Frobenius norm of those columns of Q^T Q - I over that of the same columns of I."""
    q = q.astype(work)
    return _norm(q.T @ q[:, columns] - np.eye(q.shape[1])[:, columns]) / sqrt(len(columns))


def factorisation_errors(q: Extended, a: Reals, columns: list[int], work: type) -> dict[str, float]:
    """Distances from A = QR with upper R of positive diagonal, in those columns.

    Each is a Frobenius norm over that of the same columns of A; `work` is the precision of the products, which must
    be finer than the weight's.
    """
    q = q.astype(work)
    selected: Extended = np.asarray(a[:, columns], work)
    r = q.T @ selected
    norm = _norm(selected)
    below = np.arange(q.shape[1])[:, None] > np.array(columns)[None, :]
    diagonal = np.einsum("ij,ij->j", q.astype(np.float64), a)
    return {
        "strictly lower part": _norm(r * below) / norm,
        "residual": _norm(selected - q @ r) / norm,
        "negative diagonal": float(np.maximum(0.0, -diagonal.min())) / norm,
    }


def _matrices(sample: Sample) -> Iterator[tuple[int, Extended, list[int], type]]:
    """(seed, Q, columns to look at, precision to look with) of the first draws."""
    for index, seed in enumerate(sample.seeds[:MATRICES_LIMIT]):
        q = _flat(sample, index)
        yield seed, q, *_columns(sample.case.dtype, q.shape[1])


def _judged(sample: Sample, check: str, errors: list[tuple[str, float]]) -> Finding:
    """The largest error decides; one that is no number is larger than any."""
    law, epsilon = _haar(sample), sample.form.epsilon
    growth = max(1.0, sqrt(max(law.rows, law.columns) / UNSCALED_LENGTH))
    scaled = [(error / (epsilon * (growth if name in _GROWING else 1.0)), name) for name, error in errors]
    worst, name = max((inf if isnan(error) else error, name) for error, name in scaled)
    finding = exact_finding(sample, check, worst <= ERROR_LIMIT, f"{name} {worst:.2g} eps")
    return replace(finding, nearness=worst / ERROR_LIMIT)


def orthonormality(sample: Sample) -> Finding:
    """Q has orthonormal columns, or rows where it is wide, to 10 eps."""
    errors = [unorthonormality(q, columns, work) for _, q, columns, work in _matrices(sample)]
    return _judged(sample, "orthonormality", [("orthonormality", error) for error in errors])


def agreement(sample: Sample, twin: Sample) -> Finding:
    """Q is the twin's to 10 eps, where it is a product of reflectors of the same numbers.

    Each depends on one column of normals, so Q is no more sensitive to rounding than a product is; the Q of a
    factorisation is, the more the nearer the normals come to a singular matrix. In the mean over columns, single
    precision was up to 6 eps away from the same in double at a side of 1024.
    """
    errors = []
    for index in range(len(sample.seeds[:MATRICES_LIMIT])):
        q = _flat(sample, index)
        errors.append(("distance", _norm(q - _flat(twin, index)) / sqrt(q.shape[1])))
    return replace(_judged(sample, "agreement", errors), replay="distance")


def _normals(sample: Sample, seed: int) -> Reals:
    """The tall matrix that the same seed's normals make."""
    law = _haar(sample)
    normals = sample.subject.fill(normals_case(sample.case, law), seed).values.astype(np.float64)
    return normals.T if law.rows < law.columns else normals


def backward_error(sample: Sample) -> Finding:
    """Q^T A is upper triangular with a positive diagonal and Q orthonormal, to 10 eps."""
    errors: list[tuple[str, float]] = []
    for seed, q, columns, work in _matrices(sample):
        errors += factorisation_errors(q, _normals(sample, seed), columns, work).items()
        errors.append(("orthonormality", unorthonormality(q, columns, work)))
    return _judged(sample, "backward error", errors)


def diagonal_signs(sample: Sample) -> tuple[int, int]:
    """(negative, all) diagonal elements of Q^T A in the first draw."""
    normals = _normals(sample, sample.seeds[0])
    diagonal = np.einsum("ij,ij->j", _flat(sample, 0).astype(np.float64), normals)
    return int((diagonal < 0).sum()), diagonal.size


def haar(sample: Sample, share: float) -> Finding:
    """First and last entry follow the Beta law of a sphere's coordinate; square ones have Haar's traces and signs."""
    law, epsilon = _haar(sample), sample.form.epsilon
    tall = np.stack([_flat(sample, index).astype(np.float64) for index in range(len(sample.draws))])
    if not np.isfinite(tall).all():
        outcomes = [(0.0, "some entries are not finite")]
    else:
        outcomes = list(_entries(tall))
        if law.rows == law.columns:
            outcomes += [_determinants(tall), _trace(tall, epsilon), _trace_of_square(tall, epsilon)]
    worst, figure = min(outcomes)
    shift = sums.detectable_shift(share / len(outcomes), len(tall), 0.5)
    p_value = min(1.0, len(outcomes) * worst)
    return statistical_finding(sample, "haar", p_value, share, figure, shift, "a probability off by {:.2g}")


def _entries(tall: Reals) -> Iterator[tuple[float, str]]:
    draws, side, _ = tall.shape
    edges = np.linspace(-1.0, 1.0, 17)[1:-1]
    shape = (side - 1) / 2.0
    # A side of 1 leaves only -1 and 1.
    truth = stats.beta.cdf((edges + 1.0) / 2.0, shape, shape) if side > 1 else np.full(edges.size, 0.5)
    for index in ((0, 0), (-1, -1)):
        entries = np.sort(tall[:, *index])
        observed = np.searchsorted(entries, edges, "right").astype(np.float64)
        p_value = edges.size * float(sums.binomial(observed, draws, truth, 1e-6).min())
        yield p_value, f"entries {index} of {draws} draws"


def _determinants(tall: Reals) -> tuple[float, str]:
    """Fair coins."""
    positive = int((np.linalg.det(tall) > 0).sum())
    p_value = float(sums.binomial(np.array([float(positive)]), len(tall), np.array([0.5]))[0])
    return p_value, f"determinant positive in {positive} of {len(tall)} draws"


def _trace(tall: Reals, epsilon: float) -> tuple[float, str]:
    """E tr Q = 0, and tr Q is sub-Gaussian with variance 1.

    E (tr Q)^2k is the dimension of the tensors of degree 2k that O(n) leaves alone; the (2k - 1)!! pairings of indices
    span them (Weyl 1939, The Classical Groups), so it is at most their number, which is the moment of a standard
    normal. Odd moments vanish. Hence E exp(t tr Q) is at most exp(t^2 / 2).
    """
    average = float(np.einsum("kii->k", tall).mean())
    distance = max(0.0, abs(average) - 10.0 * epsilon * tall.shape[1])
    return sums.sub_gaussian(distance, len(tall), 1.0), f"mean trace {average:+.3g} in {len(tall)} draws"


def _trace_of_square(tall: Reals, epsilon: float) -> tuple[float, str]:
    """E tr Q^2 = 1, and its variance is 2: |tr Q^2| <= n makes it Bernstein's case.

    In the way of `_trace`, E (tr Q^2)^2 is the trace of the permutation (1 2)(3 4) on the pairings of four indices,
    which are independent from n = 2 on; it leaves all three as they are.
    """
    side = tall.shape[1]
    average = float(np.einsum("kij,kji->k", tall, tall).mean())
    distance = max(0.0, abs(average - 1.0) - 20.0 * epsilon * side)
    p_value = sums.bernstein(distance, len(tall), 2.0 if side > 1 else 0.0, side + 1.0)
    return p_value, f"mean trace of the square {average:.3g} in {len(tall)} draws"
