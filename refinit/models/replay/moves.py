"""Copies that are moves: where nothing else reads the source, its steps write to the copy's memory at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..recipe.parts import Buffer, Fill, Operation, Step, View
from .liveness import reads, span


def without_moves(
    steps: Sequence[Step], buffers: Mapping[str, Buffer], temporary: Callable[[str], bool]
) -> list[Step]:
    """The steps without copies of whole temporary buffers, which are renamed.

    A source that nothing but its own steps and the copy reads, and nothing writes afterwards; to a buffer that nothing
    has touched before.
    """
    touches: dict[str, list[int]] = {}
    readers: dict[str, set[int]] = {}
    for index, step in enumerate(steps):
        views = reads(step)
        for buffer in {step.out.buffer, *(view.buffer for view in views)}:
            touches.setdefault(buffer, []).append(index)
        for view in views:
            if view.buffer != step.out.buffer:
                readers.setdefault(view.buffer, set()).add(index)
    names: dict[str, str] = {}
    moves = set()
    for index, step in enumerate(steps):
        source = _source(step, buffers)
        if source is None or not temporary(source.buffer) or readers[source.buffer] != {index}:
            continue
        if touches[source.buffer][-1] == index and touches[step.out.buffer][0] == index:
            names[source.buffer] = step.out.buffer
            moves.add(index)
    return [_renamed(step, names) for index, step in enumerate(steps) if index not in moves]


def _source(step: Step, buffers: Mapping[str, Buffer]) -> View | None:
    """What a copy copies, if it is all of a buffer to all of another, in the same order of memory."""
    if not isinstance(step, Operation) or step.name != "copy" or len(step.operands) != 1:
        return None
    (source,) = step.operands
    if not isinstance(source, View) or replace(source, buffer=step.out.buffer) != step.out:
        return None
    first, second = buffers[source.buffer], buffers[step.out.buffer]
    whole = span(source) == (0, first.size) and (first.size, first.dtype) == (second.size, second.dtype)
    return source if whole and first is not second else None


def _renamed(step: Step, names: dict[str, str]) -> Step:
    touched = {step.out.buffer, *(view.buffer for view in reads(step))}
    if touched.isdisjoint(names):
        return step
    out = _value(step.out, names)
    if isinstance(step, Fill):
        return replace(step, out=out)
    operands = tuple(_value(operand, names) for operand in step.operands)
    return replace(
        step, out=out, operands=operands, options={key: _value(v, names) for key, v in step.options.items()}
    )


def _value(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_value(item, names) for item in value]
    if not isinstance(value, View):
        return value
    buffer = value.buffer
    while buffer in names:
        buffer = names[buffer]
    return replace(value, buffer=buffer)
