"""The shapes of results, from those of the operands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .parts import Literal, View

Shape = tuple[int, ...]


def shape_of(operand: Any) -> Shape:
    """Of a view, a literal, or a number."""
    if isinstance(operand, View):
        return operand.shape
    return operand.array.shape if isinstance(operand, Literal) else ()


def arrays_in(value: Any) -> Iterator[View | Literal]:
    """The views and literals of an operand."""
    if isinstance(value, (View, Literal)):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from arrays_in(item)


def _integers(value: Any) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)


def _axis(value: int, ndim: int) -> int:
    if not -ndim <= value < ndim:
        raise ValueError(f"an axis from {-ndim} to {ndim - 1}, got {value}")
    return value % ndim


def _axes(value: Any, ndim: int) -> tuple[int, ...]:
    axes = tuple(_axis(axis, ndim) for axis in _integers(value))
    if len({*axes}) < len(axes):
        raise ValueError(f"each axis once, got {value}")
    return axes


def _broadcast(bound: Mapping[str, Any]) -> Shape:
    return _together(*(shape_of(value) for value in bound.values()))


def _together(*shapes: Shape) -> Shape:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(f"shapes that broadcast, got {', '.join(map(str, shapes))}") from None


def _same(bound: Mapping[str, Any]) -> Shape:
    shape = shape_of(bound["self"])
    if bound.get("dims") is not None:
        axes = _axes(bound["dims"], len(shape))
        if "shifts" in bound and len(_integers(bound["shifts"])) != (len(axes) or 1):
            raise ValueError(f"a shift for each axis, got {bound['shifts']} and {bound['dims']}")
    return shape


def _matrix(bound: Mapping[str, Any]) -> Shape:
    if len(shape_of(bound["self"])) < 2:
        raise ValueError(f"at least two axes, got {shape_of(bound['self'])}")
    return shape_of(bound["self"])


def _joined(bound: Mapping[str, Any]) -> Shape:
    shapes: Sequence[Shape] = [shape_of(tensor) for tensor in bound["tensors"]]
    shapes = [shape for shape in shapes if shape != (0,)] or [(0,)]
    axis = _axis(bound.get("dim", 0), len(shapes[0]))
    rest = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes if len(shape) > axis}
    if len(rest) != 1 or any(len(shape) != len(shapes[0]) for shape in shapes):
        raise ValueError(f"shapes that differ in axis {axis} alone, got {shapes}")
    return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])


def _stacked(bound: Mapping[str, Any]) -> Shape:
    shapes = {shape_of(tensor) for tensor in bound["tensors"]}
    if len(shapes) > 1:
        raise ValueError(f"equal shapes, got {sorted(shapes)}")
    (shape,) = shapes
    axis = _axis(bound.get("dim", 0), len(shape) + 1)
    return (*shape[:axis], len(bound["tensors"]), *shape[axis:])


def _repeated(bound: Mapping[str, Any]) -> Shape:
    shape, counts = shape_of(bound["self"]), _integers(bound["repeats"])
    if len(counts) < len(shape) or min(counts, default=0) < 0:
        raise ValueError(f"a count from 0 on for each axis of {shape}, got {counts}")
    padded = (1,) * (len(counts) - len(shape)) + shape
    return tuple(count * length for count, length in zip(counts, padded, strict=True))


def _padded(bound: Mapping[str, Any]) -> Shape:
    shape, pad = shape_of(bound["self"]), _integers(bound["pad"])
    if len(pad) % 2 or len(pad) > 2 * len(shape):
        raise ValueError(f"pairs of numbers, at most one for each axis of {shape}, got {pad}")
    pairs = [*((0, 0) for _ in range(len(shape) - len(pad) // 2)), *zip(pad[-2::-2], pad[::-2], strict=True)]
    lengths = tuple(length + before + after for length, (before, after) in zip(shape, pairs, strict=True))
    crops = (length + min(b, 0) + min(a, 0) for length, (b, a) in zip(shape, pairs, strict=True))
    if min(lengths, default=0) < 0 or min(crops, default=0) < 0:
        raise ValueError(f"no axis cropped beyond its length, got {pad} for {shape}")
    return lengths


def _reduced(bound: Mapping[str, Any]) -> Shape:
    shape, dim = shape_of(bound["self"]), bound.get("dim")
    everything = dim is None or (not isinstance(dim, int) and not dim)
    axes = tuple(range(len(shape))) if everything else _axes(dim, len(shape))
    if bound.get("keepdim"):
        return tuple(1 if axis in axes else length for axis, length in enumerate(shape))
    return tuple(length for axis, length in enumerate(shape) if axis not in axes)


def _weighted(bound: Mapping[str, Any]) -> Shape:
    shape, dim = shape_of(bound["v"]), bound.get("dim", 0)
    axis = dim if dim == -1 else _axis(dim, len(shape))
    norms = tuple(length if k == axis else 1 for k, length in enumerate(shape))
    if _together(norms, shape_of(bound["g"])) != norms:
        raise ValueError(f"g of shape {norms}, got {shape_of(bound['g'])}")
    return shape


def _product(bound: Mapping[str, Any]) -> Shape:
    first, second = (shape_of(value) for value in bound.values())
    axes = 1 if "vec" in bound else 2
    if len(first) != 2 or len(second) != axes or first[1] != second[0]:
        raise ValueError(f"a matrix and what has as many rows as it has columns, got {first} and {second}")
    return (first[0], *second[1:])


RULES: Mapping[str, Callable[[Mapping[str, Any]], Shape]] = {
    "elementwise": _broadcast,
    "same": _same,
    "matrix": _matrix,
    "cat": _joined,
    "stack": _stacked,
    "repeat": _repeated,
    "pad": _padded,
    "reduced": _reduced,
    "weight_norm": _weighted,
    "product": _product,
}


def result_shape(rule: str, bound: Mapping[str, Any], out: Shape) -> Shape:
    """The shape of the result, which ``out`` has.

    Raises
    ------
    ValueError
        If the operands' shapes do not fit each other, or ``out``; the text is what was expected, and what came.
    """
    shape = RULES[rule](bound)
    if (_together(shape, out) if rule == "elementwise" else shape) != out:
        raise ValueError(f"operands for an out of shape {out}, got a result of shape {shape}")
    return shape
