"""Reproducers: at most five lines that show a failure when pasted into Python."""

from __future__ import annotations

from .checks.finding import Finding, Sample

_PARTING = (
    "import numpy; a, w = (numpy.ravel(x).astype(complex) for x in (a, w)); "
    "i = numpy.flatnonzero(a != w)[:1]; print('first differing index', i, a[i], w[i])"
)


def reproducer(finding: Finding, ours: Sample, theirs: Sample | None) -> tuple[str, ...]:
    """Lines that fill the weight, fill its twin where there is one, and print where or how they part."""
    seed, case = finding.seed or ours.seeds[0], ours.case
    mine = ours.subject.recipe(case, seed)
    if theirs is None or finding.check not in ("bits", "state"):
        return (*_packed(mine, 4), _statistics(ours))
    if finding.check == "bits" and ours.subject.plain and theirs.subject.plain:
        return (*_packed(mine, 3), f"a = w; {'; '.join(theirs.subject.recipe(case, seed))}", _PARTING)
    package = __package__
    setup = f"from {package}.cases import Case; from {package}.subjects import subject; case = {case!r}"
    fills = f"a, b = (subject(name).fill(case, {seed}) for name in ({ours.subject.name!r}, {theirs.subject.name!r}))"
    if finding.check == "state":
        return (setup, fills, 'print("same final state:", a.state == b.state)')
    return (
        f"from {package}.checks.bits import first_difference",
        setup,
        fills,
        "print(first_difference(a, b))",
    )


def _statistics(sample: Sample) -> str:
    if sample.case.dtype in ("complex64", "complex128"):
        return "print(w.shape, w.real.std(), w.imag.std())"
    text = 'w = w.astype("float64"); print(w.shape, "mean", w.mean(), "std", w.std(), "min", w.min(), "max", w.max())'
    return text if sample.case.size else "print(w.shape)"


def _packed(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], "; ".join(lines[most - 1 :])]
