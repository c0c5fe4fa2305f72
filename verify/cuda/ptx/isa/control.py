"""Branches, barriers and the end of a thread."""

from __future__ import annotations

from ..syntax.kinds import constant
from ..syntax.model import Instruction
from .code import Code, instruction

#: What a thread's function returns: it has ended, has run into trap, or has gone round for too long.
#: A positive number is the barrier it waits at.
ENDED, TRAPPED, ENDLESS_LOOP = 0, -1, -2


def _leave(code: Code, status: int) -> None:
    code.builder.ret(constant(32, status))
    code.builder.position_at_end(code.block("unreachable"))


@instruction("bra")
def branch(code: Code, one: Instruction) -> None:
    """Go on at a label."""
    (label,) = one.taking(1)
    if one.parts[1:] not in {(), ("uni",)} or label not in code.labels:
        raise one.refused()
    if label in code.passed:
        code.spend()
    code.builder.branch(code.labels[label])
    code.builder.position_at_end(code.block("unreachable"))


@instruction("ret exit")
def end(code: Code, one: Instruction) -> None:
    """End the thread."""
    one.taking(0)
    if one.parts[1:] not in {(), ("uni",)}:
        raise one.refused()
    _leave(code, ENDED)


@instruction("trap")
def trap(code: Code, one: Instruction) -> None:
    """End the launch."""
    if one.parts[1:] or one.operands:
        raise one.refused()
    _leave(code, TRAPPED)


@instruction("bar barrier")
def barrier(code: Code, one: Instruction) -> None:
    """Wait for the whole block, at barrier 0; parts of a block, and warps, are not covered."""
    spellings = {("bar", "sync"), ("barrier", "sync"), ("barrier", "sync", "aligned")}
    if one.parts not in spellings | {("barrier", "cta", "sync"), ("bar", "cta", "sync")} or one.operands != (
        "0",
    ):
        raise one.refused()
    code.wait(one)
