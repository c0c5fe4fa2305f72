"""The way that most threads take through a function."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .disassembly import SIZE, Function, Instruction, UnknownCode

_TARGET = re.compile(r"(?:^|,)0x([0-9a-f]+)$")
#: What states where threads come together again, and goes nowhere else.
_GOES_ON = {"BSSY", "BSYNC", "WARPSYNC", "NANOSLEEP", "BAR", "BREAK", "YIELD", "DEPBAR"}
_ENDS = {"EXIT", "RET"}


@dataclass(frozen=True)
class Block:
    """Instructions that are always executed together, and the blocks that may follow, by their first instructions."""

    instructions: tuple[Instruction, ...]
    next: tuple[int, ...]

    @property
    def calls(self) -> bool:
        """Whether it calls a function."""
        return any(one.calls for one in self.instructions)


def blocks_of(function: Function) -> dict[int, Block]:
    """The blocks by the indices of their first instructions."""
    code = function.instructions
    followers = [_followers(index, one) for index, one in enumerate(code)]
    starts = {0}
    for index, next_ones in enumerate(followers):
        if next_ones != (index + 1,):
            starts.update((index + 1, *next_ones))
    ordered = sorted(start for start in starts if start < len(code))
    ends = [*ordered[1:], len(code)]
    return {
        start: Block(code[start:end], tuple(one for one in followers[end - 1] if one < len(code)))
        for start, end in zip(ordered, ends, strict=True)
    }


def _followers(index: int, one: Instruction) -> tuple[int, ...]:
    """The indices of what may be executed next."""
    if not one.jumps or one.calls or one.root in _GOES_ON:
        return (index + 1,)
    if one.root in _ENDS:
        return (index + 1,) if one.predicate else ()
    target = _TARGET.search(one.operands)
    # sm_80 leaves a loop by a call to a place in the same function
    if one.root not in {"BRA", "CALL"} or target is None:
        raise UnknownCode(f"not covered: {one}")
    there = int(target[1], 16) // SIZE
    unconditional = not one.predicate and _TARGET.fullmatch(one.operands)
    return (there,) if unconditional else (index + 1, there)


def stores_sixteen(one: Instruction) -> bool:
    """Whether it writes sixteen bytes of global memory at once."""
    return one.root in {"STG", "ST"} and "128" in one.suffixes


def full_path(function: Function) -> tuple[Instruction, ...] | None:
    """What a warp whose threads all have sixteen bytes to store executes, from the entry to the last such store.

    Blocks from which no such store follows are for the ends of runs; blocks that call a function are for what square
    roots and quotients do with subnormal and infinite operands. Both are left out. None without such a store, and
    where the blocks form a loop, whose length no listing tells.
    """
    blocks = {start: block for start, block in blocks_of(function).items() if not block.calls}
    ahead = {start for start, block in blocks.items() if any(map(stores_sixteen, block.instructions))}
    while grown := {
        start for start in blocks if start not in ahead and ahead.intersection(blocks[start].next)
    }:
        ahead |= grown
    taken = _reachable(blocks, ahead)
    if taken is None or 0 not in taken:
        return None
    path = [one for start in taken for one in blocks[start].instructions]
    last = max(index for index, one in enumerate(path) if stores_sixteen(one))
    return tuple(path[: last + 1])


def _reachable(blocks: dict[int, Block], within: set[int]) -> list[int] | None:
    """Which of these blocks are reached from the first, in an order in which none follows itself; None in a loop."""
    done: list[int] = []
    open_ones: set[int] = set()

    def visit(start: int) -> bool:
        if start in open_ones:
            return False
        if start in done or start not in within:
            return True
        open_ones.add(start)
        if not all(map(visit, blocks[start].next)):
            return False
        open_ones.remove(start)
        done.append(start)
        return True

    return done[::-1] if visit(0) else None
