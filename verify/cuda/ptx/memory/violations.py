"""Violations: the problems that an access to memory may have, and their texts."""

from __future__ import annotations

from dataclasses import dataclass

#: Accesses, as the sanitizer's check receives them; the last two are faults that the translated kernel finds itself.
READ, WRITE, ATOMIC, READ_NONCOHERENT, LOCAL_FAULT, FUEL_FAULT = range(6)
#: State spaces.
GENERIC, GLOBAL, SHARED = range(3)
#: Roles of memory; UNSAMPLED is the rest of an array of which windows are held.
INPUT, OUTPUT, INOUT, UNSAMPLED, BLOCK_SHARED = range(5)

(
    OUT_OF_BOUNDS,
    MISALIGNED,
    WRITTEN_TWICE,
    WRITTEN_INPUT,
    UNINITIALIZED,
    RACE,
    READ_UNSAMPLED,
    WRONG_SPACE,
    NONCOHERENT_WRITABLE,
    LOCAL_OUT_OF_BOUNDS,
    ENDLESS_LOOP,
) = range(11)
DESCRIPTIONS = {
    OUT_OF_BOUNDS: "outside every allocation",
    MISALIGNED: "not aligned to its width",
    WRITTEN_TWICE: "writes again what may be written once",
    WRITTEN_INPUT: "writes to an input",
    UNINITIALIZED: "reads what nobody has written",
    RACE: "races with another thread",
    READ_UNSAMPLED: "reads what the sampled memory does not hold",
    WRONG_SPACE: "in the wrong address space",
    NONCOHERENT_WRITABLE: "reads through the constant cache what is no input",
    LOCAL_OUT_OF_BOUNDS: "outside local memory, or not aligned to its width",
    ENDLESS_LOOP: "branches backwards without end",
}
#: A tag is a thread in a region: block << 31 | region << 11 | thread. Regions, from 1, lie between barriers.
REGION_BITS, THREAD_BITS = 20, 11


@dataclass(frozen=True)
class Violation:
    """One violation by a thread."""

    kernel: str
    problem: str
    block: tuple[int, int, int]
    thread: tuple[int, int, int]
    line: int
    instruction: str
    address: str
    #: The other thread of a race.
    other: str = ""

    def __str__(self) -> str:
        """One line."""
        thread = f"{self.kernel}: block {self.block} thread {self.thread}"
        return f"{thread}: line {self.line}: {self.instruction}: {self.problem} at {self.address}{self.other}"


class Violations(Exception):
    """The violations of a launch: the first ones, and their `count`."""

    def __init__(self, violations: tuple[Violation, ...], count: int) -> None:
        more = f"\n... {count - len(violations)} more" if count > len(violations) else ""
        super().__init__("\n".join(map(str, violations)) + more)
        self.violations, self.count = violations, count


class Unwritten(Exception):
    """Elements of an output that no thread wrote."""


class DivergentBarrier(Exception):
    """Not all threads of a block wait at the same barrier."""


class Trapped(Exception):
    """A thread executed trap."""
