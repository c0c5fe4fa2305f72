"""calculate_gain and the fans, exactly equal to the reference formulas and to torch."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sqrt
from typing import Any

from ..cases.case import Topic
from ..cases.models import LAYERS
from ..laws import reference
from ..subjects import Subject
from ..subjects.naming import naming
from .finding import Finding

_SLOPES = (None, 0.0, 0.01, 0.2, 1, -0.5, sqrt(5.0), 1e-300)


def gains(subject: Subject, others: list[Subject]) -> Finding:
    """Every nonlinearity, and leaky_relu over several slopes."""
    arguments = [(name, None) for name in reference.NONLINEARITIES if name != "leaky_relu"]
    arguments += [("leaky_relu", slope) for slope in _SLOPES]  # type: ignore[misc]
    references: list[Callable[..., Any]] = [reference.gain, *(other.gain for other in others)]
    return _equal(subject, "gains", "calculate_gain", subject.gain, references, arguments)


def fans(subject: Subject, others: list[Subject]) -> Finding:
    """Every weight of the models that has fans."""
    shapes = [(layer.shape,) for layer in LAYERS if len(layer.shape) >= 2]
    references: list[Callable[..., Any]] = [reference.fans, *(other.fans for other in others)]
    return _equal(subject, "fans", "_calculate_fan_in_and_fan_out", subject.fans, references, shapes)


def _equal(
    subject: Subject,
    check: str,
    function: str,
    tried: Callable[..., Any],
    references: list[Callable[..., Any]],
    arguments: list[Any],
) -> Finding:
    case = Topic(function, (), "float64")
    try:
        wrong = [
            (given, f"{given}: {result!r} instead of {right(*given)!r}")
            for given in arguments
            for right in references
            if (result := tried(*given)) != right(*given)
        ]
    except NotImplementedError:  # a subject that only fills
        return Finding(check, subject.name, case, "not run", f"{subject.name} states no {check}")
    if not wrong:
        return Finding(check, subject.name, case, "pass", f"{len(arguments)} exactly equal")
    given, told = wrong[0]
    method = check.removesuffix("s") if check == "gains" else check
    lines = naming(subject).lines(
        f"print(tried.{method}(*{given!r}), reference.{method}(*{given!r}))",
        setup=f"from {__package__.rpartition('.')[0]}.laws import reference",
    )
    return Finding(
        check, subject.name, case, "fail", f"{len(wrong)} wrong, first {told}", inf, reproducer=lines
    )
