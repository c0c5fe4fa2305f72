"""What a failure looks like: known mistakes recognised in the values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor, prod, sqrt

import numpy as np

from ..cases.case import Case
from ..cases.formats import components
from ..checks.bits import differing, first_difference
from ..checks.finding import Finding, Sample
from ..checks.moments import has_atoms
from ..checks.orthogonal import backward_error, diagonal_signs
from ..laws import reference
from ..subjects import Filled
from .reproduce import with_reproducer

Elements = np.ndarray[tuple[int], np.dtype[np.float64]]
# Elements that a law shows its shape in.
SHAPE_SAMPLE = 500
# Draws of a matrix that all have the same sign by chance once in half a million times.
SIGN_DRAWS = 20
# A recognised factor must explain the standard deviation this much better than chance would.
STANDARD_ERRORS = 5.0
_EQUAL_FILLS = {
    "neighbouring seeds": "equal draws from different seeds: seed ignored?",
    "consecutive fills": "equal fills one after the other: generator not advanced?",
    "sibling substreams": "equal fills of different substreams: name ignored?",
}


def diagnosed(finding: Finding, ours: Sample, theirs: Sample | None) -> Finding:
    """The finding with a diagnosis and a reproducer where it failed."""
    if finding.verdict != "fail":
        return finding
    hints = dict.fromkeys(() if finding.check == "returned" else _hints(finding, ours, theirs))
    finding = replace(finding, diagnosis="; ".join(hints))
    return with_reproducer(finding, ours.subject, None if theirs is None else theirs.subject)


def _hints(finding: Finding, ours: Sample, theirs: Sample | None) -> Iterator[str]:
    law = ours.law
    if finding.replay == "related":
        yield from _equal_fills(finding, ours)
        return
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


def _equal_fills(finding: Finding, related: Sample) -> Iterator[str]:
    first = related.draws[0].values.tobytes()
    if any(fill.values.tobytes() == first for fill in related.draws[1:]) and finding.check in _EQUAL_FILLS:
        yield _EQUAL_FILLS[finding.check]


def _repeats(sample: Sample) -> bool:
    """Whether the first two draws are equal; few values may be by chance."""
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
    gain = named.get("gain", 1.0)
    if "kaiming" in case.function:
        gain = reference.gain(named.get("nonlinearity", "leaky_relu"), named.get("a", 0.0))
        yield from _kaiming_factors(case, gain)
    yield "matches fans without the receptive field", sqrt(prod(case.shape[2:]))
    if axes := _axes(case):
        torchs = replace(case, parameters=tuple(pair for pair in case.parameters if pair[0] not in axes))
        yield "matches torch's axes: axes ignored?", _scale_of(torchs) / _scale_of(case)
    yield "gain applied twice?", gain
    yield "gain ignored?", 1 / gain
    yield "matches std as the bound: sqrt(3) missing?", 1 / sqrt(3.0)
    yield "sqrt(3) too many?", sqrt(3.0)
    yield "factor sqrt(2)", sqrt(2.0)
    yield "factor 1/sqrt(2)", 1 / sqrt(2.0)
    yield "variance in place of std?", getattr(sample.component_law, "std", 0.0)


def _axes(case: Case) -> dict[str, reference.Axes]:
    """The axes that the case names, if any."""
    return {name: value for name, value in case.parameters if name in ("in_axis", "out_axis")}


def _scale_of(case: Case) -> float:
    """The bound of a uniform law, the standard deviation of a normal one."""
    law = reference.law(case)
    return law.high if isinstance(law, reference.Uniform) else getattr(law, "std", 0.0)


def _kaiming_factors(case: Case, gain: float) -> Iterator[tuple[str, float]]:
    fan_in, fan_out = reference.fans(case.shape, **_axes(case))
    mode = case.named.get("mode", "fan_in")
    fan, other, fan_of_other = (
        (fan_in, "fan_out", fan_out) if mode == "fan_in" else (fan_out, "fan_in", fan_in)
    )
    yield f"matches {other}: fans swapped?", sqrt(fan / fan_of_other)
    yield "matches the average fan", sqrt(fan / ((fan_in + fan_out) / 2))
    if case.named.get("nonlinearity", "leaky_relu") == "leaky_relu" and case.named.get("a"):
        yield "matches a = 0: is a ignored?", sqrt(2.0) / gain
        yield "matches a = 0.01: is a ignored?", reference.gain("leaky_relu") / gain


def _scale(sample: Sample) -> Iterator[str]:
    points, weights = sample.realised.nodes()
    middle = float(weights @ points)
    expected = sqrt(float(weights @ (points - middle) ** 2))
    x: Elements = sample.values[np.isfinite(sample.values)]
    if x.size < sample.values.size:
        yield f"{sample.values.size - x.size} elements are nan: not written?"
    if not x.size or not expected:
        return
    yield from _location(sample, x, middle, expected)
    yield from _shape(sample, x)
    ratio, error = float(x.std()) / expected, 1.0 / sqrt(2.0 * x.size)
    if abs(ratio - 1) < STANDARD_ERRORS * error:
        return
    matching = [
        text
        for text, factor in factors(sample)
        if abs(factor - 1) > error and abs(factor / ratio - 1) < STANDARD_ERRORS * error
    ]
    yield "; ".join([f"std is {ratio:.4g} of the expected", *matching[:2]])


def _location(sample: Sample, x: Elements, middle: float, expected: float) -> Iterator[str]:
    if has_atoms(sample):
        yield "values pile up on the bounds: clamped instead of truncated?"
    highest = sample.realised.excluded
    if sample.realised.lowest < highest and x.max() == highest:
        yield "the excluded upper bound occurs: upper bound included?"
    shift = (float(x.mean()) - middle) / expected
    if abs(shift) > STANDARD_ERRORS / sqrt(x.size):
        zero = middle and abs(float(x.mean())) < STANDARD_ERRORS * expected / sqrt(x.size)
        yield f"mean is off by {shift:+.3g} std{': mean ignored?' if zero else ''}"
    half = x.size // len(sample.draws) // 2
    if half > 8 and np.array_equal(x[:half], x[half : 2 * half]):
        yield "the second half repeats the first: stream duplicated?"


def _shape(sample: Sample, x: Elements) -> Iterator[str]:
    """A uniform law in the place of a normal one, and the other way round, by the fourth moment: 1.8 against 3."""
    law, std = sample.component_law, float(x.std())
    if x.size < SHAPE_SAMPLE or not std:
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
    ungrouped = reference.expected_array(shape, reference.Exactly("dirac", 1))
    if law.parameter != 1 and np.array_equal(values, ungrouped):
        yield "matches groups = 1: groups ignored?"
    taps = {tuple(int(i) for i in index[2:]) for index in np.argwhere(values == 1)}
    if taps == {tuple((size - 1) // 2 for size in shape[2:])} and any(size % 2 == 0 for size in shape[2:]):
        yield "centre at (k - 1) // 2 instead of k // 2 in an even kernel"


def _sparse(sample: Sample, law: reference.Sparse) -> Iterator[str]:
    mask = np.asarray(sample.draws[0].values == 0)
    rows, columns = sample.case.shape
    sparsity = sample.case.named["sparsity"]
    per_column, per_row = mask.sum(axis=0), mask.sum(axis=1)
    if law.zeros not in (0, rows) and (mask == mask[:, :1]).all() and columns > 1:
        yield "the same zeros in every column: mask reused?"
    if floor(sparsity * rows) != law.zeros and (per_column == floor(sparsity * rows)).all():
        yield f"every column has {floor(sparsity * rows)} zeros: floor instead of ceil?"
    if (per_row == ceil(sparsity * columns)).all() and not (per_column == law.zeros).all():
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
    if len(q) < SIGN_DRAWS or not np.isfinite(q).all():
        return
    for quantity, signs in (("first entry", q[:, 0, 0] > 0), ("determinant", _determinants(q) > 0)):
        if signs.size and signs.all() == signs.any():
            yield f"the {quantity} is {'positive' if signs[0] else 'negative'} in every draw: sign not fixed?"
            return


def _determinants(q: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Elements:
    return np.linalg.det(q) if q.shape[1] == q.shape[2] else np.empty(0)


def _compared(finding: Finding, ours: Sample, theirs: Sample) -> Iterator[str]:
    pairs = list(zip(ours.draws, theirs.draws, ours.seeds, strict=True))
    fill, twin, seed = next((pair for pair in pairs if differing(*pair[:2]).size), pairs[0])
    if finding.check == "state":
        untouched = fill.state == theirs.subject.untouched(seed)
        yield f"the generator ends elsewhere{': not advanced?' if untouched else ''}"
    offsets = differing(fill, twin)
    if finding.check not in ("bits", "state") and not offsets.size:
        yield f"{theirs.subject.name} has the same values, and fails alike"
    if finding.check == "bits" and offsets.size:
        yield from _different_bits(fill, twin, ours.form.epsilon)


def _different_bits(fill: Filled, twin: Filled, epsilon: float) -> Iterator[str]:
    offsets, size = differing(fill, twin), fill.values.size
    if offsets.size < size and offsets[0] >= size - 16 and size > 16:
        yield "only elements among the last 16 differ: tail not redrawn?"
    values, expected = components(fill.values), components(twin.values)
    if offsets.size > 1 and np.array_equal(np.sort(values), np.sort(expected)):
        transposed = components(twin.values.reshape(fill.values.shape[::-1]).T)
        same = np.array_equal(values, transposed)
        yield "the twin's values, transposed" if same else "the twin's values in another order"
    elif np.isfinite(values).all() and _near(values, expected, epsilon):
        yield "all within 4 units in the last place: order of operations in a bound, or a missing fma?"
    elif difference := first_difference(fill, twin):
        yield f"first difference at {difference.index}"


def _near(values: Elements, expected: Elements, epsilon: float) -> bool:
    scale = np.maximum(np.abs(expected), np.abs(expected).max() / 4)
    return bool((np.abs(values - expected) <= 4 * epsilon * scale).all())
