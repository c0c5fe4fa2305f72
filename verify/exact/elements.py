"""The law of one real element as a dtype and a stream realise it, as a distribution function and quadrature nodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf, pi, sqrt
from typing import Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from ..formats import Format, Reals, rounded
from ..reference import Normal, TruncatedNormal, Uniform
from .streams import Stream

ElementLaw = Uniform | Normal | TruncatedNormal


class Realised(Protocol):
    """What the checks of moments and cells need to know of an element's law."""

    lowest: float  # no value lies below
    highest: float  # no value lies above
    excluded: float  # a value that never occurs, or nan
    slack: float  # probability by which any event may be off
    mean_slack: float  # distance by which the mean may be off
    square_slack: float  # the same for the mean square distance from the centre

    def below(self, x: Reals) -> Reals:
        """P(X < x)."""

    def up_to(self, x: Reals) -> Reals:
        """P(X <= x)."""

    def nodes(self) -> tuple[Reals, Reals]:
        """Points and weights that integrate over the law."""

    def edges(self, probabilities: Reals) -> Reals:
        """Points near those quantiles."""


@dataclass(frozen=True)
class Discrete:
    """A law on listed values with exact masses: what a two-byte format makes of a continuous law."""

    values: Reals
    masses: Reals
    lowest: float
    highest: float
    excluded: float
    slack: float
    mean_slack: float
    square_slack: float

    def _cumulative(self, x: Reals, side: str) -> Reals:
        sums = np.concatenate([[0.0], np.cumsum(self.masses)])
        return np.asarray(np.minimum(1.0, sums[np.searchsorted(self.values, x, side)]))  # type: ignore[call-overload]

    def below(self, x: Reals) -> Reals:
        """P(X < x)."""
        return self._cumulative(x, "left")

    def up_to(self, x: Reals) -> Reals:
        """P(X <= x)."""
        return self._cumulative(x, "right")

    def nodes(self) -> tuple[Reals, Reals]:
        """The values that have mass."""
        used = self.masses > 0
        return self.values[used], self.masses[used]

    def edges(self, probabilities: Reals) -> Reals:
        """The values at which the distribution function passes the probabilities."""
        index = np.searchsorted(np.cumsum(self.masses), probabilities)
        return np.unique(self.values[np.minimum(index, self.values.size - 1)])


@dataclass(frozen=True)
class Continuous:
    """A law with a density, in a format fine enough that rounding fits into the slacks."""

    law: ElementLaw
    lowest: float
    highest: float
    excluded: float
    slack: float
    mean_slack: float
    square_slack: float

    def below(self, x: Reals) -> Reals:
        """P(X < x)."""
        return distribution(self.law, x)

    up_to = below

    def nodes(self) -> tuple[Reals, Reals]:
        """Gauss-Legendre points, inside 12 standard deviations."""
        low, high = _interval(self.law)
        points, weights = _legendre()
        x = low + (points + 1.0) * (high - low) / 2.0
        if not isinstance(self.law, Uniform):
            weights = weights * np.exp(-0.5 * ((x - self.law.mean) / self.law.std) ** 2)
        return x, weights / weights.sum()

    def edges(self, probabilities: Reals) -> Reals:
        """The quantiles."""
        return quantiles(self.law, probabilities)


@cache
def _legendre() -> tuple[Reals, Reals]:
    points, weights = np.polynomial.legendre.leggauss(300)
    return points, weights


def _interval(law: ElementLaw) -> tuple[float, float]:
    if isinstance(law, Uniform):
        return law.low, law.high
    low, high = (law.low, law.high) if isinstance(law, TruncatedNormal) else (-inf, inf)
    return max(low, law.mean - 12.0 * law.std), min(high, law.mean + 12.0 * law.std)


def _standardised(law: TruncatedNormal) -> tuple[float, float, float]:
    """(alpha, beta, sign): the bounds in standard deviations, mirrored so that the smaller tail is used."""
    alpha, beta = (law.low - law.mean) / law.std, (law.high - law.mean) / law.std
    return (-beta, -alpha, -1.0) if alpha > 0 else (alpha, beta, 1.0)


