"""Laws of one real element: distribution functions, quadrature nodes, and the bounds that formats and streams give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache, cached_property
from math import exp, inf, pi, sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from ..cases.formats import Format, Reals, inner_bounds, rounded
from .reference import Normal, TruncatedNormal, Uniform
from .streams import Stream

ElementLaw = Uniform | Normal | TruncatedNormal
# Beyond 12 standard deviations lies less than 1e-32 of a normal law.
REACH = 12.0


@dataclass(frozen=True)
class Realised(ABC):
    """What the checks of moments and cells need to know of an element's law."""

    lowest: float  # no value lies below
    highest: float  # no value lies above
    excluded: float  # a value that never occurs, or nan
    slack: float  # probability by which any event may be off
    mean_slack: float  # distance by which the mean may be off
    square_slack: float  # the same for the mean square distance from the centre

    @abstractmethod
    def below(self, x: Reals) -> Reals:
        """P(X < x)."""

    @abstractmethod
    def up_to(self, x: Reals) -> Reals:
        """P(X <= x)."""

    @abstractmethod
    def nodes(self) -> tuple[Reals, Reals]:
        """Points and weights that integrate over the law."""

    @abstractmethod
    def edges(self, probabilities: Reals) -> Reals:
        """Points near those quantiles."""


@dataclass(frozen=True)
class Discrete(Realised):
    """A law on listed values with exact masses: what a two-byte format makes of a continuous law."""

    values: Reals
    masses: Reals

    @cached_property
    def _sums(self) -> Reals:
        return np.asarray(np.minimum(1.0, np.concatenate([[0.0], np.cumsum(self.masses)])))

    def _cumulative(self, x: Reals, side: str) -> Reals:
        return np.asarray(self._sums[np.searchsorted(self.values, x, side)])  # type: ignore[call-overload]

    def below(self, x: Reals) -> Reals:
        """P(X < x)."""
        return self._cumulative(x, "left")

    def up_to(self, x: Reals) -> Reals:
        """P(X <= x)."""
        return self._cumulative(x, "right")

    @cached_property
    def _grouped(self) -> tuple[Reals, Reals]:
        """The values that have mass, neighbours within 2**-11 standard deviations put on their centre of mass.

        Most values of a two-byte format lie so near zero that one node serves for thousands. The mean stays, the
        variance loses less than 2**-24 of itself, a sixteenth of what `square_slack` allows.
        """
        used = self.masses > 0
        values, masses = self.values[used], self.masses[used]
        middle = float(masses @ values)
        width = 2.0**-11 * sqrt(float(masses @ (values - middle) ** 2))
        if not width:
            return values, masses
        starts = np.flatnonzero(np.diff(np.floor((values - values[0]) / width), prepend=-1.0))
        sums = np.add.reduceat(masses, starts)
        return np.add.reduceat(masses * (values - middle), starts) / sums + middle, sums

    def nodes(self) -> tuple[Reals, Reals]:
        """Points with masses that have the moments of the law."""
        return self._grouped

    def edges(self, probabilities: Reals) -> Reals:
        """The values at which the distribution function passes the probabilities."""
        index = np.searchsorted(self._sums[1:], probabilities)
        return np.unique(self.values[np.minimum(index, self.values.size - 1)])


@dataclass(frozen=True)
class Continuous(Realised):
    """A law with a density, in a format fine enough that rounding fits into the slacks."""

    law: ElementLaw

    def below(self, x: Reals) -> Reals:
        """P(X < x)."""
        return distribution(self.law, x)

    def up_to(self, x: Reals) -> Reals:
        """The same: no value has mass."""
        return distribution(self.law, x)

    def nodes(self) -> tuple[Reals, Reals]:
        """Gauss-Legendre points, inside 12 standard deviations around the mode."""
        low, high = interval(self.law)
        points, weights = _legendre()
        x = low + (points + 1.0) * (high - low) / 2.0
        if not isinstance(self.law, Uniform):
            exponents = -0.5 * ((x - self.law.mean) / self.law.std) ** 2
            weights = weights * np.exp(exponents - exponents.max())  # far out all would underflow
        return x, weights / weights.sum()

    def edges(self, probabilities: Reals) -> Reals:
        """The quantiles."""
        return quantiles(self.law, probabilities)


@cache
def _legendre() -> tuple[Reals, Reals]:
    points, weights = np.polynomial.legendre.leggauss(300)
    return points, weights


def interval(law: ElementLaw) -> tuple[float, float]:
    """Where its mass lies: between its bounds, and within 12 standard deviations of its mode."""
    if isinstance(law, Uniform):
        return law.low, law.high
    low, high = (law.low, law.high) if isinstance(law, TruncatedNormal) else (-inf, inf)
    mode = max(low, min(law.mean, high))
    return max(low, mode - REACH * law.std), min(high, mode + REACH * law.std)


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


def spread(law: ElementLaw) -> float:
    """A length that measures the law: its standard deviation, or that of the untruncated law."""
    return (law.high - law.low) / sqrt(12.0) if isinstance(law, Uniform) else law.std


def truncation_slack(law: TruncatedNormal, rounding: float, stream: Stream) -> float:
    """The rounding times the largest density, and a grid's point.

    Where torch rejects, log w of w = 0 is -inf and always accepts: 2**-24 per trial, over the acceptance rate.
    """
    alpha, beta, _ = _standardised(law)
    mass = float(ndtr(beta) - ndtr(alpha))
    peak = max(abs(bound - law.mean) for bound in interval(law)) / law.std
    # Mirrored, so that the mode lies at the mean or at the upper bound.
    height = 1.0 + peak if stream.truncation == "torch" else exp(-0.5 * min(0.0, beta) ** 2)
    return rounding / law.std * height / (mass * sqrt(2.0 * pi)) + 2.0**-20


def excluded_end(law: ElementLaw, form: Format, stream: Stream) -> float:
    """The bound of a uniform law as the format stores it, where that value must not occur; else nan.

    A stream that keeps inside of [a, b) may use a stored bound that is less than b itself.
    """
    if not isinstance(law, Uniform):
        return float("nan")
    stored = rounded(law.high, form.real)
    return float("nan") if stream.inside and stored < law.high else stored


def support(law: ElementLaw, form: Format, stream: Stream, largest_normal: float) -> tuple[float, float]:
    """Hard bounds of one component, as the format stores them."""
    if isinstance(law, Normal):
        reach = largest_normal * law.std * (1.0 + 4.0 * form.epsilon)
        reach += form.epsilon * abs(law.mean)
        return law.mean - reach, law.mean + reach
    if stream.inside and (form.is_half or isinstance(law, TruncatedNormal)):
        return inner_bounds(law.low, law.high, form.real)
    return rounded(law.low, form.real), rounded(law.high, form.real)
