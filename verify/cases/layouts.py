"""Memory layouts of a weight: how a dense base array is viewed so that the view has the weight's shape.

Only transposition and slicing are used, so the same view serves NumPy arrays and torch tensors.
"""

from __future__ import annotations

from typing import Any

from .models import Shape

LAYOUTS: tuple[str, ...] = ("contiguous", "transposed", "sliced", "channels_last")


def fits(layout: str, shape: Shape) -> bool:
    """Whether the layout is something else than contiguous for that shape."""
    if layout == "channels_last":
        return len(shape) == 4
    if layout == "transposed":
        return len(shape) >= 2
    return layout == "contiguous" or len(shape) >= 1


def accepted(function: str, layout: str, shape: Shape) -> bool:
    """Whether torch's initializer takes such a weight: orthogonal_ flattens its weight without copying."""
    flattens = function != "orthogonal_" or len(shape) == 2 or layout in ("contiguous", "sliced")
    return flattens and fits(layout, shape)


def base_shape(layout: str, shape: Shape) -> Shape:
    """Shape of the dense array that holds the view."""
    if layout == "transposed":
        return shape[::-1]
    if layout == "sliced":
        return (*shape[:-1], 2 * shape[-1])
    if layout == "channels_last":
        return (shape[0], *shape[2:], shape[1])
    return shape


def order(layout: str, ndim: int) -> tuple[int, ...]:
    """Axes of the base in the order of the view."""
    if layout == "transposed":
        return tuple(reversed(range(ndim)))
    if layout == "channels_last":
        return (0, 3, 1, 2)
    return tuple(range(ndim))


def view(base: Any, layout: str) -> Any:
    """The weight inside `base`, a NumPy array or a torch tensor."""
    if layout == "contiguous":
        return base
    if layout == "sliced":
        return base[..., ::2]
    axes = order(layout, base.ndim)
    return base.permute(axes) if hasattr(base, "permute") else base.transpose(axes)


def gaps(base: Any, layout: str) -> Any:
    """The part of `base` no fill may touch, or None."""
    return base[..., 1::2] if layout == "sliced" else None
