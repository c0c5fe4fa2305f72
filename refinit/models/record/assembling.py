"""A recipe from what was recorded: the state, the steps that it needs, and buffers with the names that users know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import torch

from ..recipe.steps import Buffer, Literal, Recipe, Step, View, dense_strides
from .recorder import Recorder
from .refusals import Refused, Unrepresentable
from .slicing import covers, needed, never_written, views_in
from .storages import literal

_MOST_NAMES = 5


def assembled(
    recorder: Recorder,
    state: Mapping[str, Any],
    unsaved: Mapping[str, torch.Tensor],
    source: str,
    versions: Mapping[str, str],
) -> Recipe:
    """The recipe of a module's state; ``unsaved`` are its tensors that only give names to memory.

    Raises
    ------
    Refused
        Where the state has what a recipe cannot say.
    """
    entries = dict(_entries(recorder, state))
    views = {name: entry for name, entry in entries.items() if isinstance(entry, View)}
    sizes = {str(memory.index): memory.size for memory in recorder.storages}
    steps = needed([step for step in recorder.steps if step is not None], views, sizes)
    _refuse_unwritten(never_written(steps, views, sizes))
    names = _names(steps, [*views.items(), *_views(recorder, unsaved)], sizes, set(state))
    buffers = {memory.index: memory for memory in recorder.storages}

    def renamed(value: Any) -> Any:
        if isinstance(value, View):
            return replace(value, buffer=names[value.buffer])
        return tuple(map(renamed, value)) if isinstance(value, tuple) else value

    shapes = _shapes(views, sizes)
    return Recipe(
        buffers={
            name: Buffer(name, buffers[int(index)].dtype, shapes.get(index, (sizes[index],)))
            for index, name in names.items()
        },
        steps=tuple(_rewritten(step, renamed) for step in steps),
        state={name: renamed(entry) for name, entry in entries.items()},
        source=source,
        versions=versions,
    )


def _entries(recorder: Recorder, state: Mapping[str, Any]) -> Iterator[tuple[str, View | Literal]]:
    """Each name's view or values; tied ones are the same object."""
    literals: dict[Any, Literal] = {}
    for name, value in state.items():
        if not isinstance(value, torch.Tensor):
            raise Refused(
                f"cannot record this constructor: {name} of the state_dict is no tensor but of type "
                f"{type(value).__name__}"
            )
        tensor = value.detach()
        try:
            memory = recorder.storages.of(tensor)
            if memory is not None and memory.is_fresh and tensor.numel():
                _refuse_unwritten([name])
            if memory is not None and (memory.is_random or memory.constant is not None):
                yield name, recorder.storages.view(tensor)
                continue
            values = literal(tensor)
            place = (tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride())
            yield name, literals.setdefault(place, values)
        except Unrepresentable as reason:
            raise Refused(f"cannot record this constructor: {name} of the state_dict is {reason}") from None


def _refuse_unwritten(names: Iterable[str]) -> None:
    names = list(names)
    if names:
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        raise Refused(
            f"cannot record this constructor: it leaves {', '.join(names[:_MOST_NAMES])}{more} as torch.empty made "
            "them, with values that are nobody's; initialise them in the constructor"
        )


def _views(recorder: Recorder, tensors: Mapping[str, torch.Tensor]) -> Iterator[tuple[str, View]]:
    for name, tensor in tensors.items():
        if recorder.storages.is_random(tensor):
            try:
                yield name, recorder.storages.view(tensor.detach())
            except Unrepresentable:  # it only lends its name
                continue


def _names(
    steps: Iterable[Step], named: list[tuple[str, View]], sizes: Mapping[str, int], occupied: set[str]
) -> dict[str, str]:
    """A name for each buffer of the steps, in their order: of what covers it, of what is in it, or a number."""
    whole = {view.buffer: name for name, view in reversed(named) if covers(view, sizes[view.buffer])}
    within = {view.buffer: name for name, view in reversed(named)}
    temporaries = (name for name in map("temporary.{}".format, count()) if name not in occupied)
    used = dict.fromkeys(view.buffer for step in steps for view in (step.out, *views_in(step)))
    return {buffer: whole.get(buffer) or within.get(buffer) or next(temporaries) for buffer in used}


def _shapes(views: Mapping[str, View], sizes: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The shape of each buffer that a name of the state covers in C order."""
    shapes: dict[str, tuple[int, ...]] = {}
    for view in views.values():
        if covers(view, sizes[view.buffer]) and view.strides == dense_strides(view.shape):
            shapes.setdefault(view.buffer, view.shape)
    return shapes


def _rewritten(step: Step, renamed: Any) -> Step:
    changes: dict[str, Any] = {"out": renamed(step.out)}
    if not hasattr(step, "function"):
        changes["operands"] = renamed(step.operands)
        changes["options"] = {key: renamed(value) for key, value in step.options.items()}
    return replace(step, **changes)
