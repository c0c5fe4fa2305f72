"""The control flow of a function: its basic blocks, and the path on which threads store full vectors."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .disassembly import INSTRUCTION_BYTES, Function, Instruction, UnknownCode

_BRANCH_ADDRESS = re.compile(r"(?:^|,)0x([0-9a-f]+)$")
#: Control flow that only states where threads reconverge, and falls through.
_FALLS_THROUGH = {"BSSY", "BSYNC", "WARPSYNC", "NANOSLEEP", "BAR", "BREAK", "YIELD", "DEPBAR"}
_EXITS = {"EXIT", "RET"}


@dataclass(frozen=True)
class BasicBlock:
    """Instructions that are executed together, and the blocks that may follow, by the indices of their first ones."""

    instructions: tuple[Instruction, ...]
    successors: tuple[int, ...]

    @property
    def calls(self) -> bool:
        """Whether it calls a function."""
        return any(inst.calls for inst in self.instructions)


def blocks_of(function: Function) -> dict[int, BasicBlock]:
    """The basic blocks by the indices of their first instructions."""
    code = function.instructions
    successors = [_successors(index, inst) for index, inst in enumerate(code)]
    leaders = {0}
    for index, indices in enumerate(successors):
        if indices != (index + 1,):
            leaders.update((index + 1, *indices))
    starts = sorted(leader for leader in leaders if leader < len(code))
    ends = [*starts[1:], len(code)]
    return {
        start: BasicBlock(code[start:end], tuple(index for index in successors[end - 1] if index < len(code)))
        for start, end in zip(starts, ends, strict=True)
    }


def _successors(index: int, inst: Instruction) -> tuple[int, ...]:
    """The indices of what may be executed next."""
    if not inst.control_flow or inst.calls or inst.mnemonic in _FALLS_THROUGH:
        return (index + 1,)
    if inst.mnemonic in _EXITS:
        return (index + 1,) if inst.predicate else ()
    address = _BRANCH_ADDRESS.search(inst.operands)
    # sm_80 leaves a loop by a call to an address in the same function
    if inst.mnemonic not in {"BRA", "CALL"} or address is None:
        raise UnknownCode(f"not covered: {inst}")
    label = int(address[1], 16) // INSTRUCTION_BYTES
    unconditional = not inst.predicate and _BRANCH_ADDRESS.fullmatch(inst.operands)
    return (label,) if unconditional else (index + 1, label)


def stores_sixteen(inst: Instruction) -> bool:
    """Whether it writes sixteen bytes of global memory at once."""
    return inst.mnemonic in {"STG", "ST"} and "128" in inst.suffixes


def full_path(function: Function) -> tuple[Instruction, ...] | None:
    """The path of a warp whose threads all have sixteen bytes to store, from the entry to the last such store.

    Blocks from which no such store follows are for the ends of runs; blocks that call a function are for what square
    roots and quotients do with subnormal and infinite operands. Both are left out. None without such a store, and
    where the blocks form a loop, whose length no listing tells.
    """
    blocks = {start: block for start, block in blocks_of(function).items() if not block.calls}
    storing = {start for start, block in blocks.items() if any(map(stores_sixteen, block.instructions))}
    while predecessors := {
        start for start in blocks if start not in storing and storing.intersection(blocks[start].successors)
    }:
        storing |= predecessors
    order = _topological_order(blocks, storing)
    if order is None or 0 not in order:
        return None
    path = [inst for start in order for inst in blocks[start].instructions]
    last = max(index for index, inst in enumerate(path) if stores_sixteen(inst))
    return tuple(path[: last + 1])


def _topological_order(blocks: dict[int, BasicBlock], within: set[int]) -> list[int] | None:
    """Those of the blocks `within` that are reachable from the first, in topological order; None in a loop."""
    postorder: list[int] = []
    visiting: set[int] = set()

    def visit(start: int) -> bool:
        if start in visiting:
            return False
        if start in postorder or start not in within:
            return True
        visiting.add(start)
        if not all(map(visit, blocks[start].successors)):
            return False
        visiting.remove(start)
        postorder.append(start)
        return True

    return postorder[::-1] if visit(0) else None
