"""What a replay does, step by step, and the memory that it needs, before anything is allocated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...dtypes import ELEMENTS
from ...initializers.registry import INITIALIZERS
from ..recipe.bounds import bound_after
from ..recipe.parts import Buffer, Fill, Literal, Step, View
from ..recipe.steps import Recipe
from .by_position import drawn_apart, owners
from .liveness import Liveness, reads, span


@dataclass(frozen=True)
class Action:
    """A step to carry out, or, of a dead draw, to pass by; ``owner``: the name whose substream it draws from.

    ``shard``: where it fills a block of a larger array, the shape of that, and the block's offset.
    """

    step: Step
    place: str
    live: bool
    owner: str
    shard: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    @cached_property
    def buffers(self) -> set[str]:
        """Those that it touches."""
        return {self.step.out.buffer, *(view.buffer for view in reads(self.step))} if self.live else set()


@dataclass(frozen=True)
class Plan:
    """``actions`` in order; ``state`` by name; ``zeroed``: the buffers of which something is read unwritten.

    ``stays``: whether the state stays in memory; ``mapped``: the buffers that take none of their own.
    """

    actions: tuple[Action, ...]
    buffers: Mapping[str, Buffer]
    state: Mapping[str, View | Literal]
    zeroed: frozenset[str]
    stays: bool
    mapped: frozenset[str] = frozenset()

    def last_uses(self) -> dict[str, int]:
        """The last action that touches each buffer; of one that only the state has, -1."""
        last = {entry.buffer: -1 for entry in self.state.values() if isinstance(entry, View)}
        for index, action in enumerate(self.actions):
            last |= dict.fromkeys(action.buffers, index)
        return last

    def bounds(self) -> dict[str, float]:
        """By name, within how many ulp of torch's values those are that are not torch's to the bit."""
        bounds: dict[str, float] = {}
        for action in self.actions:
            if not action.live:
                continue
            out = action.step.out
            after = bound_after(action.step, self.buffers[out.buffer].dtype, bounds, self.buffers)
            whole = math.prod(out.shape) == self.buffers[out.buffer].size
            bounds[out.buffer] = after if whole else max(after, bounds.get(out.buffer, 0.0))
        views = {name: entry.buffer for name, entry in self.state.items() if isinstance(entry, View)}
        return {name: bounds[buffer] for name, buffer in views.items() if bounds.get(buffer)}

    @cached_property
    def peak(self) -> int:
        """The most memory that buffers and scratch take at a time; of what is kept, the state's to the end."""
        stay = {entry.buffer for entry in _views(self.state)} if self.stays else set()
        ends: dict[int, list[str]] = {}
        for name, index in self.last_uses().items():
            if name not in stay:
                ends.setdefault(index, []).append(name)
        present: set[str] = set()
        now = most = 0
        for index, action in enumerate(self.actions):
            now += sum(map(self._size, action.buffers - present))
            present |= action.buffers
            most = max(most, now + self._scratch(action))
            now -= sum(map(self._size, ends.get(index, ())))
        literals = [entry.array for entry in self.state.values() if isinstance(entry, Literal)]
        copied = sum(array.size * array.itemsize for array in literals) if self.stays else 0
        return max(most, now + sum(map(self._size, stay - present)) + copied)

    def _size(self, name: str) -> int:
        return 0 if name in self.mapped else bytes_of(self.buffers[name])

    def _scratch(self, action: Action) -> int:
        """Memory that a step takes besides its buffers'."""
        out = action.step.out
        size = math.prod(out.shape) * ELEMENTS[self.buffers[out.buffer].dtype].itemsize
        if isinstance(action.step, Fill):
            start, stop = span(out)
            passing = 0 if action.live else (stop - start) * ELEMENTS[self.buffers[out.buffer].dtype].itemsize
            return passing + (4 * size if action.step.function == "orthogonal_" else size // 8)
        moved = any(view.buffer == out.buffer and view != out for view in reads(action.step))
        return size * (moved + (action.step.name in ("roll", "norm", "linalg_vector_norm", "mm", "mv")))


def bytes_of(buffer: Buffer) -> int:
    """Its size."""
    return buffer.size * ELEMENTS[buffer.dtype].itemsize


def planned(
    recipe: Recipe, state: Mapping[str, View | Literal], *, by_position: bool, stays: bool = True
) -> Plan:
    """The plan for these entries, or parts of the entries, of the state; draws that none hangs on are passed by."""
    steps: Sequence[Step] = recipe.steps
    buffers: Mapping[str, Buffer] = recipe.buffers
    if by_position:
        steps, buffers = drawn_apart(steps, buffers, recipe.state)
    liveness = Liveness(steps)
    live, zeroed = liveness.of(_views(state))
    owner: dict[int, str] = {}
    if by_position:
        everything = live if state == recipe.state else liveness.of(_views(recipe.state))[0]
        owner = owners(steps, everything, recipe.state)
        used = {owner[index] for index in live}
    alive, places = set(live), _places(recipe, steps)
    actions = tuple(
        Action(step, places[index], index in alive, owner.get(index, ""))
        for index, step in enumerate(steps)
        if index in alive or (_draws(step) and (not by_position or owner.get(index) in used))
    )
    return Plan(actions, buffers, state, zeroed, stays)


def _places(recipe: Recipe, steps: Sequence[Step]) -> list[str]:
    """Where in the recipe each step stands; of what copies repeat, in words."""
    numbers = {id(step): index for index, step in enumerate(recipe.steps)}
    return [f"steps[{numbers[id(step)]}]" if id(step) in numbers else "steps, of a copy" for step in steps]


def _views(state: Mapping[str, View | Literal]) -> list[View]:
    return [entry for entry in state.values() if isinstance(entry, View)]


def _draws(step: Step) -> bool:
    return isinstance(step, Fill) and INITIALIZERS[step.function].random
