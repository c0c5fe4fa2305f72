"""The axes of a weight that are its inputs and its outputs; all others are its kernel's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .arguments import integer_argument

#: What ``in_axis`` and ``out_axis`` may be; None: torch's axes, 1 and 0.
Axes = int | Sequence[int] | None


def torch_shape(shape: tuple[int, ...], in_axis: Axes, out_axis: Axes) -> tuple[int, ...]:
    """The shape ``(out, in, *rest)`` from which torch's rule makes the fans of a weight with these axes."""
    if len(shape) < 2 or (in_axis is None and out_axis is None):
        return shape  # of fewer than two axes: torch's refusal comes
    if in_axis is None or out_axis is None:
        alone = f"out_axis={out_axis!r}" if in_axis is None else f"in_axis={in_axis!r}"
        raise TypeError(
            f"expected in_axis and out_axis together, got {alone} alone; for example in_axis=-2, out_axis=-1 for "
            "a weight (*kernel, in, out)"
        )
    inputs, outputs = (
        _axis_numbers(axes, name, shape) for axes, name in ((in_axis, "in_axis"), (out_axis, "out_axis"))
    )
    if common := sorted({*inputs} & {*outputs}):
        raise ValueError(
            f"expected in_axis and out_axis without a common axis, got in_axis={in_axis!r} and "
            f"out_axis={out_axis!r} for shape {shape}: both have axis {common[0]}"
        )
    rest = (length for axis, length in enumerate(shape) if axis not in {*inputs, *outputs})
    return math.prod(shape[axis] for axis in outputs), math.prod(shape[axis] for axis in inputs), *rest


def _axis_numbers(axes: Any, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """One axis or several, counted from the front, each once."""
    ndim = len(shape)
    sequence = axes if isinstance(axes, Sequence) and not isinstance(axes, str) else (axes,)
    advice = f"; an axis or a sequence of axes, for example {name}={-2 if name == 'in_axis' else -1}"
    numbers = tuple(integer_argument(axis, name, advice=advice) for axis in sequence)
    if not numbers or not all(-ndim <= number < ndim for number in numbers):
        raise ValueError(
            f"expected axes from {-ndim} to {ndim - 1} as {name} for shape {shape}, got {axes!r}"
        )
    counted = tuple(number % ndim for number in numbers)
    if len({*counted}) < len(counted):
        raise ValueError(f"expected each axis once in {name}, got {axes!r} for shape {shape}")
    return counted
