"""Hard bounds: the right array, no value outside the law's support or on the excluded end, nothing written beside."""

from __future__ import annotations

import numpy as np

from ..cases.case import Case
from ..cases.formats import numpy_dtype
from .finding import Finding, Sample, settled


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
    return settled(sample, "support", not (bad.any() or excluded.any()), figure)


def outside(sample: Sample) -> Finding:
    """A sliced weight leaves the elements between its own alone."""
    spilled = any(draw.spilled for draw in sample.draws)
    figure = "wrote elements that are not the weight's" if spilled else "nothing else written"
    return settled(sample, "outside", not spilled, figure)


def returned(sample: Sample) -> Finding:
    """Every draw is a NumPy array of the case's shape and dtype: other checks would not notice another."""
    wrong = next((told for draw in sample.draws if (told := _mismatch(draw.values, sample.case))), "")
    return settled(sample, "returned", not wrong, wrong or "the shape and dtype asked for")


def _mismatch(values: object, case: Case) -> str:
    if not isinstance(values, np.ndarray):
        return f"returned {type(values).__name__}, expected a NumPy array of shape {case.shape}"
    if values.shape != case.shape:
        return f"returned shape {values.shape}, expected {case.shape}"
    wanted = numpy_dtype(case.dtype)
    return "" if values.dtype == wanted else f"returned dtype {values.dtype}, expected {wanted}"
