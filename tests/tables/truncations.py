"""Truncated normal laws of every regime, which the tests of their parameters and of their quantile function share."""

from __future__ import annotations

import itertools
from functools import cache
from typing import NamedTuple

import numpy as np

from refinit.streams.counter.truncation.parameters import TruncationParameters, truncation_parameters

INF = float("inf")
TYPES = ("float32", "float64", "float16", "bfloat16")


class Law(NamedTuple):
    mean: float
    std: float
    lo: float
    hi: float

    @property
    def mirrored(self) -> bool:
        return self.mean - self.lo > self.hi - self.mean

    @property
    def mirror(self) -> Law:
        return Law(-self.mean, self.std, -self.hi, -self.lo)


def placed(alpha: float, beta: float, std: float) -> list[Law]:
    """The law of N(0, 1) on [alpha, beta], scaled; with its mean at 0, and (mean outside) with a bound at 0."""
    laws = [Law(0.0, std, alpha * std, beta * std)]
    if np.isfinite(alpha) and alpha != 0:
        laws.append(Law(-alpha * std, std, 0.0, (beta - alpha) * std))
    return laws


#: Where the law's mass lies next to alpha, from one-sided to nearly uniform, down to widths of 1e-10.
EDGES = [-1.9, -0.3, 0.0, 0.4, 0.9, 1.1, 1.9, 2.45, 2.55, 4.0, 8.0, 30.0]
WIDTHS = [1e-10, 1e-3, 0.02, 0.3, 0.7, 1.5, 4.0, INF]
FAMILIES = {
    "edges": [law for a, w in itertools.product(EDGES, WIDTHS) for law in placed(a, a + w, 1.0)],
    "around-the-mean": [
        law
        for a, b in [(-2, 2), (-3.2, 3.2), (-3.5, 3.6), (-2.9, 8), (-0.43, 0.44), (-0.44, 0.43), (-100, 100)]
        for std in (1.0, 0.02)
        for law in placed(a, b, std)
    ],
    "both-infinite": [Law(0.0, 1.0, -INF, INF), Law(0.3, 0.02, -INF, INF)],
    "far": [law for a in (100.0, 1e4, 1e6) for law in placed(a, INF, 1.0)],
    "defaults": [
        Law(0.0, 1.0, -2.0, 2.0),
        Law(0.0, 0.02, -2.0, 2.0),
        Law(5.0, 1.0, 0.0, 2.0),
        Law(5.0, 2.0, 1.0, 2.0),
    ],
}
LAWS = [law for family in FAMILIES.values() for law in family]


@cache
def ready(law: Law, name: str) -> TruncationParameters | None:
    """None where the type has no value in the interval."""
    try:
        return truncation_parameters(*law, name)
    except ValueError as error:
        assert "widen [a, b]" in str(error)  # noqa: PT017 - the refusals have a test of their own
        return None


def laws_of(name: str, family: str | None = None) -> list[Law]:
    """The laws that have a value of the type."""
    return [law for law in (LAWS if family is None else FAMILIES[family]) if ready(law, name)]
