"""What can be wrong with an access to memory, and how a violation reads."""

from __future__ import annotations

from dataclasses import dataclass

#: Kinds of access, as the sanitizer's check is told.
READ, WRITE, ATOMIC, READ_CONSTANT, LOCAL, ENDLESS = range(6)
#: Address spaces.
GENERIC, GLOBAL, SHARED = range(3)
#: Kinds of memory.
INPUT, OUTPUT, BOTH, ELSEWHERE, OWN = range(5)

(
    OUTSIDE,
    MISALIGNED,
    TWICE,
    READ_ONLY,
    UNWRITTEN,
    RACE,
    NOT_HELD,
    WRONG_SPACE,
    NOT_CONSTANT,
    OUTSIDE_LOCAL,
    NO_END,
) = range(11)
DESCRIPTIONS = {
    OUTSIDE: "outside every allocation",
    MISALIGNED: "not aligned to its width",
    TWICE: "writes again what may be written once",
    READ_ONLY: "writes to an input",
    UNWRITTEN: "reads what nobody has written",
    RACE: "races with another thread",
    NOT_HELD: "reads what the sampled memory does not hold",
    WRONG_SPACE: "in the wrong address space",
    NOT_CONSTANT: "reads through the constant cache what is no input",
    OUTSIDE_LOCAL: "outside local memory, or not aligned to its width",
    NO_END: "branches backwards without end",
}
#: A tag says who: block << 31 | region << 11 | thread. A region lies between two barriers; the first is 1.
REGION_BITS, THREAD_BITS = 20, 11


@dataclass(frozen=True)
class Violation:
    """One thing that a thread did wrong."""

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
        who = f"{self.kernel}: block {self.block} thread {self.thread}"
        return f"{who}: line {self.line}: {self.instruction}: {self.problem} at {self.address}{self.other}"


class Violations(Exception):
    """What a launch did wrong: the first `violations`, and how many there were."""

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
