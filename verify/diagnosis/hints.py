"""What a failure looks like: known mistakes recognised in the values, and a reproducer to paste."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor, prod, sqrt

import numpy as np

from ..cases.formats import components
from ..checks.bits import differing, first_difference
from ..checks.finding import Finding, Sample
from ..checks.moments import has_atoms
from ..checks.orthogonal import backward_error, diagonal_signs
from ..laws import reference
from .reproduce import reproducer

# Elements that show the shape of a law.
_ENOUGH = 500
# Draws of a matrix that all have the same sign by chance once in half a million times.
_MANY = 20
# A recognised factor must explain the standard deviation this much better than chance would.
_STANDARD_ERRORS = 5.0


def diagnosed(finding: Finding, ours: Sample, theirs: Sample | None) -> Finding:
    """The finding with a diagnosis and a reproducer where it failed."""
    if finding.verdict != "fail":
        return finding
    hints = dict.fromkeys(() if finding.check == "returned" else _hints(finding, ours, theirs))
    return replace(finding, diagnosis="; ".join(hints), reproducer=reproducer(finding, ours, theirs))


def _hints(finding: Finding, ours: Sample, theirs: Sample | None) -> Iterator[str]:
    law = ours.law
    if not isinstance(law, reference.Exactly | None) and _repeats(ours):
        yield "equal draws from different seeds: seed ignored?"
    if isinstance(law, reference.Exactly):
        yield from _structural(ours, law)
    elif isinstance(law, reference.Sparse):
        yield from _sparse(ours, law)
    elif isinstance(law, reference.Haar):
        yield from _orthogonal(ours)
    elif law is not None:
        yield from _scale(ours)
    if theirs is not None:
        yield from _compared(finding, ours, theirs)


def _repeats(sample: Sample) -> bool:
    """Whether the first two draws are one; of few values they may be by chance."""
    if len(sample.draws) < 2 or sample.draws[0].values.nbytes < 16:
        return False
    return not differing(*sample.draws[:2]).size


def factors(sample: Sample) -> Iterator[tuple[str, float]]:
    """Known mistakes of scale and the factor each puts on the standard deviation."""
    case, named = sample.case, sample.case.named
    if case.function == "normal_":
        yield "std squared?", named.get("std", 1.0)
    if "xavier" not in case.function and "kaiming" not in case.function:
        return
    fan_in, fan_out = reference.fans(case.shape)
    gain = named.get("gain", 1.0)
    if "kaiming" in case.function:
        gain = reference.gain(named.get("nonlinearity", "leaky_relu"), named.get("a", 0.0))
        mode = named.get("mode", "fan_in")
        other = "fan_out" if mode == "fan_in" else "fan_in"
        ratio = sqrt(fan_in / fan_out)
        yield f"matches {other}: fans swapped?", ratio if mode == "fan_in" else 1 / ratio
        average = (fan_in + fan_out) / 2
        yield "matches the average fan", sqrt((fan_in if mode == "fan_in" else fan_out) / average)
        if named.get("nonlinearity", "leaky_relu") == "leaky_relu" and named.get("a"):
            yield "matches a = 0: is a ignored?", sqrt(2.0) / gain
            yield "matches a = 0.01: is a ignored?", reference.gain("leaky_relu") / gain
    yield "matches fans without the receptive field", sqrt(prod(case.shape[2:]))
    yield "gain applied twice?", gain
    yield "gain ignored?", 1 / gain
    yield "matches std as the bound: sqrt(3) missing?", 1 / sqrt(3.0)
    yield "sqrt(3) too many?", sqrt(3.0)
    yield "factor sqrt(2)", sqrt(2.0)
    yield "factor 1/sqrt(2)", 1 / sqrt(2.0)
    yield (
        "variance in place of std?",
        sample.component_law.std if hasattr(sample.component_law, "std") else 0.0,
    )


def _scale(sample: Sample) -> Iterator[str]:
    points, weights = sample.realised.nodes()
    middle = float(weights @ points)
    expected = sqrt(float(weights @ (points - middle) ** 2))
    x = sample.values[np.isfinite(sample.values)]
    if x.size < sample.values.size:
        yield f"{sample.values.size - x.size} elements are nan: not written?"
    if not x.size or not expected:
        return
    yield from _location(sample, x, middle, expected)
    yield from _shape(sample, x)
    ratio, error = float(x.std()) / expected, 1.0 / sqrt(2.0 * x.size)
    if abs(ratio - 1) < _STANDARD_ERRORS * error:
        return
    matching = [
        text
        for text, factor in factors(sample)
        if abs(factor - 1) > error and abs(factor / ratio - 1) < _STANDARD_ERRORS * error
    ]
    yield "; ".join([f"std is {ratio:.4g} of the expected", *matching[:2]])


def _location(
    sample: Sample, x: np.ndarray[tuple[int], np.dtype[np.float64]], middle: float, expected: float
) -> Iterator[str]:
    if has_atoms(sample):
        yield "values pile up on the bounds: clamped instead of truncated?"
    highest = sample.realised.excluded
    if sample.realised.lowest < highest and x.max() == highest:
        yield "the excluded upper bound occurs: upper bound included?"
    shift = (float(x.mean()) - middle) / expected
    if abs(shift) > _STANDARD_ERRORS / sqrt(x.size):
        zero = middle and abs(float(x.mean())) < _STANDARD_ERRORS * expected / sqrt(x.size)
        yield f"mean is off by {shift:+.3g} std{': mean ignored?' if zero else ''}"
    half = x.size // len(sample.draws) // 2
    if half > 8 and np.array_equal(x[:half], x[half : 2 * half]):
        yield "the second half repeats the first: stream duplicated?"


def _shape(sample: Sample, x: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterator[str]:
    """A uniform law in the place of a normal one, and the other way round, by the fourth moment: 1.8 against 3."""
    law, std = sample.component_law, float(x.std())
    if x.size < _ENOUGH or not std:
        return
    z = (x - x.mean()) / std
    fourth = float(np.square(z * z).mean())
    if isinstance(law, reference.Normal) and abs(fourth - 1.8) < 0.15 and float(np.abs(z).max()) < 2.0:
        yield "looks uniform instead of normal"
    if isinstance(law, reference.Uniform) and abs(fourth - 3.0) < 0.6:
        yield "looks normal instead of uniform"


def _structural(sample: Sample, law: reference.Exactly) -> Iterator[str]:
    values, shape = sample.draws[0].values, sample.case.shape
    if law.kind != "dirac":
        return
    if law.parameter != 1 and np.array_equal(
        values, reference.expected_array(shape, reference.Exactly("dirac", 1))
    ):
        yield "matches groups = 1: groups ignored?"
    taps = {tuple(int(i) for i in place[2:]) for place in np.argwhere(values == 1)}
    if taps == {tuple((size - 1) // 2 for size in shape[2:])} and any(size % 2 == 0 for size in shape[2:]):
        yield "centre at (k - 1) // 2 instead of k // 2 in an even kernel"


def _sparse(sample: Sample, law: reference.Sparse) -> Iterator[str]:
    mask = np.asarray(sample.draws[0].values == 0)
    rows, columns = sample.case.shape
    wanted = sample.case.named["sparsity"]
    per_column, per_row = mask.sum(axis=0), mask.sum(axis=1)
    if law.zeros not in (0, rows) and (mask == mask[:, :1]).all() and columns > 1:
        yield "the same zeros in every column: mask reused?"
    if floor(wanted * rows) != law.zeros and (per_column == floor(wanted * rows)).all():
        yield f"every column has {floor(wanted * rows)} zeros: floor instead of ceil?"
    if (per_row == ceil(wanted * columns)).all() and not (per_column == law.zeros).all():
        yield "zeros are exact per row instead of per column"


def _orthogonal(sample: Sample) -> Iterator[str]:
    yield from _one_sign(sample)
    if not sample.subject.stream.factors_normals or backward_error(sample).verdict != "fail":
        return
    negative, number = diagonal_signs(sample)
    if negative:
        yield f"{negative} of {number} diagonal elements of Q^T A are negative: sign not fixed?"


def _one_sign(sample: Sample) -> Iterator[str]:
    """LAPACK's Q has a first entry, and a determinant, of one sign."""
    q = np.stack([filled.values.reshape(sample.case.shape[0], -1) for filled in sample.draws]).astype(float)
    if len(q) < _MANY or not np.isfinite(q).all():
        return
    for told, signs in (("first entry", q[:, 0, 0] > 0), ("determinant", _determinants(q) > 0)):
        if signs.size and signs.all() == signs.any():
            yield f"the {told} is {'positive' if signs[0] else 'negative'} in every draw: sign not fixed?"
            return


