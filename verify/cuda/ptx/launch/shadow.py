"""What a launch shares with the sanitizer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..compile.executable import Executable
from ..memory import sanitizer as s
from ..memory.allocations import Memory, poisoned
from ..memory.violations import DESCRIPTIONS, OWN, RACE, REGION_BITS, THREAD_BITS, Violation, Violations
from .shape import Shape, Sizes, place


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
