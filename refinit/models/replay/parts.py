"""A rank's part of a model: a block of each array."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ...laws.arguments import integer_argument
from ..recipe.parts import Fill, Literal, View, dense_strides
from .plan import Action, Plan

Shape = tuple[int, ...]
#: A rank and the number of ranks, or what says the block of each array.
Part = tuple[int, int] | Callable[[str, Shape], tuple[slice, ...]] | None


def cut(state: Mapping[str, View | Literal], part: Part) -> dict[str, View | Literal]:
    """Of each entry its block.

    Raises
    ------
    TypeError
        If the part is none, or a block no tuple of slices.
    ValueError
        If there is no such rank, or a slice has a step, or there are more slices than axes.
    """
    if part is None:
        return dict(state)
    slices = part if callable(part) else _of_rank(*_rank(part))
    return {name: _cut(name, entry, slices) for name, entry in state.items()}


def _rank(part: Sequence[int]) -> tuple[int, int]:
    if not isinstance(part, tuple) or len(part) != 2:
        raise TypeError(f"expected part as (rank, ranks) or a function of name and shape, got {part!r}")
    ranks = integer_argument(part[1], "the number of ranks", 1)
    return integer_argument(part[0], "the rank", 0, ranks), ranks


def _of_rank(rank: int, ranks: int) -> Callable[[str, Shape], tuple[slice, ...]]:
    """Blocks of the first axis, as torch.chunk and FSDP2 part it: all of one length, but for the last ones."""

    def slices(_name: str, shape: Shape) -> tuple[slice, ...]:
        length = -(-shape[0] // ranks) if shape else 0
        return (slice(rank * length, (rank + 1) * length),) if shape else ()

    return slices


def _cut(
    name: str, entry: View | Literal, slices: Callable[[str, Shape], tuple[slice, ...]]
) -> View | Literal:
    shape = entry.shape if isinstance(entry, View) else entry.array.shape
    block = slices(name, shape)
    if not isinstance(block, tuple) or not all(isinstance(item, slice) for item in block):
        raise TypeError(f"expected a tuple of slices as the part of {name!r}, got {block!r}")
    if len(block) > len(shape) or any(item.step not in (None, 1) for item in block):
        raise ValueError(
            f"expected at most {len(shape)} slices without steps as the part of {name!r}, got {block!r}"
        )
    if isinstance(entry, Literal):
        return Literal(entry.array[block], entry.dtype)
    ranges = [range(*item.indices(length)) for item, length in zip(block, shape, strict=False)]
    offset = sum(r.start * stride for r, stride in zip(ranges, entry.strides, strict=False) if len(r))
    lengths = (*map(len, ranges), *shape[len(ranges) :])
    return View(entry.buffer, entry.offset + offset, lengths, entry.strides)


def in_blocks(plan: Plan, state: Mapping[str, View | Literal]) -> Plan:
    """Of a plan by position: a buffer that is one fill, of which one block remains, is filled as that block.

    ``state``: before it was cut.
    """
    blocks = dict(_blocks(plan, state))
    if not blocks:
        return plan
    buffers, entries = dict(plan.buffers), dict(plan.state)
    for buffer, (view, _) in blocks.items():
        buffers[buffer] = replace(buffers[buffer], shape=view.shape)
        whole = buffers[buffer].whole
        entries |= {
            name: whole for name, entry in entries.items() if isinstance(entry, View) and entry == view
        }
    actions = tuple(
        _as_block(action, *blocks[action.step.out.buffer])
        if action.live and action.step.out.buffer in blocks
        else action
        for action in plan.actions
    )
    return replace(plan, actions=actions, buffers=buffers, state=entries)


def _blocks(plan: Plan, state: Mapping[str, View | Literal]) -> Iterator[tuple[str, tuple[View, Shape]]]:
    """By buffer the view that remains of it, and where it begins in the whole."""
    uses: dict[str, list[Action]] = {}
    for action in plan.actions:
        for buffer in action.buffers:
            uses.setdefault(buffer, []).append(action)
    views: dict[str, set[View]] = {}
    wholes: dict[str, View] = {}
    for name, entry in plan.state.items():
        if isinstance(entry, View):
            views.setdefault(entry.buffer, set()).add(entry)
            whole = state[name]
            assert isinstance(whole, View)
            wholes[entry.buffer] = whole
    for buffer, remaining in views.items():
        (view, *others), actions = remaining, uses.get(buffer, [])
        if others or len(actions) != 1 or not isinstance(actions[0].step, Fill) or not math.prod(view.shape):
            continue
        out = actions[0].step.out
        if out == wholes[buffer] == plan.buffers[buffer].whole and view != out:
            offset, start = [], view.offset
            for stride in out.strides:
                offset.append(start // stride)
                start %= stride
            yield buffer, (view, tuple(offset))


def _as_block(action: Action, view: View, offset: Shape) -> Action:
    step = action.step
    out = View(view.buffer, 0, view.shape, dense_strides(view.shape))
    return replace(action, step=replace(step, out=out), shard=(step.out.shape, offset))
