"""sparse_: the exact number of zeros in each column, every subset equally likely, columns independent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..laws import sums
from ..laws.reference import Sparse
from .finding import Finding, Sample, exact_finding, statistical_finding


def _masks(sample: Sample) -> npt.NDArray[np.bool_]:
    """Where the weights are zero: (draws, rows, columns)."""
    return np.stack([np.asarray(draw.values == 0) for draw in sample.draws])


def _law(sample: Sample) -> Sparse:
    assert isinstance(sample.law, Sparse)
    return sample.law


def zeros(sample: Sample, share: float) -> Finding:
    """No column has fewer zeros than asked; a normal that is itself zero is rare enough to be counted out."""
    law, columns = _law(sample), _masks(sample).sum(axis=1)
    realised = sample.realised
    excess = columns - law.zeros
    figure = f"columns have {columns.min()} to {columns.max()} zeros, asked {law.zeros}"
    if (excess < 0).any():
        return exact_finding(sample, "zeros", False, figure)
    at_zero = realised.up_to(np.zeros(1)) - realised.below(np.zeros(1))
    # Box-Muller gives an exact zero where a 24-bit uniform is zero; float16 also where the value underflows.
    chance = float(at_zero[0]) + 2.0**-22
    others = columns.size * (sample.case.shape[0] - law.zeros)
    p_value = float(stats.binom.sf(excess.sum() - 1, others, chance)) if excess.sum() else 1.0
    return statistical_finding(
        sample, "zeros", p_value, share, figure, 1.0, "{:.0f} zero too few in any column"
    )


def mask(sample: Sample, share: float) -> Finding:
    """Zeros per row are binomial; zeros shared by neighbouring columns hypergeometric."""
    law, masks = _law(sample), _masks(sample)
    rows = sample.case.shape[0]
    total = masks.shape[0] * masks.shape[2]
    per_row = masks.sum(axis=(0, 2)).astype(np.float64)
    singles = sums.binomial(per_row, total, np.full(rows, law.zeros / rows), 2.0**-22)
    p_value = 2.0 * rows * float(singles.min())
    shared, pairs = _shared(masks), masks.shape[0] * (masks.shape[2] // 2)
    if pairs:
        support = np.arange(law.zeros + 1, dtype=np.float64)
        weights = stats.hypergeom.pmf(support, rows, law.zeros, law.zeros)
        average, slack = shared / pairs, rows * 2.0**-21
        p_value = min(p_value, 2.0 * sums.chernoff(support, weights / weights.sum(), average, pairs, slack))
    ends = f"{per_row.min() / total:.3g} to {per_row.max() / total:.3g}"
    figure = f"zeros per row {ends} of the columns, asked {law.zeros / rows:.3g}"
    shift = sums.detectable_shift(share / (2 * rows), total, 0.5)
    return statistical_finding(
        sample, "mask", min(1.0, p_value), share, figure, shift, "a row's rate of zeros off by {:.2g}"
    )


def _shared(masks: npt.NDArray[np.bool_]) -> float:
    even = masks.shape[2] // 2 * 2
    return float((masks[:, :, 0:even:2] & masks[:, :, 1:even:2]).sum())
