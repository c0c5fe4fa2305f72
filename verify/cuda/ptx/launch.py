"""The shape of a launch, and the sanitizer's tables for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from . import sanitizer as s
from .compile import Executable
from .memory import Memory, poisoned
from .model import Instruction, Kernel
from .problems import (
    DESCRIPTIONS,
    OWN,
    RACE,
    REGION_BITS,
    THREAD_BITS,
    DivergentBarrier,
    Violation,
    Violations,
)

#: CUDA's limits (CUDA C++ Programming Guide, "Technical Specifications per Compute Capability").
MOST_THREADS = 1024
MOST_ALONG = (1024, 1024, 64)
MOST_BLOCKS = (2**31 - 1, 65535, 65535)

Sizes = tuple[int, int, int]


@dataclass(frozen=True)
class Shape:
    """Blocks of the grid and threads of a block, along x, y and z."""

    grid: Sizes
    block: Sizes

    @property
    def blocks(self) -> int:
        """How many blocks."""
        x, y, z = self.grid
        return x * y * z

    @property
    def threads(self) -> int:
        """How many threads a block has."""
        x, y, z = self.block
        return x * y * z


def place(index: int, sizes: Sizes) -> Sizes:
    """The coordinates of a linear index, x first."""
    x, y, _ = sizes
    return index % x, index // x % y, index // (x * y)


def shaped(kernel: Kernel, grid: int | Sequence[int], block: int | Sequence[int]) -> Shape:
    """The launch's shape, within CUDA's limits and those that the kernel states."""
    shape = Shape(_three(grid), _three(block))
    for name, sizes, limits in (("grid", shape.grid, MOST_BLOCKS), ("block", shape.block, MOST_ALONG)):
        if any(not 1 <= size <= limit for size, limit in zip(sizes, limits, strict=True)):
            raise ValueError(f"expected a {name} of at most {limits}, got {sizes}")
    most = min(kernel.most_threads or MOST_THREADS, MOST_THREADS)
    if shape.threads > most:
        raise ValueError(f"expected at most {most} threads in a block, got {shape.threads}")
    if kernel.required_threads and shape.block != kernel.required_threads:
        raise ValueError(f"expected blocks of {kernel.required_threads}, got {shape.block}")
    return shape


def _three(sizes: int | Sequence[int]) -> Sizes:
    given = (sizes,) if isinstance(sizes, int) else tuple(sizes)
    if not 1 <= len(given) <= 3:
        raise ValueError(f"expected one to three sizes, got {given}")
    x, y, z = (*given, 1, 1)[:3]
    return x, y, z


class Watch:
    """What a launch shares with the sanitizer: the regions, their shadows, the log, and shared memory."""

    def __init__(self, executable: Executable, memory: Memory, shape: Shape, dynamic: int) -> None:
        self.kernel, self.shape = executable.kernel, shape
        shared_bytes = executable.translation.layout.shared_bytes + dynamic
        #: Nothing is watched without the sanitizer, and no shadow, larger than what it watches, is made.
        self.regions = memory.regions if executable.sanitized else []
        self.shared = _aligned(shared_bytes)
        sizes = [shared_bytes, *(region.writes.size for region in self.regions)]
        self.starts = np.concatenate([[0], np.cumsum(sizes)])
        self.shadow = np.zeros((int(self.starts[-1]), 4), np.int64)
        for region, start in zip(self.regions, self.starts[1:], strict=False):
            self.shadow[start : start + region.writes.size, s.WRITES] = region.writes
        self.table = self._table()
        self.log = s.new_log()
        self.context = np.array(
            [array.ctypes.data for array in (self.table, self.shadow, self.log)], np.int64
        )

    def _table(self) -> npt.NDArray[np.int64]:
        table = np.zeros((len(self.regions) + 2, s.COLUMNS), np.int64)
        base = int(self.shared.ctypes.data)
        table[0, 0] = len(self.regions) + 1
        table[1] = (base, base + self.shared.size, 0, 0, OWN, 0)
        for row, (region, start) in enumerate(zip(self.regions, self.starts[1:], strict=False), 2):
            host = 0 if region.array is None else int(region.array.ctypes.data)
            table[row] = (
                region.start,
                region.stop,
                host - region.start,
                region.granule,
                region.kind,
                4 * start,
            )
        return table

    def begin_block(self) -> None:
        """Forget shared memory, as every block finds its own."""
        poisoned(self.shared)
        self.shadow[: self.shared.size] = 0

    def finish(self) -> None:
        """Keep what was written; raise Violations if anything was wrong."""
        for region, start in zip(self.regions, self.starts[1:], strict=False):
            region.writes[...] = self.shadow[start : start + region.writes.size, s.WRITES]
        count = int(self.log[0])
        if count:
            entries = self.log[1 : 1 + s.ENTRY * min(count, s.ENTRIES)].reshape(-1, s.ENTRY)
            raise Violations(tuple(self._violation(*map(int, entry)) for entry in entries), count)

    def _who(self, tag: int) -> tuple[Sizes, Sizes]:
        block, thread = tag >> (REGION_BITS + THREAD_BITS), tag & ((1 << THREAD_BITS) - 1)
        return place(block, self.shape.grid), place(thread, self.shape.block)

    def _violation(self, problem: int, where: int, tag: int, address: int, other: int) -> Violation:
        one = self.kernel.instructions[where]
        block, thread = self._who(tag)
        return Violation(
            kernel=self.kernel.name,
            problem=DESCRIPTIONS[problem],
            block=block,
            thread=thread,
            line=one.line,
            instruction=one.text,
            address=self._named(address),
            other=f", with {self._other(other)}" if problem == RACE else "",
        )

    def _other(self, tag: int) -> str:
        if tag == s.SEVERAL_BLOCKS:
            return "threads of several blocks"
        block, thread = self._who(tag)
        many = tag & s.MANY_THREADS == s.MANY_THREADS
        return f"block {block} {'several threads' if many else f'thread {thread}'}"

    def _named(self, address: int) -> str:
        """The address by what it lies in, where it lies in anything."""
        base = int(self.shared.ctypes.data)
        if base <= address < base + self.shared.size:
            return f"shared + {address - base}"
        return f"{address:#x}"


def _aligned(size: int) -> npt.NDArray[np.uint8]:
    """Shared memory: it begins at a multiple of 256 bytes."""
    room = np.zeros(size + 256, np.uint8)
    start = -int(room.ctypes.data) % 256
    return room[start : start + size]


def raise_divergence(
    kernel: Kernel,
    shape: Shape,
    block: int,
    statuses: npt.NDArray[np.int32],
    barriers: Sequence[Instruction],
) -> NoReturn:
    """Say where the threads of a block are when they are not all at one barrier."""
    groups: list[Any] = []
    for status in np.unique(statuses):
        threads = np.flatnonzero(statuses == status)
        one = barriers[status - 1]
        where = f"at line {one.line} ({one.text})" if status else "at the end"
        groups.append(f"{threads.size} {where}, the first {place(int(threads[0]), shape.block)}")
    who = f"{kernel.name}: block {place(block, shape.grid)}"
    raise DivergentBarrier(f"{who}: its threads are at different places: {'; '.join(groups)}")
