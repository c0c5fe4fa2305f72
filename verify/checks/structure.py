"""Laws without chance: eye_, dirac_ and constants must be one exact array."""

from __future__ import annotations

import numpy as np

from ..cases.formats import FORMATS, numpy_dtype, rounded
from ..laws.reference import Exactly, expected_array
from .finding import Finding, Sample, exact_finding


def structure(sample: Sample) -> Finding:
    """Each element equals the expected one, rounded to the format."""
    law, case = sample.law, sample.case
    assert isinstance(law, Exactly)
    if law.kind == "constant" and FORMATS[case.dtype].kind in ("real", "complex"):
        law = Exactly("constant", rounded(law.parameter, FORMATS[case.dtype].real))
    expected = expected_array(case.shape, law).astype(numpy_dtype(case.dtype))
    wrong = np.flatnonzero(sample.draws[0].values != expected)
    if not wrong.size:
        return exact_finding(sample, "structure", True, "exact")
    coordinates = np.unravel_index(int(wrong[0]), case.shape) if case.shape else ()
    index = tuple(int(i) for i in coordinates)
    first = f"first {index}: {sample.draws[0].values[index]!s} instead of {expected[index]!s}"
    figure = f"{wrong.size} of {case.size} elements wrong, {first}"
    return exact_finding(sample, "structure", False, figure)
