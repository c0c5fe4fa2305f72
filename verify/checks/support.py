"""Hard bounds: the right array, no value outside the law's support or on the excluded end, nothing written beside."""

from __future__ import annotations

import numpy as np

from ..cases.case import Case
from ..cases.formats import numpy_dtype
from .finding import Finding, Sample, exact_finding


def support(sample: Sample) -> Finding:
    """Every element finite, inside the bounds as the format stores them, and never the excluded end."""
    realised, x = sample.realised, sample.values
    bad = ~np.isfinite(x) | (x < realised.lowest) | (x > realised.highest)
    excluded = (x == realised.excluded) if realised.lowest < realised.excluded else np.zeros(x.size, bool)
    if bad.any():
        worst = x[bad][0]
        figure = f"{bad.sum()} of {x.size} outside [{realised.lowest:.9g}, {realised.highest:.9g}], first {worst:.9g}"
    elif excluded.any():
        figure = f"{excluded.sum()} of {x.size} on the excluded upper bound {realised.excluded:.9g}"
    else:
        figure = "inside its bounds"
    return exact_finding(sample, "support", not (bad.any() or excluded.any()), figure)


def outside(sample: Sample) -> Finding:
    """A sliced weight leaves the elements between its own alone."""
    spilled = any(draw.spilled for draw in sample.draws)
    figure = "wrote elements that are not the weight's" if spilled else "nothing else written"
    return exact_finding(sample, "outside", not spilled, figure)


def returned(sample: Sample) -> Finding:
    """Every draw is a NumPy array of the case's shape and dtype: other checks would not notice another."""
    mismatches = [mismatch for draw in sample.draws if (mismatch := _mismatch(draw.values, sample.case))]
    figure = mismatches[0] if mismatches else "the shape and dtype asked for"
    return exact_finding(sample, "returned", not mismatches, figure)


def _mismatch(values: object, case: Case) -> str:
    if not isinstance(values, np.ndarray):
        return f"returned {type(values).__name__}, expected a NumPy array of shape {case.shape}"
    if values.shape != case.shape:
        return f"returned shape {values.shape}, expected {case.shape}"
    dtype = numpy_dtype(case.dtype)
    return "" if values.dtype == dtype else f"returned dtype {values.dtype}, expected {dtype}"
