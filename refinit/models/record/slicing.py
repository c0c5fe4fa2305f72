"""Of all steps those that the state, or the generator's place in its stream, depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...initializers.registry import INITIALIZERS
from ..recipe.steps import Fill, Operation, Step, View
from .refusals import Unknown


def needed(
    steps: Sequence[Step | Unknown], state: Mapping[str, View], sizes: Mapping[str, int]
) -> list[Step]:
    """The steps without those that nothing depends on; a draw stays, for it moves the generator.

    Raises
    ------
    Refused
        If the state depends on a step that cannot be written down.
    """
    names: dict[str, str] = {}  # of a buffer, the first name in the state that depends on it
    for name, view in state.items():
        names.setdefault(view.buffer, name)
    slice_: list[Step] = []
    for step in reversed(steps):
        buffer = step.out.buffer
        is_live = buffer in names
        if isinstance(step, Unknown):
            if is_live:
                raise step.refusal(names[buffer])
            continue
        if is_live or draws(step):
            slice_.append(step)
        if is_live:
            name = names[buffer]
            if covers(step.out, sizes[buffer]):
                del names[buffer]
            for view in views_in(step):
                names.setdefault(view.buffer, name)
    return slice_[::-1]


def draws(step: Step) -> bool:
    """Whether it takes random numbers."""
    return isinstance(step, Fill) and INITIALIZERS[step.function].random


def views_in(step: Step) -> Iterator[View]:
    """The views that an operation reads."""
    if isinstance(step, Operation):
        yield from _views((*step.operands, *step.options.values()))


def _views(values: Sequence[Any]) -> Iterator[View]:
    for value in values:
        if isinstance(value, View):
            yield value
        elif isinstance(value, tuple):
            yield from _views(value)


def covers(view: View, size: int) -> bool:
    """Whether a view that is written to is all of a buffer: no two of its elements share memory."""
    return int(np.prod(view.shape, dtype=np.int64)) == size


def never_written(steps: Sequence[Step], state: Mapping[str, View], sizes: Mapping[str, int]) -> list[str]:
    """The names of the state that have elements which no step writes."""
    written: dict[str, list[View]] = {}
    for step in steps:
        written.setdefault(step.out.buffer, []).append(step.out)
    return [
        name
        for name, view in state.items()
        if not any(covers(out, sizes[view.buffer]) for out in written.get(view.buffer, ()))
        and not _covered(view, written.get(view.buffer, ()), sizes[view.buffer])
    ]


def _covered(view: View, written: Sequence[View], size: int) -> bool:
    mask = np.zeros(size, bool)
    for out in written:
        _elements(mask, out)[...] = True
    return bool(_elements(mask, view).all())


def _elements(mask: Any, view: View) -> Any:
    return as_strided(mask[view.offset :], view.shape, view.strides)
