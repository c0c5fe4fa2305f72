"""The shadow of a launch's memory, which the sanitizer's check reads and writes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..compile.executable import Executable
from ..memory import sanitizer as s
from ..memory.allocations import Memory, aligned, poisoned
from ..memory.violations import (
    BLOCK_SHARED,
    DESCRIPTIONS,
    RACE,
    REGION_BITS,
    THREAD_BITS,
    Violation,
    Violations,
)
from .shape import Shape, Sizes, coordinates


class Shadow:
    """The memory of a launch as the sanitizer sees it: regions, granules, the log, and a block's shared memory."""

    def __init__(self, executable: Executable, memory: Memory, shape: Shape, dynamic: int) -> None:
        self.kernel, self.shape = executable.kernel, shape
        shared_bytes = executable.translation.layout.shared_bytes + dynamic
        #: None without the sanitizer: a shadow is larger than the memory that it stands for.
        self.regions = memory.regions if executable.sanitized else []
        self.shared = aligned(shared_bytes)
        sizes = [shared_bytes, *(region.writes.size for region in self.regions)]
        self.starts = np.concatenate([[0], np.cumsum(sizes)])
        self.granules = np.zeros((int(self.starts[-1]), 4), np.int64)
        for region, start in zip(self.regions, self.starts[1:], strict=False):
            self.granules[start : start + region.writes.size, s.WRITES] = region.writes
        self.table = self._table()
        self.log = s.new_log()
        self.context = np.array(
            [array.ctypes.data for array in (self.table, self.granules, self.log)], np.int64
        )

    def _table(self) -> npt.NDArray[np.int64]:
        table = np.zeros((len(self.regions) + 2, s.COLUMNS), np.int64)
        base = int(self.shared.ctypes.data)
        table[0, 0] = len(self.regions) + 1
        table[1] = (base, base + self.shared.size, 0, 0, BLOCK_SHARED, 0)
        for row, (region, start) in enumerate(zip(self.regions, self.starts[1:], strict=False), 2):
            host = 0 if region.array is None else int(region.array.ctypes.data)
            table[row] = (
                region.start,
                region.stop,
                host - region.start,
                region.granule,
                region.role,
                4 * start,
            )
        return table

    def begin_block(self) -> None:
        """Reset shared memory, which every block has for itself."""
        poisoned(self.shared)
        self.granules[: self.shared.size] = 0

    def finish(self) -> None:
        """Add the writes to those of earlier launches; raise Violations if the log has any."""
        for region, start in zip(self.regions, self.starts[1:], strict=False):
            region.writes[...] = self.granules[start : start + region.writes.size, s.WRITES]
        count = int(self.log[0])
        if count:
            entries = self.log[1 : 1 + s.ENTRY_WORDS * min(count, s.MAX_ENTRIES)].reshape(-1, s.ENTRY_WORDS)
            raise Violations(tuple(self._violation(*map(int, entry)) for entry in entries), count)

    def _block_and_thread(self, tag: int) -> tuple[Sizes, Sizes]:
        block, thread = tag >> (REGION_BITS + THREAD_BITS), tag & ((1 << THREAD_BITS) - 1)
        return coordinates(block, self.shape.grid), coordinates(thread, self.shape.block)

    def _violation(self, problem: int, index: int, tag: int, address: int, other: int) -> Violation:
        inst = self.kernel.instructions[index]
        block, thread = self._block_and_thread(tag)
        return Violation(
            kernel=self.kernel.name,
            problem=DESCRIPTIONS[problem],
            block=block,
            thread=thread,
            line=inst.line,
            instruction=inst.text,
            address=self._address_text(address),
            other=f", with {self._thread_text(other)}" if problem == RACE else "",
        )

    def _thread_text(self, tag: int) -> str:
        if tag == s.SEVERAL_BLOCKS:
            return "threads of several blocks"
        block, thread = self._block_and_thread(tag)
        several = tag & s.SEVERAL_THREADS == s.SEVERAL_THREADS
        return f"block {block} {'several threads' if several else f'thread {thread}'}"

    def _address_text(self, address: int) -> str:
        """The address, one in shared memory as an offset."""
        base = int(self.shared.ctypes.data)
        if base <= address < base + self.shared.size:
            return f"shared + {address - base}"
        return f"{address:#x}"
