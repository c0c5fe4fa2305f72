"""Whether a recipe can be carried out: everything that its steps refer to, before the first one runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...dtypes import ELEMENTS
from ...initializers.registry import INITIALIZERS
from .parts import Buffer, Fill, Literal, Operation, View
from .problem import RecipeError, listed, shown
from .shapes import arrays_in, result_shape
from .signatures import SIGNATURES, bound_operands
from .steps import Recipe


def check(recipe: Recipe, max_bytes: int) -> None:
    """Checks views, functions, arguments, operands and shapes.

    Raises
    ------
    RecipeError
        At the first place that is wrong; also where a view alone has more than ``max_bytes``.
    """
    for name, buffer in recipe.buffers.items():
        _check_buffer(name, buffer)
    for index, step in enumerate(recipe.steps):
        place = f"steps[{index}]"
        _check_view(recipe, step.out, f"{place}.out", max_bytes)
        _check_written(step.out, f"{place}.out")
        if isinstance(step, Fill):
            _check_fill(recipe, step, place)
        else:
            _check_operation(recipe, step, place, max_bytes)
    for name, entry in recipe.state.items():
        _check_array(recipe, entry, f"state[{name!r}]", max_bytes)


def _check_buffer(name: str, buffer: Buffer) -> None:
    if buffer.name != name or buffer.dtype not in ELEMENTS or min(buffer.shape, default=0) < 0:
        raise RecipeError(f"buffers[{name!r}]", "a buffer of this name, of a known dtype", shown(buffer))


def _check_array(recipe: Recipe, entry: Any, place: str, max_bytes: int) -> None:
    if isinstance(entry, View):
        _check_view(recipe, entry, place, max_bytes)
    elif not isinstance(entry, Literal):
        raise RecipeError(place, "a view or a literal", shown(entry))
    elif entry.array.size * entry.array.itemsize > max_bytes:
        raise _too_large(place, entry.array.shape, max_bytes)


def _check_view(recipe: Recipe, view: View, place: str, max_bytes: int) -> None:
    buffer = recipe.buffers.get(view.buffer)
    if buffer is None:
        raise RecipeError(f"{place}.buffer", "the name of a buffer", shown(view.buffer), "add it to buffers")
    if len(view.shape) != len(view.strides) or min((view.offset, *view.shape, *view.strides)) < 0:
        raise RecipeError(place, "a stride for each axis, and no negative numbers", shown(view))
    size = math.prod(view.shape)
    last = (
        view.offset + sum((n - 1) * s for n, s in zip(view.shape, view.strides, strict=True)) if size else 0
    )
    if last >= max(buffer.size, 1) or (not size and view.offset > buffer.size) or (size and not buffer.size):
        raise RecipeError(
            place, f"a view within the {buffer.size} elements of {shown(view.buffer)}", f"element {last}"
        )
    if size * ELEMENTS[buffer.dtype].itemsize > max_bytes:
        raise _too_large(place, view.shape, max_bytes)


def _too_large(place: str, shape: tuple[int, ...], max_bytes: int) -> RecipeError:
    return RecipeError(place, f"at most max_bytes={max_bytes}", f"shape {shape}", "raise max_bytes")


def _check_written(view: View, place: str) -> None:
    """No two elements share memory, as nested axes prove."""
    reach = 1
    for stride, length in sorted(zip(view.strides, view.shape, strict=True)):
        if length > 1 and stride < reach and 0 not in view.shape:
            raise RecipeError(
                place, "elements that do not share memory", f"shape {view.shape}, strides {view.strides}"
            )
        reach += stride * (length - 1) if length > 1 else 0


def _check_fill(recipe: Recipe, step: Fill, place: str) -> None:
    initializer = INITIALIZERS.get(step.function)
    if initializer is None:
        raise RecipeError(f"{place}.fill", f"one of {listed(INITIALIZERS)}", shown(step.function))
    element = ELEMENTS[recipe.buffers[step.out.buffer].dtype]
    if not any(element.name in names for names in initializer.dtypes.values()):
        raise RecipeError(
            f"{place}.out", f"a type that {step.function} fills", element.name, "copy from another buffer"
        )
    if 0 in step.out.shape:
        return  # torch looks at less then
    try:
        initializer.law(step.out.shape, **step.arguments).check(element, math.prod(step.out.shape))
    except Exception as error:
        raise refused(error, place, step) from error


def refused(error: Exception, place: str, step: Fill | Operation) -> RecipeError:
    """What an initializer or operation says of its arguments, with the place."""
    name = step.function if isinstance(step, Fill) else step.name
    kind = "arguments" if isinstance(step, Fill) else "operands"
    return RecipeError(place, f"{kind} that {name} takes", f"{type(error).__name__}: {error}")


def _check_operation(recipe: Recipe, step: Operation, place: str, max_bytes: int) -> None:
    bound = bound_operands(step, place)
    for name, value in bound.items():
        for index, array in enumerate(arrays_in(value)):
            inner = f"[{index}]" if isinstance(value, (list, tuple)) else ""
            _check_array(recipe, array, f"{place}.{name}{inner}", max_bytes)
    try:
        result_shape(SIGNATURES[step.name].shape, bound, step.out.shape)
    except ValueError as error:
        raise RecipeError(place, str(error)) from None


def dtype_of(array: View | Literal, buffers: Mapping[str, Buffer]) -> str:
    """The element type of an operand."""
    return buffers[array.buffer].dtype if isinstance(array, View) else array.dtype
