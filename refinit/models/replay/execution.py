"""A plan carried out: buffers come and go, and what is finished is handed over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...arrays.shards import Shard
from ...dtypes import ELEMENTS
from ...fill.passing import pass_by
from ...initializers.registry import INITIALIZERS
from ..recipe.checks import refused
from ..recipe.parts import Buffer, Fill, Literal, View
from ..recipe.problem import RecipeError
from ..recipe.signatures import bound_operands
from .by_position import Substreams
from .liveness import span
from .operations.run import run
from .plan import Action, Plan


class Receiver(Protocol):
    """Where arrays go."""

    def memory(self, buffer: Buffer, *, zeroed: bool) -> NDArray[np.uint8]:
        """Bytes for a buffer."""

    def finish(self, name: str, array: NDArray[Any]) -> None:
        """Takes an array of the state, whose values are final."""


class Execution:
    """``generator``: a Generator, or Substreams by position."""

    def __init__(self, plan: Plan, generator: Any, receiver: Receiver) -> None:
        self.plan, self.generator, self.receiver = plan, generator, receiver
        self.arrays: dict[str, NDArray[np.uint8]] = {}
        self.names: dict[str, list[str]] = {}
        for name, entry in plan.state.items():
            if isinstance(entry, View):
                self.names.setdefault(entry.buffer, []).append(name)

    def run(self) -> None:
        """Carries out all actions; what only the state has comes first."""
        ends: dict[int, list[str]] = {}
        for name, index in self.plan.last_uses().items():
            ends.setdefault(index, []).append(name)
        self._end(ends.get(-1, []))
        for index, action in enumerate(self.plan.actions):
            self._carry_out(action)
            self._end(ends.get(index, []))
        for name, entry in self.plan.state.items():
            if isinstance(entry, Literal):
                self.receiver.finish(name, entry.array)

    def _end(self, buffers: list[str]) -> None:
        """Hands over what the state has of the buffers, and lets their memory go."""
        for buffer in buffers:
            for name in self.names.get(buffer, []):
                self.receiver.finish(name, self._value(self.plan.state[name]))
            self.arrays.pop(buffer, None)

    def _carry_out(self, action: Action) -> None:
        step = action.step
        try:
            if not isinstance(step, Fill):
                bound = bound_operands(step, action.place)
                operands = {key: self._value(value) for key, value in bound.items()}
                run(step.name, self._value(step.out), operands)
            elif action.live:
                self._fill(action, self._value(step.out))
            else:
                self._pass_by(action)
        except RecipeError:
            raise
        except (TypeError, ValueError, RuntimeError, OverflowError) as error:
            raise refused(error, action.place, step) from error

    def _fill(self, action: Action, out: NDArray[Any]) -> None:
        assert isinstance(action.step, Fill)
        initializer = INITIALIZERS[action.step.function]
        options = {"generator": self._source(action)} if initializer.random else {}
        tensor = out if action.shard is None else Shard(out, *action.shard)
        initializer.function(tensor, **action.step.arguments, **options)

    def _pass_by(self, action: Action) -> None:
        step = action.step
        assert isinstance(step, Fill)
        view, element = step.out, ELEMENTS[self.plan.buffers[step.out.buffer].dtype]
        law = None if 0 in view.shape else INITIALIZERS[step.function].law(view.shape, **step.arguments)
        if law is None or not pass_by(self._source(action), element, view.shape, view.strides, law):
            start, stop = span(view)
            scratch = new_memory((stop - start) * element.itemsize, zeroed=False)
            self._fill(action, strided(scratch, replace(view, offset=0), element.dtype))

    def _source(self, action: Action) -> Any:
        return self.generator.of(action.owner) if isinstance(self.generator, Substreams) else self.generator

    def _value(self, value: Any) -> Any:
        """Arrays in the place of views and literals."""
        if isinstance(value, View):
            buffer = self.plan.buffers[value.buffer]
            if value.buffer not in self.arrays:
                zeroed = value.buffer in self.plan.zeroed
                self.arrays[value.buffer] = self.receiver.memory(buffer, zeroed=zeroed)
            return strided(self.arrays[value.buffer], value, ELEMENTS[buffer.dtype].dtype)
        if isinstance(value, Literal):
            return value.array
        return [self._value(item) for item in value] if isinstance(value, (list, tuple)) else value


def strided(memory: NDArray[np.uint8], view: View, dtype: np.dtype[Any]) -> NDArray[Any]:
    """A view of a buffer's memory; an ordinary array where it is dense."""
    size = dtype.itemsize
    strides = tuple(size * stride for stride in view.strides)
    return np.ndarray(view.shape, dtype, memory, size * view.offset, strides)


def new_memory(size: int, *, zeroed: bool) -> NDArray[np.uint8]:
    """Memory of so many bytes; zeros where a step reads it before any has written."""
    return np.zeros(size, np.uint8) if zeroed else np.empty(size, np.uint8)
