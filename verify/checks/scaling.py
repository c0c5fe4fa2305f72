"""calculate_gain and the fans, exactly equal to the reference formulas and to torch.

Weights that are filled with other fans are found by the variance in moments.py, and named by diagnosis/hints.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf, sqrt
from typing import Any

from ..cases.case import Topic
from ..cases.models import LAYERS
from ..laws import reference
from ..subjects import Subject
from .finding import Finding, Replay

_SLOPES = (None, 0.0, 0.01, 0.2, 1, -0.5, sqrt(5.0), 1e-300)


def gains(subject: Subject, others: list[Subject]) -> Finding:
    """Every nonlinearity, and leaky_relu over several slopes."""
    arguments = [(name, None) for name in reference.NONLINEARITIES if name != "leaky_relu"]
    arguments += [("leaky_relu", slope) for slope in _SLOPES]  # type: ignore[misc]
    references: list[Callable[..., Any]] = [reference.gain, *(other.gain for other in others)]
    finding = _finding("gains", subject, "calculate_gain", "gain")
    return _compared(finding, subject.gain, references, arguments)


def fans(subject: Subject, others: list[Subject]) -> Finding:
    """Every weight of the models that has fans."""
    shapes = [(layer.shape,) for layer in LAYERS if len(layer.shape) >= 2]
    references: list[Callable[..., Any]] = [reference.fans, *(other.fans for other in others)]
    finding = _finding("fans", subject, "_calculate_fan_in_and_fan_out", "fans")
    return _compared(finding, subject.fans, references, shapes)


def _finding(check: str, subject: Subject, function: str, replay: Replay) -> Finding:
    return Finding(check, subject.name, Topic(function, (), "float64"), "pass", replay=replay)


def _compared(
    finding: Finding, formula: Callable[..., Any], references: list[Callable[..., Any]], arguments: list[Any]
) -> Finding:
    try:
        wrong = [
            (values, f"{values}: {result!r} instead of {expected!r}")
            for values in arguments
            for reference_formula in references
            if (result := formula(*values)) != (expected := reference_formula(*values))
        ]
    except NotImplementedError:  # a subject that only fills
        figure = f"{finding.subject} states no {finding.check}"
        return replace(finding, verdict="not run", figure=figure)
    if not wrong:
        return replace(finding, figure=f"{len(arguments)} exactly equal")
    values, first = wrong[0]
    figure = f"{len(wrong)} wrong, first {first}"
    return replace(finding, verdict="fail", figure=figure, nearness=inf, arguments=values)
