"""What must be carried out: a step is dead if each element that it writes is written again before anything reads it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from ..recipe.parts import Operation, Step, View
from ..recipe.shapes import arrays_in


def span(view: View) -> tuple[int, int]:
    """The range of elements of its buffer from its first to behind its last one; empty if it has none."""
    if 0 in view.shape:
        return view.offset, view.offset
    reach = sum((length - 1) * stride for length, stride in zip(view.shape, view.strides, strict=True))
    return view.offset, view.offset + reach + 1


def reads(step: Step) -> list[View]:
    """The views that a step reads."""
    if not isinstance(step, Operation):
        return []
    values = (*step.operands, *step.options.values())
    return [array for value in values for array in arrays_in(value) if isinstance(array, View)]


class Ranges:
    """Disjoint ranges of elements of one buffer: their edges in order, start, stop, start, stop."""

    def __init__(self) -> None:
        self.edges: list[int] = []

    def __bool__(self) -> bool:
        return bool(self.edges)

    def meets(self, start: int, stop: int) -> bool:
        """Whether an element lies in both."""
        index = bisect_left(self.edges, start + 1)
        return start < stop and (index % 2 == 1 or (index < len(self.edges) and self.edges[index] < stop))

    def add(self, start: int, stop: int) -> None:
        """Joins a range."""
        if start < stop:
            first, last = bisect_left(self.edges, start), bisect_left(self.edges, stop + 1)
            self.edges[first:last] = [start] * (first % 2 == 0) + [stop] * (last % 2 == 0)

    def remove(self, start: int, stop: int) -> None:
        """Takes a range out."""
        if start < stop:
            first, last = bisect_left(self.edges, start), bisect_left(self.edges, stop + 1)
            self.edges[first:last] = [start] * (first % 2 == 1) + [stop] * (last % 2 == 1)


class Liveness:
    """The steps that some views' elements hang on."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.writers: dict[str, list[int]] = {}
        for index, step in enumerate(steps):
            self.writers.setdefault(step.out.buffer, []).append(index)

    def of(self, views: Iterable[View], stop: int | None = None) -> tuple[list[int], frozenset[str]]:
        """The live ones among the first ``stop`` steps, in order; and the buffers read where none of them writes."""
        needs = _Needs(self.writers)
        for view in views:
            needs.add(view, len(self.steps) if stop is None else stop)
        live = []
        while needs.later:
            index = -heappop(needs.later)
            out = self.steps[index].out
            ranges, (start, end) = needs.ranges[out.buffer], span(out)
            if not ranges.meets(start, end):
                continue
            live.append(index)
            if end - start == math.prod(out.shape):
                ranges.remove(start, end)
            for view in reads(self.steps[index]):
                needs.add(view, index)
        return live[::-1], frozenset(name for name, ranges in needs.ranges.items() if ranges)


class _Needs:
    """The elements of each buffer that are read and not yet written; the steps that may write them, the last first."""

    def __init__(self, writers: Mapping[str, list[int]]) -> None:
        self.writers = writers
        self.ranges: dict[str, Ranges] = {}
        self.later: list[int] = []  # a heap of negative indices

    def add(self, view: View, stop: int) -> None:
        """What the view has before the step ``stop``."""
        if view.buffer not in self.ranges:
            self.ranges[view.buffer] = Ranges()
            writers = self.writers.get(view.buffer, [])
            for index in writers[: bisect_left(writers, stop)]:
                heappush(self.later, -index)
        self.ranges[view.buffer].add(*span(view))
