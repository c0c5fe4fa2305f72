"""Reproducers: at most five lines that show a failure when pasted into Python."""

from __future__ import annotations

from ..checks.finding import Finding, Sample
from ..subjects.naming import naming

_PACKAGE = __package__.rpartition(".")[0]
_PARTING = (
    "import numpy; a, w = (numpy.ravel(x).astype(complex) for x in (a, w)); "
    "i = numpy.flatnonzero(a != w)[:1]; print('first differing index', i, a[i], w[i])"
)


def reproducer(finding: Finding, ours: Sample, theirs: Sample | None) -> tuple[str, ...]:
    """Lines that fill the weight, fill its twin where there is one, and print where or how they part."""
    seed, case = finding.seed or ours.seeds[0], ours.case
    if theirs is None or finding.check not in ("bits", "state", "agreement"):
        return _alone(ours, seed)
    plain = ours.subject.plain and theirs.subject.plain and case.source != "shards"
    if finding.check == "bits" and plain:
        mine = ours.subject.recipe(case, seed)
        return (*_packed(mine, 3), f"a = w; {'; '.join(theirs.subject.recipe(case, seed))}", _PARTING)
    setup = f"from {_PACKAGE}.cases.case import Case; case = {case!r}"
    other = naming(theirs.subject)
    fills = f"{other.imports}; a, b = (one.fill(case, {seed}) for one in (tried, {other.expression}))"
    if finding.check == "state":
        show = 'print("same final state:", a.state == b.state)'
    elif finding.check == "agreement":
        show = 'print("largest distance", abs(a.values.astype("float64") - b.values.astype("float64")).max())'
    else:
        show = f"from {_PACKAGE}.checks.bits import first_difference; print(first_difference(a, b))"
    return naming(ours.subject).lines(fills, show, setup=setup)


def _alone(sample: Sample, seed: int) -> tuple[str, ...]:
    lines = _packed(sample.subject.recipe(sample.case, seed), 4)
    told = _statistics(sample)
    # What nobody but the user can make stands there in comments.
    return (*lines, f"# {told}" if lines[-1].startswith("# ") else told)


def _statistics(sample: Sample) -> str:
    if sample.case.dtype in ("complex64", "complex128"):
        return "print(w.shape, w.real.std(), w.imag.std())"
    text = 'w = w.astype("float64"); print(w.shape, "mean", w.mean(), "std", w.std(), "min", w.min(), "max", w.max())'
    return text if sample.case.size else "print(w.shape)"


def _packed(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], "; ".join(lines[most - 1 :])]
