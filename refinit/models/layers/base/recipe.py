"""The recipe of a model: the fills of all its parameters in the order in which they were noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...recipe.steps import Buffer, Fill, Literal, Operation, Recipe, Step, View
from .parameter import Event, Memory, Parameter


def recipe_of(state: Mapping[str, Parameter], past: Iterable[Memory], source: str) -> Recipe:
    """Buffers by the first of their names; what has no name any more, or never had one, is called "~0", "~1", ..."""
    names: dict[Memory, str] = {}
    for name, parameter in state.items():
        names.setdefault(parameter.memory, name)
    named = [*names]
    reached = [*_reached([*named, *past])]
    for number, memory in enumerate(memory for memory in reached if memory not in names):
        names[memory] = f"~{number}"
    events = sorted((event for memory in reached for event in memory.events), key=lambda event: event.moment)
    for memory in named:
        if not memory.events:
            raise ValueError(
                f"expected every parameter to be filled, got none for {names[memory]!r}: call layers.init.zeros_, or "
                "another initializer, with it"
            )
    return Recipe(
        {name: Buffer(name, memory.dtype, memory.shape) for memory, name in names.items()},
        tuple(_step(event, names) for event in events),
        {name: _view(parameter, names) for name, parameter in state.items()},
        source=source,
    )


def _reached(memories: Iterable[Memory]) -> dict[Memory, None]:
    """These, and all from which values were copied to them."""
    reached: dict[Memory, None] = {}
    waiting = [*memories]
    while waiting:
        memory = waiting.pop(0)
        if memory not in reached:
            reached[memory] = None
            operands = (operand for event in memory.events for operand in event.operands)
            waiting += [operand.memory for operand in operands if isinstance(operand, Parameter)]
    return reached


def _view(parameter: Parameter, names: Mapping[Memory, str]) -> View:
    return View(names[parameter.memory], parameter.offset, parameter.shape, parameter.strides)


def _step(event: Event, names: Mapping[Memory, str]) -> Step:
    out = _view(event.part, names)
    if not event.operands:
        return Fill(event.function, out, dict(event.arguments), call=event.function)
    return Operation(
        event.function, out, tuple(_operand(operand, event, names) for operand in event.operands)
    )


def _operand(operand: Any, event: Event, names: Mapping[Memory, str]) -> Any:
    if isinstance(operand, Parameter):
        return _view(operand, names)
    return Literal(operand, event.part.dtype) if isinstance(operand, np.ndarray) else operand
