"""Hard bounds: no value outside the law's support, none on the excluded end, nothing written beside the weight."""

from __future__ import annotations

import numpy as np

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