def distribution(law: ElementLaw, x: Reals) -> Reals:
    """P(X <= x) of the continuous law."""
    if isinstance(law, Uniform):
        return np.clip((x - law.low) / (law.high - law.low), 0.0, 1.0)
    z = (x - law.mean) / law.std
    if isinstance(law, Normal):
        return np.asarray(ndtr(z))
    alpha, beta, sign = _standardised(law)
    z = np.clip(sign * z, alpha, beta)
    part = (ndtr(z) - ndtr(alpha)) / (ndtr(beta) - ndtr(alpha))
    return np.asarray(part if sign > 0 else 1.0 - part)


def quantiles(law: ElementLaw, probabilities: Reals) -> Reals:
    """The points below which those probabilities lie."""
    if isinstance(law, Uniform):
        return law.low + probabilities * (law.high - law.low)
    if isinstance(law, Normal):
        return np.asarray(law.mean + law.std * ndtri(probabilities))
    alpha, beta, sign = _standardised(law)
    part = probabilities if sign > 0 else 1.0 - probabilities
    return np.asarray(law.mean + sign * law.std * ndtri(ndtr(alpha) + part * (ndtr(beta) - ndtr(alpha))))


def component_law(law: ElementLaw, form: Format) -> ElementLaw:
    """The law of one real component: a complex normal shares its variance between two."""
    if form.kind == "complex" and isinstance(law, Normal):
        return Normal(law.mean, law.std / sqrt(2.0))
    return law


@lru_cache(maxsize=256)
def realise(law: ElementLaw, form: Format, stream: Stream, blocked: bool = True) -> Discrete | Continuous:
    """The law of one real component of a weight of that format drawn from that stream."""
    law = component_law(law, form)
    if form.is_half:
        from .half import realise_half

        return realise_half(law, form, stream, blocked)
    return _realise_fine(law, form, stream, blocked)


def spread(law: ElementLaw) -> float:
    """A length that measures the law: its standard deviation, or that of the untruncated law."""
    return (law.high - law.low) / sqrt(12.0) if isinstance(law, Uniform) else law.std


def _realise_fine(law: ElementLaw, form: Format, stream: Stream, blocked: bool) -> Continuous:
    low, high = support(law, form, stream, blocked)
    # float32: 24-bit grid of the uniforms, rounding of the result; 2**-20 leaves room for both in every moment.
    grid = 2.0**-20 if form.real == "float32" else 2.0**-40
    sigma = spread(law)
    rounding = form.epsilon * max(abs(low), abs(high)) + grid * sigma
    slack = (
        (rounding / sigma + 2.0**-22)
        if not isinstance(law, TruncatedNormal)
        else _rejection_slack(law, rounding)
    )
    excluded = rounded(law.high, form.real) if isinstance(law, Uniform) else float("nan")
    return Continuous(law, low, high, excluded, slack, rounding, 4.0 * rounding * sigma + grid * sigma**2)


def _rejection_slack(law: TruncatedNormal, rounding: float) -> float:
    """Log w of a uniform w = 0 is -inf and always accepts: 2**-24 per trial, over the acceptance rate."""
    mass = float(ndtr((law.high - law.mean) / law.std) - ndtr((law.low - law.mean) / law.std))
    peak = max(abs(law.low - law.mean), abs(law.high - law.mean)) / law.std
    density = (1.0 + peak) / (mass * sqrt(2.0 * pi))
    return rounding / law.std * density + 2.0**-20


def support(law: ElementLaw, form: Format, stream: Stream, blocked: bool) -> tuple[float, float]:
    """Hard bounds of one component, as the format stores them."""
    if isinstance(law, Normal):
        reach = stream.largest_normal(form.real, blocked) * law.std * (1.0 + 4.0 * form.epsilon)
        reach += form.epsilon * abs(law.mean)
        return law.mean - reach, law.mean + reach
    return rounded(law.low, form.real), rounded(law.high, form.real)
