"""Independence inside a fill and between fills that are related: neighbouring seeds, consecutive fills, substreams.

Two elements are compared by their sides (above the median or not) and by their sizes (outside of the quartiles or not:
a pair of Box-Muller shares its radius). Among disjoint pairs of independent elements those with both marked follow
Fisher's hypergeometric law given the numbers of marks, also where the law of single elements is wrong; Bonferroni over
all counts of a check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from ..cases.case import Case
from ..cases.formats import Reals, components
from ..cases.functions import FUNCTIONS
from ..laws import sums
from ..subjects import Filled
from .finding import Finding, Sample, statistical_finding

Marks = npt.NDArray[np.bool_]
Pairs = Iterable[tuple[str, Marks, Marks]]

_SIZE = 2**17
_DTYPES = ("float32", "float64", "bfloat16")
# Every case of this list is looked at inside, and between fills in as many ways as a subject may be related to itself.
CHECKS_LIMIT = 2 + 3
_LAGS = (1, 2, 3, 4, 5, 8, 16, 24, 32, 48, 64, 96, 128, 256, 512, 624, 1024, _SIZE // 2)
# A tile is what a vector register times the words of a counter hold: 16 lanes, 4 words.
_WORDS, _LANES = 4, 16
_SHIFTS = (0, 1, _LANES, _WORDS * _LANES)


def related_cases(cases: Iterable[Case]) -> tuple[Case, ...]:
    """What is looked at where those cases are: a vector of uniforms and one of normals of each real format there."""
    pairs = {(case.function, case.dtype) for case in cases}
    return tuple(
        Case(function, (_SIZE,), dtype)
        for function in ("uniform_", "normal_")
        for dtype in FUNCTIONS[function].dtypes
        if dtype in _DTYPES and (function, dtype) in pairs
    )


def _features(sample: Sample) -> list[tuple[str, Callable[[Reals], Marks]]]:
    """What is compared of two elements."""
    realised = sample.realised
    first, middle, third = (float(realised.edges(np.array([level]))[0]) for level in (0.25, 0.5, 0.75))
    return [("sides", lambda x: x > middle), ("sizes", lambda x: (x <= first) | (x > third))]


def lagged(marks: list[Marks]) -> Pairs:
    """Each fill with itself, so many elements further on."""
    for lag in (lag for lag in _LAGS if 2 * lag <= marks[0].size):
        blocks = np.concatenate([x[: x.size // (2 * lag) * 2 * lag].reshape(-1, 2, lag) for x in marks])
        yield f"lag {lag}", blocks[:, 0], blocks[:, 1]


def tiled(marks: list[Marks]) -> Pairs:
    """Lanes with lanes and words with words of the same tile."""
    tiles = np.concatenate([x.reshape(-1, _WORDS, _LANES) for x in marks])
    for i, j in combinations(range(_WORDS), 2):
        yield f"words {i} and {j}", tiles[:, i], tiles[:, j]
    for i, j in combinations(range(_LANES), 2):
        yield f"lanes {i} and {j}", tiles[:, :, i], tiles[:, :, j]


def between(marks: list[Marks]) -> Pairs:
    """The first fill with the second, the third with the fourth, in place and shifted against each other."""
    for shift in _SHIFTS:
        firsts = np.concatenate([x[: x.size - shift] for x in marks[::2]])
        yield f"shift {shift}", firsts, np.concatenate([x[shift:] for x in marks[1::2]])


def independence(
    sample: Sample, check: str, pairing: Callable[[list[Marks]], Pairs], share: float
) -> Finding:
    """The pairs agree as often as independent elements do."""
    values = [components(filled.values) for filled in sample.draws]
    outcomes = [
        (*_judged(a, b), f"{feature} at {name}")
        for feature, mark in _features(sample)
        for name, a, b in pairing([mark(x) for x in values])
    ]
    worst, figure, _, name = min(outcomes)
    fewest = min(pairs for _, _, pairs, _ in outcomes)
    power = sums.detectable_shift(share / len(outcomes), fewest, 0.5)
    p_value = min(1.0, len(outcomes) * worst)
    figure, unit = f"{name} {figure}", "agreement off by {:.2g}"
    return statistical_finding(sample, check, p_value, share, figure, power, unit)


def _judged(a: Marks, b: Marks) -> tuple[float, str, int]:
    """(p-value, outcome in words, number of pairs)."""
    n, first, second = a.size, int(np.count_nonzero(a)), int(np.count_nonzero(b))
    both = int(np.count_nonzero(a & b))
    agreeing, expected = ((n - first - second + 2 * number) / n for number in (both, first * second / n))
    p_value = sums.hypergeometric(both, first, second, n)
    return p_value, f"agree in {agreeing:.4f} of pairs, expected {expected:.4f}", n


def relations(sample: Sample, related: dict[str, list[Filled]], share: float) -> Iterator[Finding]:
    """Every check of one case: inside its fills, then between those that are related."""
    for check, pairing in (("lags", lagged), ("lanes and words", tiled)):
        yield independence(sample, check, pairing, share)
    for check, fills in related.items():
        finding = independence(replace(sample, draws=fills), check, between, share)
        yield replace(finding, replay="related")
