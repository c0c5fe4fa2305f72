"""refinit on NumPy arrays, from the stream in which position is everything: whole weights, and weights in shards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import refinit
from refinit.initializers.registry import INITIALIZERS

from ..cases.case import Case
from ..cases.functions import COUNTER_FUNCTIONS, FUNCTIONS
from ..cases.models import Shape
from ..laws.streams import COUNTER_STREAM
from .base import ENDLESS, RELATED, Calls, Filled, KnownDivergence, Subject
from .refinit import RefinitSubject


class CounterSubject(RefinitSubject):
    """refinit on NumPy arrays with a CounterGenerator, which every call passes: it is nobody's default."""

    name = "refinit:counter"
    stream = COUNTER_STREAM
    bits_of = COUNTER_STREAM.name
    functions = COUNTER_FUNCTIONS
    calls: Calls | None = Calls(
        imports="numpy as np, refinit",
        module="refinit",
        seeding="",
        generator="refinit.CounterGenerator(seed)",
    )

    def generator(self, seed: int) -> Any:
        """A CounterGenerator at its first fill."""
        return refinit.CounterGenerator(seed)

    def _call(self, case: Case, weight: Any, seed: int) -> bytes | None:
        function = INITIALIZERS[case.function].function
        if not case.random:
            function(weight, **case.named)
            return None
        for part in self.parts(case, weight):
            generator = self.generator(seed)
            function(part, **case.named, generator=generator)
        return bytes(generator.get_state())

    def parts(self, case: Case, weight: Any) -> list[Any]:
        """The weight itself, or its shards."""
        if case.source != "shards":
            return [weight]
        parts = []
        for block in shards(case.shape):
            index: Any = (*block, ...)  # of a scalar: a view, not a number
            offset = tuple(axis.start for axis in block)
            parts.append(refinit.Shard(weight[index], case.shape, offset))
        return parts

    def twin(self, case: Case) -> Subject | None:
        """Of a weight in shards: the same weight in one piece."""
        return Whole() if case.source == "shards" and case.random else None

    def related(self, case: Case, seed: int) -> dict[str, list[Filled]]:
        """Also first fills of substreams whose names differ in one character."""
        parent = self.generator(seed)
        children = [parent.substream(f"layers.{index}.weight") for index in range(RELATED)]
        fills = [self.filled_from(case, child) for child in children]
        return {**super().related(case, seed), "sibling substreams": fills}

    def divergences(self) -> Sequence[KnownDivergence]:
        """Those of refinit but for calls that torch's algorithm never ends and this one answers."""
        return [divergence for divergence in super().divergences() if divergence.torch != ENDLESS]

    def attempt(self, divergence: KnownDivergence) -> str:
        """The call with a generator of its own."""
        generator = self.generator(0)
        keywords = {"generator": generator} if FUNCTIONS[divergence.function].random else {}
        return self._attempted(divergence, generator.get_state, **keywords)


class Whole(CounterSubject):
    """The same, but never in shards."""

    name = "refinit:counter, whole"

    def parts(self, case: Case, weight: Any) -> list[Any]:  # noqa: ARG002
        """The weight itself."""
        return [weight]


def shards(shape: Shape) -> list[tuple[slice, ...]]:
    """Blocks that cover the shape: the first and the last axis are each cut once, at no round number."""
    cuts = [[slice(0, length)] for length in shape]
    for axis in {0, len(shape) - 1} if shape else ():
        cut = shape[axis] // 3 + 1
        if cut < shape[axis]:
            cuts[axis] = [slice(0, cut), slice(cut, shape[axis])]
    return list(product(*cuts))
