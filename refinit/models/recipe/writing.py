"""A recipe as JSON: what is regular is left out, so that a person can read the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .bounds import own_bound
from .literals import literal_to_json
from .parts import Buffer, Fill, Literal, Step, View
from .scalars import number_to_json

FORMAT = "refinit recipe 1"


def document_of(
    buffers: Mapping[str, Buffer],
    steps: Sequence[Step],
    state: Mapping[str, View | Literal],
    source: str,
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """The whole recipe as plain data."""
    return {
        "format": FORMAT,
        "source": source,
        "versions": dict(versions),
        "buffers": {name: {"dtype": b.dtype, "shape": list(b.shape)} for name, b in buffers.items()},
        "steps": [_step(step, buffers, f"steps[{index}]") for index, step in enumerate(steps)],
        "state": {name: _value(held, buffers) for name, held in state.items()},
    }


def _step(step: Step, buffers: Mapping[str, Buffer], place: str) -> dict[str, Any]:
    if isinstance(step, Fill):
        arguments = {key: _value(argument, buffers) for key, argument in step.arguments.items()}
        named = {
            "fill": step.function,
            "out": _view(step.out, buffers),
            "arguments": arguments,
            "call": step.call,
        }
    else:
        options = {key: _value(option, buffers) for key, option in step.options.items()}
        operands = [_value(operand, buffers) for operand in step.operands]
        out = _view(step.out, buffers)
        named = {"operation": step.name, "out": out, "operands": operands, "options": options}
    within = own_bound(step, buffers[step.out.buffer].dtype, place)
    named |= {"within": number_to_json(within) if within else "", "where": step.where}
    return {key: entry for key, entry in named.items() if entry not in ("", {}, [])}


def _value(value: Any, buffers: Mapping[str, Buffer]) -> Any:
    if isinstance(value, View):
        return _view(value, buffers)
    if isinstance(value, Literal):
        return literal_to_json(value)
    if isinstance(value, (list, tuple)):
        return [_value(item, buffers) for item in value]
    return value if value is None or isinstance(value, str) else number_to_json(value)


def _view(view: View, buffers: Mapping[str, Buffer]) -> dict[str, Any]:
    if view == buffers[view.buffer].whole:
        return {"buffer": view.buffer}
    return {
        "buffer": view.buffer,
        "offset": view.offset,
        "shape": list(view.shape),
        "strides": list(view.strides),
    }


def text_of(document: Mapping[str, Any]) -> str:
    """JSON with a line for each buffer, step and name."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    parts = []
    for key, value in document.items():
        if isinstance(value, dict) and key in ("buffers", "state") and value:
            entries = ",\n".join(f"    {line(name)}: {line(entry)}" for name, entry in value.items())
            parts.append(f"  {line(key)}: {{\n{entries}\n  }}")
        elif isinstance(value, list) and value:
            entries = ",\n".join(f"    {line(entry)}" for entry in value)
            parts.append(f"  {line(key)}: [\n{entries}\n  ]")
        else:
            parts.append(f"  {line(key)}: {line(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