def _determinants(
    q: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.linalg.det(q) if q.shape[1] == q.shape[2] else np.empty(0)


def _compared(finding: Finding, ours: Sample, theirs: Sample) -> Iterator[str]:
    pairs = list(zip(ours.draws, theirs.draws, ours.seeds, strict=True))
    one, other, seed = next((pair for pair in pairs if differing(*pair[:2]).size), pairs[0])
    if finding.check == "state":
        yield "the generator ends elsewhere" + (
            ": not advanced?" if one.state == theirs.subject.untouched(seed) else ""
        )
    places = differing(one, other)
    if finding.check not in ("bits", "state") and not places.size:
        yield f"{theirs.subject.name} has the same values, and fails alike"
    if finding.check != "bits" or not places.size:
        return
    if places.size < one.values.size and places[0] >= one.values.size - 16 and one.values.size > 16:
        yield "only elements among the last 16 differ: tail not redrawn?"
    mine, right = components(one.values), components(other.values)
    if places.size > 1 and np.array_equal(np.sort(mine), np.sort(right)):
        same = np.array_equal(mine, components(other.values.reshape(-1).reshape(one.values.shape[::-1]).T))
        yield "the twin's values, transposed" if same else "the twin's values in another order"
    elif np.isfinite(mine).all() and _near(mine, right, ours.form.epsilon):
        yield "all within 4 units in the last place: order of operations in a bound, or a missing fma?"
    elif difference := first_difference(one, other):
        yield f"first difference at {difference.index}"


def _near(
    mine: np.ndarray[tuple[int], np.dtype[np.float64]],
    right: np.ndarray[tuple[int], np.dtype[np.float64]],
    epsilon: float,
) -> bool:
    scale = np.maximum(np.abs(right), np.abs(right).max() / 4)
    return bool((np.abs(mine - right) <= 4 * epsilon * scale).all())
