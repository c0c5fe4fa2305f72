"""The checks of one sample: which apply to which law, and which may fail by chance."""

from __future__ import annotations

from ..cases.case import Case
from ..cases.draws import draws_required
from ..laws.reference import Exactly, Haar, Law, Sparse, Uniform
from ..laws.streams import Stream
from . import dependence, moments, orthogonal, sparse, structure, support
from .finding import Exact, Statistical


def statistical_checks(case: Case, law: Law | None) -> list[Statistical]:
    """The checks that share the false_fail_rate."""
    if law is None or isinstance(law, Exactly):
        return []
    if isinstance(law, Haar):
        return [orthogonal.haar] if draws_required(case) > 1 else []
    if isinstance(law, Sparse):
        zeros_only = law.zeros >= case.shape[0]
        values: list[Statistical] = [] if zeros_only else [moments.mean, moments.variance, moments.cells]
        return [sparse.zeros, sparse.mask, *values]
    checks: list[Statistical] = [moments.mean, moments.variance, moments.cells, dependence.dependence]
    return [*checks, moments.extremes] if isinstance(law, Uniform) else checks


def exact_checks(case: Case, law: Law | None, stream: Stream) -> list[Exact]:
    """The checks that no chance can fail."""
    checks: list[Exact] = [support.outside] if case.layout == "sliced" else []
    if isinstance(law, Exactly):
        checks.append(structure.structure)
    elif isinstance(law, Haar):
        checks.append(orthogonal.backward_error if stream.factors_normals else orthogonal.orthonormality)
    elif law is not None:
        checks.append(support.support)
    return checks
