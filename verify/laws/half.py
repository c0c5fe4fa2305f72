"""Exact cell masses in the two-byte formats: each value has the mass of the reals that round to it."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from ..cases.formats import Format, Reals, all_values, numpy_dtype, rounded
from .elements import Discrete, ElementLaw, distribution, excluded_end, spread, support, truncation_slack
from .reference import Normal, TruncatedNormal, Uniform
from .streams import Stream


def realise_half(law: ElementLaw, form: Format, stream: Stream, largest_normal: float) -> Discrete:
    """The law of a two-byte element."""
    low, high = support(law, form, stream, largest_normal)
    values, masses = _cells(law, form.real, stream, low, high)
    # A cell gains or loses at most a grid point or two of the 2**-24 grid behind it.
    grid, sigma, slack, rounding = 2.0**-20, spread(law), 2.0**-21, 0.0
    if isinstance(law, TruncatedNormal) and stream.truncation == "rounded once":
        # Tails are narrow beside their distance from zero, which float32 rounds first.
        rounding = 2.0**-24 * max(abs(low), abs(high))
        slack = truncation_slack(law, rounding, stream)
    return Discrete(
        lowest=low,
        highest=high,
        excluded=excluded_end(law, form, stream),
        slack=slack,
        mean_slack=grid * sigma + rounding,
        square_slack=grid * sigma**2 + 4.0 * rounding * (high - low),
        values=values,
        masses=masses / masses.sum(),
    )


def _cells(law: ElementLaw, real: str, stream: Stream, low: float, high: float) -> tuple[Reals, Reals]:
    """Values and the masses of the reals that become them, as the stream rounds."""
    if isinstance(law, Uniform):
        return uniform_cells(law.low, law.high, real, stream)
    if isinstance(law, TruncatedNormal) and stream.truncation == "torch":
        return _as_torch_truncates(law, real, stream)
    values = _between(real, low, high)
    masses = rounding_masses if isinstance(law, Normal) else clipped_masses
    return values, masses(law, values, real)


def _between(real: str, low: float, high: float) -> Reals:
    values = all_values(real)
    return values[(values >= low) & (values <= high)]


def cell_edges(values: Reals, real: str) -> tuple[Reals, Reals]:
    """Lower and upper end of the reals that round to each value: midpoints to the neighbours in the format."""
    every = all_values(real)
    index = np.searchsorted(every, values)
    before = every[np.maximum(index - 1, 0)]
    after = every[np.minimum(index + 1, every.size - 1)]
    return (before + values) / 2.0, (after + values) / 2.0


def rounding_masses(law: ElementLaw, values: Reals, real: str) -> Reals:
    """Mass of each value when the law is rounded to nearest."""
    lower, upper = cell_edges(values, real)
    if isinstance(law, Normal):
        # Differences of the nearer tail: no cancellation far out.
        a, b = (lower - law.mean) / law.std, (upper - law.mean) / law.std
        return np.asarray(np.where(a > 0, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a)))
    return distribution(law, upper) - distribution(law, lower)


def clipped_masses(law: ElementLaw, values: Reals, real: str) -> Reals:
    """Mass of each value when the law is rounded to nearest and whatever lies beyond the last value moved onto it."""
    _, upper = cell_edges(values, real)
    return np.diff(np.concatenate([[0.0], distribution(law, upper[:-1]), [1.0]]))


def uniform_cells(low: float, high: float, real: str, stream: Stream) -> tuple[Reals, Reals]:
    """Values and masses of uniform_: drawn in float32, rounded, what lies at an end moved as the stream does."""
    law = Uniform(float(np.float32(low)), float(np.float32(high)))
    if stream.inside:
        values = _between(real, low, np.nextafter(high, -np.inf))
        return values, clipped_masses(law, values, real)
    values = _between(real, rounded(low, real), rounded(high, real))
    masses = rounding_masses(law, values, real)
    if values.size > 1:
        target = 0 if stream.end == "low" else -2
        masses[target] += masses[-1]
        masses[-1] = 0.0
    return values, masses


def _as_torch_truncates(law: TruncatedNormal, real: str, stream: Stream) -> tuple[Reals, Reals]:
    """torch redraws normals where more than 0.3 of them fall inside, and rejects uniforms elsewhere."""
    alpha, beta = (law.low - law.mean) / law.std, (law.high - law.mean) / law.std
    if ndtr(beta) - ndtr(alpha) > 0.3:
        values = _between(real, rounded(law.low, real), rounded(law.high, real))
        return values, rounding_masses(Normal(law.mean, law.std), values, real)
    values, masses = uniform_cells(law.low, law.high, real, stream)
    return values, masses * _acceptance(law, values, real, stream)


def _acceptance(law: TruncatedNormal, values: Reals, real: str, stream: Stream) -> Reals:
    """P(log w <= g(value)), each operation rounded to the format as torch's in-place operations round."""
    dtype = numpy_dtype(real)

    def stored(x: Reals) -> Reals:
        return np.asarray(x.astype(np.float32).astype(dtype).astype(np.float64))

    mode = max(law.low, min(law.mean, law.high))
    peak = -0.5 * ((mode - law.mean) / law.std) ** 2
    g = stored(values - rounded(law.mean, real))
    g = stored(g / float(np.float32(law.std)))
    g = stored(stored(g * g) * -0.5)
    g = stored(g - rounded(peak, real))
    w, mass = uniform_cells(0.0, 1.0, real, stream)
    with np.errstate(divide="ignore"):
        logs = stored(np.log(w))
    cumulative = np.concatenate([[0.0], np.cumsum(mass)])
    return np.asarray(cumulative[np.searchsorted(logs, g, "right")])
