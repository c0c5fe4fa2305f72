"""Substreams for a recipe's draws: each parameter's values hang on its name, and no two parameters are equal.

A draw takes the substream of the first name of the state that its values flow into. What a constructor copies of a
drawn buffer would be equal to it: the steps behind the copy are carried out once more, for buffers of its own, which
flow into the copy's name. What belongs together stays so: the norms of a copied weight are those of the copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...initializers.registry import INITIALIZERS
from ..recipe.parts import Buffer, Fill, Literal, Operation, Step, View
from ..recipe.problem import RecipeError
from .liveness import Liveness, reads, span
from .moves import without_moves

#: Steps that all copies together may add.
_MOST_ADDED = 1_000_000


def drawn_apart(
    steps: Sequence[Step], buffers: Mapping[str, Buffer], state: Mapping[str, View | Literal]
) -> tuple[list[Step], dict[str, Buffer]]:
    """The steps in which copies of drawn values are drawn anew, and all buffers."""
    return _Copies(steps, buffers, state).expanded()


class _Copies:
    """``replicas``: of each number, which of the steps are repeated, and the last of them to write to each buffer."""

    def __init__(
        self, steps: Sequence[Step], buffers: Mapping[str, Buffer], state: Mapping[str, Any]
    ) -> None:
        self.steps, self.buffers, self.liveness = steps, dict(buffers), Liveness(steps)
        views = [entry for entry in state.values() if isinstance(entry, View)]
        self.live = set(self.liveness.of(views)[0])
        self.replicas: dict[int, dict[str, int]] = {0: {}}
        self.repeated: set[tuple[int, int]] = set()
        #: Whose values stand in the model already: buffers with the number of their replica.
        self.standing = {(view.buffer, 0) for view in views}
        self.next: dict[str, int] = {}

    def expanded(self) -> tuple[list[Step], dict[str, Buffer]]:
        """All steps, and all buffers."""
        result: list[Step] = []
        for index, step in enumerate(self.steps):
            source = self._copied(step) if index in self.live else None
            behind = [] if source is None else self.liveness.of([source], index)[0]
            if source is None or not any(map(self._draws, behind)):
                result.append(step)
                continue
            number = self._number(source.buffer, behind)
            if number:
                result += [self._repeat(k, number) for k in behind if (k, number) not in self.repeated]
            self.standing.add((source.buffer, number))
            result.append(self._renamed(step, number, out=step.out) if number else step)
        return without_moves(result, self.buffers, lambda buffer: "\0" in buffer), self.buffers

    def _number(self, source: str, behind: list[int]) -> int:
        """The first replica in which the source's values do not stand in the model, and can be made."""
        number = self.next.get(source, 0)
        while not self._is_free(source, number, behind):
            number += 1
        self.next[source] = number + 1
        return number

    def _is_free(self, source: str, number: int, behind: list[int]) -> bool:
        if (source, number) in self.standing:
            return False
        writes = self.replicas.setdefault(number, {})
        for index in behind if number else ():
            if (index, number) in self.repeated:
                continue
            step, copied = self.steps[index], self._copied(self.steps[index])
            touched = {step.out.buffer, *(view.buffer for view in reads(step))}
            if any(writes.get(buffer, -1) > index for buffer in touched):
                return False  # what this step reads has been overwritten
            if copied is not None and (copied.buffer, number) in self.standing:
                return False
        return True

    def _repeat(self, index: int, number: int) -> Step:
        if len(self.repeated) == _MOST_ADDED:
            raise RecipeError("steps", f"copies that repeat at most {_MOST_ADDED} steps", "more")
        self.repeated.add((index, number))
        step, copied = self.steps[index], self._copied(self.steps[index])
        self.replicas[number][step.out.buffer] = index
        if copied is not None:
            self.standing.add((copied.buffer, number))
        return self._renamed(step, number)

    def _copied(self, step: Step) -> View | None:
        """The source of a copy of a whole buffer to another of its type."""
        if not isinstance(step, Operation) or step.name != "copy":
            return None
        (source,) = (*step.operands, *step.options.values())
        if not isinstance(source, View) or source.buffer == step.out.buffer:
            return None
        first, second = self.buffers[source.buffer], self.buffers[step.out.buffer]
        whole = span(source) == (0, first.size) and span(step.out) == (0, second.size)
        return source if whole and first.size == second.size and first.dtype == second.dtype else None

    def _draws(self, index: int) -> bool:
        step = self.steps[index]
        return isinstance(step, Fill) and INITIALIZERS[step.function].random

    def _renamed(self, step: Step, number: int, out: View | None = None) -> Step:
        out = out or self._view(step.out, number)
        if isinstance(step, Fill):
            return replace(step, out=out)
        operands = tuple(self._value(operand, number) for operand in step.operands)
        options = {key: self._value(option, number) for key, option in step.options.items()}
        return replace(step, out=out, operands=operands, options=options)

    def _value(self, value: Any, number: int) -> Any:
        if isinstance(value, (list, tuple)):
            return [self._value(item, number) for item in value]
        return self._view(value, number) if isinstance(value, View) else value

    def _view(self, view: View, number: int) -> View:
        name = f"{view.buffer}\0{number}"  # no recipe's own name has a control character
        self.buffers.setdefault(name, replace(self.buffers[view.buffer], name=name))
        return replace(view, buffer=name)


def owners(steps: Sequence[Step], live: Sequence[int], state: Mapping[str, View | Literal]) -> dict[int, str]:
    """For each live step the first name of the state that its values flow into."""
    flows: dict[str, str] = {}
    for name, entry in state.items():
        if isinstance(entry, View):
            flows.setdefault(entry.buffer, name)
    result = {}
    for index in reversed(live):
        result[index] = flows[steps[index].out.buffer]
        for view in reads(steps[index]):
            flows.setdefault(view.buffer, result[index])
    return result


@dataclass(frozen=True, slots=True)
class Substreams:
    """The generator of each name, made when it is first used."""

    key: Any
    generators: dict[str, Any]

    def of(self, name: str) -> Any:
        """The substream of a name, as far as its fills have come."""
        if name not in self.generators:
            self.generators[name] = self.key.substream(name)
        return self.generators[name]
