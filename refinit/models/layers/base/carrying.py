"""A layer's recipe carried out: arrays, and the fills and copies of its steps in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from ....arrays.empty import empty
from ....generators.generator import Generator
from ....generators.generator_like import (
    GeneratorLike,
    counter_generator_from,
    is_numpy_generator,
    is_positional,
)
from ....initializers.registry import INITIALIZERS
from ...recipe.steps import Fill, Literal, Operation, Recipe, Step, View

Arrays = dict[str, NDArray[Any]]


def carried_out(recipe: Recipe, generator: GeneratorLike, seed: int | None) -> Arrays:
    """The state's arrays; of tied names, one and the same."""
    if seed is not None:
        if generator is not None:
            raise ValueError(
                "expected a generator or a seed, got both; a seed means Generator().manual_seed(seed)"
            )
        generator = Generator().manual_seed(seed)
    arrays = {name: empty(buffer.shape, dtype=buffer.dtype) for name, buffer in recipe.buffers.items()}
    if is_positional(generator):
        _fill_by_position(recipe, arrays, generator)
    else:
        for step in recipe.steps:
            _do(step, arrays, step.out.buffer, generator)
    views: dict[View, NDArray[Any]] = {}
    for view in recipe.state.values():
        if isinstance(view, View):
            views.setdefault(view, _seen(view, arrays[view.buffer]))
    return {name: views[view] for name, view in recipe.state.items() if isinstance(view, View)}


def _fill_by_position(recipe: Recipe, arrays: Arrays, generator: Any) -> None:
    """Each buffer from the substream of its name; a whole copy is filled as its source was, with numbers of its own."""
    base = counter_generator_from(generator) if is_numpy_generator(generator) else generator
    histories: dict[str, tuple[Step, ...]] = dict.fromkeys(recipe.buffers, ())
    for step in recipe.steps:
        name = step.out.buffer
        if isinstance(step, Operation) and _copies_whole(step, recipe):
            histories[name] = histories[step.operands[0].buffer]
        elif step.out == recipe.buffers[name].whole:
            histories[name] = (step,)
        else:
            histories[name] += (step,)
    for name in _in_order_of_reading(histories):
        substream = base.substream(name)
        for step in histories[name]:
            _do(step, arrays, name, substream)


def _copies_whole(step: Operation, recipe: Recipe) -> bool:
    views = (step.out, *step.operands)
    return all(isinstance(view, View) and view == recipe.buffers[view.buffer].whole for view in views)


def _in_order_of_reading(histories: dict[str, tuple[Step, ...]]) -> list[str]:
    """Buffers whose parts are copied come first."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in order:
            return
        for step in histories[name]:
            if isinstance(step, Operation) and isinstance(step.operands[0], View):
                visit(step.operands[0].buffer)
        order[name] = None

    for name in histories:
        visit(name)
    return [*order]


def _do(step: Step, arrays: Arrays, name: str, generator: GeneratorLike) -> None:
    """One step, in the buffer of that name."""
    out = _seen(step.out, arrays[name])
    if isinstance(step, Fill):
        entry = INITIALIZERS[step.function]
        keywords: dict[str, Any] = {"generator": generator} if entry.random else {}
        function: Callable[..., Any] = entry.function
        function(out, **step.arguments, **keywords)
    else:
        (source,) = step.operands
        out[...] = source.array if isinstance(source, Literal) else _seen(source, arrays[source.buffer])


def _seen(view: View, array: NDArray[Any]) -> NDArray[Any]:
    """A view's elements; of a whole buffer, the array itself."""
    if (
        view.shape == array.shape
        and not view.offset
        and view.strides == tuple(stride // array.itemsize for stride in array.strides)
    ):
        return array
    flat = array.reshape(-1)[view.offset :]
    return as_strided(flat, view.shape, [stride * array.itemsize for stride in view.strides])
