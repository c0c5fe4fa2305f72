"""Reproducers: at most five lines that show a failure when pasted into Python. No other file writes any."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..cases import layouts
from ..cases.case import Case
from ..checks.finding import Finding, Replay
from ..subjects import Subject, catalogue
from ..subjects.base import Calls

_PACKAGE = __package__.rpartition(".")[0]
_IMPORT_CASE = f"from {_PACKAGE}.cases.case import Case"
_SHOW_FIRST_DIFFERENCE = (
    "import numpy; a, w = (numpy.ravel(x).astype(complex) for x in (a, w)); "
    "i = numpy.flatnonzero(a != w)[:1]; print('first differing index', i, a[i], w[i])"
)
# How two fills, `a` and its twin's `b`, are compared.
_COMPARISONS: dict[Replay, str] = {
    "bits": f"from {_PACKAGE}.checks.bits import first_difference; print(first_difference(a, b))",
    "state": 'print("same final state:", a.state == b.state)',
    "distance": 'print("largest distance", abs(a.values.astype("float64") - b.values.astype("float64")).max())',
}


def with_reproducer(finding: Finding, subject: Subject, twin: Subject | None = None) -> Finding:
    """The finding about that subject, with a reproducer where it failed."""
    if finding.verdict != "fail":
        return finding
    return replace(finding, reproducer=reproducer(finding, subject, twin))


def reproducer(finding: Finding, subject: Subject, twin: Subject | None = None) -> tuple[str, ...]:
    """Lines that do again what the finding says to replay, and print what is wrong with it."""
    if finding.replay not in _COMPARISONS:
        return _WRITERS[finding.replay](finding, subject, twin)
    return _fill(finding, subject, None) if twin is None else _comparison(finding, subject, twin)


@dataclass(frozen=True)
class Naming:
    """Python that imports what is needed, and the expression that makes the subject; none where only its user can."""

    imports: str
    expression: str

    def lines(self, *body: str, setup: str = "", other: Naming | None = None) -> tuple[str, ...]:
        """The body, in which `tried` is the subject; comments where only its user has it, or the other in the body."""
        first = _joined(self.imports, f"tried = {self.expression}")
        lines = tuple(line for line in (setup, first, *body) if line)
        runs = self.imports and (other is None or other.imports)
        return lines if runs else tuple(f"# {line}" for line in lines)


def naming(subject: Subject) -> Naming:
    """How to make that subject in another process: by its name here, by its class, or by asking the reader."""
    kind, scheme = type(subject), catalogue.scheme_of(subject.name)
    # Of a name that its user has added, no other process knows.
    ours = kind.__module__.startswith(f"{_PACKAGE}.")
    if ours and not catalogue.unknown(subject.name) and type(catalogue.subject(subject.name)) is kind:
        imports = f"from {_PACKAGE}.subjects import subject"
        return Naming(
            _joined(f"import {scheme.module}", imports) if scheme else imports, f"subject({subject.name!r})"
        )
    home = None if kind.__module__ == "__main__" else sys.modules.get(kind.__module__)
    reachable = getattr(home, kind.__name__, None) is kind
    if reachable and not inspect.signature(kind).parameters:
        return Naming(f"from {kind.__module__} import {kind.__name__}", f"{kind.__name__}()")
    return Naming("", f"{kind.__name__}(...)")


def fill_lines(subject: Subject, case: Case, seed: int) -> list[str]:
    """Lines after which the NumPy array `w` holds the fill: calls of a public library where that is all it takes."""
    if subject.calls is None or not _has(subject.calls, case.function):
        fill = f"w = tried.fill({case!r}, {seed}).values"
        return list(naming(subject).lines(fill, setup=_IMPORT_CASE))
    shape = layouts.base_shape(case.layout, case.shape)
    first = _joined(f"import {subject.calls.imports}; seed = {seed}", subject.calls.seeding)
    if subject.calls.tensors:
        numpy = "t.double().numpy()" if case.dtype == "bfloat16" else "t.numpy()"
        return [
            first,
            f"t = torch.zeros({shape}, dtype=torch.{case.dtype})",
            _call(subject.calls, _view("t", case, "permute"), case),
            f"w = {_view(numpy, case, 'transpose')}",
        ]
    dtype = '__import__("ml_dtypes").bfloat16' if case.dtype == "bfloat16" else repr(case.dtype)
    weight = f"x = np.zeros({shape}, {dtype}); w = {_view('x', case, 'transpose')}"
    return [first, weight, _call(subject.calls, "w", case)]


def _has(calls: Calls, function: str) -> bool:
    """Whether the library has that function: one that is registered from outside it has not."""
    return hasattr(sys.modules.get(calls.module), function)


def _view(base: str, case: Case, method: str) -> str:
    """The weight inside of its dense base."""
    if case.layout == "contiguous":
        return base
    if case.layout == "sliced":
        return f"{base}[..., ::2]"
    return f"{base}.{method}({', '.join(map(str, layouts.order(case.layout, len(case.shape))))})"


def _call(calls: Calls, weight: str, case: Case) -> str:
    """The call the case makes; a library without a default generator gets one passed in each."""
    arguments = [weight, *(f"{name}={value!r}" for name, value in case.parameters)]
    passes = case.passes_generator or (case.random and not calls.seeding)
    if passes and case.function not in calls.generator_ignored:
        arguments.append(f"generator={calls.generator}")
    return f"{calls.module}.{case.function}({', '.join(arguments)})"


def _fill(finding: Finding, subject: Subject, twin: Subject | None) -> tuple[str, ...]:  # noqa: ARG001
    lines = _packed(fill_lines(subject, finding.case, finding.seed), 4)
    statistics = _statistics(finding.case)
    # What nobody but the user can make stands there in comments.
    return (*lines, f"# {statistics}" if lines[-1].startswith("# ") else statistics)


def _statistics(case: Case) -> str:
    if case.dtype in ("complex64", "complex128"):
        return "print(w.shape, w.real.std(), w.imag.std())"
    text = 'w = w.astype("float64"); print(w.shape, "mean", w.mean(), "std", w.std(), "min", w.min(), "max", w.max())'
    return text if case.size else "print(w.shape)"


def _comparison(finding: Finding, subject: Subject, twin: Subject) -> tuple[str, ...]:
    case, seed = finding.case, finding.seed
    if finding.replay == "bits" and subject.calls and twin.calls and case.source != "shards":
        lines = _packed(fill_lines(subject, case, seed), 3)
        return (*lines, f"a = w; {'; '.join(fill_lines(twin, case, seed))}", _SHOW_FIRST_DIFFERENCE)
    other = naming(twin)
    fills = f"a, b = (one.fill(case, {seed}) for one in (tried, {other.expression}))"
    body = _joined(other.imports, fills), _COMPARISONS[finding.replay]
    return naming(subject).lines(*body, setup=f"{_IMPORT_CASE}; case = {case!r}", other=other)


def _related(finding: Finding, subject: Subject, twin: Subject | None) -> tuple[str, ...]:  # noqa: ARG001
    return naming(subject).lines(
        f"fills = tried.related({finding.case!r}, {finding.seed})[{finding.check!r}]",
        "print([fill.values[:5] for fill in fills])",
        setup=_IMPORT_CASE,
    )


def _formula(finding: Finding, subject: Subject, twin: Subject | None) -> tuple[str, ...]:  # noqa: ARG001
    call = f"{finding.replay}(*{finding.arguments!r})"
    return naming(subject).lines(
        f"print(tried.{call}, reference.{call})", setup=f"from {_PACKAGE}.laws import reference"
    )


def _attempt(finding: Finding, subject: Subject, twin: Subject | None) -> tuple[str, ...]:
    """The call is one of the subject's own table, or of that of the twin."""
    other = None if twin is None else naming(twin)
    (call,) = finding.arguments
    holder = other.expression if other else "tried"
    table = f"table = [one for one in {holder}.divergences() if str(one) == {call!r}]"
    body = _joined(other.imports if other else "", table), "print([tried.attempt(one) for one in table])"
    return naming(subject).lines(*body, other=other)


_WRITERS: dict[Replay, Callable[[Finding, Subject, Subject | None], tuple[str, ...]]] = {
    "fill": _fill,
    "related": _related,
    "gain": _formula,
    "fans": _formula,
    "attempt": _attempt,
}


def _joined(*statements: str) -> str:
    return "; ".join(filter(None, statements))


def _packed(lines: list[str], limit: int) -> list[str]:
    return lines if len(lines) <= limit else [*lines[: limit - 1], "; ".join(lines[limit - 1 :])]
