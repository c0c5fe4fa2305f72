"""Branches, barriers and the end of a thread."""

from __future__ import annotations

from ..syntax.kinds import constant
from ..syntax.model import Instruction
from .code import Code, lowers

#: The statuses that a thread's function returns; a positive one is the number of the barrier it waits at.
EXITED, TRAPPED, OUT_OF_FUEL = 0, -1, -2


def _return(code: Code, status: int) -> None:
    code.builder.ret(constant(32, status))
    code.builder.position_at_end(code.block("unreachable"))


@lowers("bra")
def branch(code: Code, inst: Instruction) -> None:
    """Go on at a label."""
    (label,) = inst.unpack(1)
    if inst.parts[1:] not in {(), ("uni",)} or label not in code.labels:
        raise inst.unsupported()
    if label in code.preceding:
        code.spend_fuel()
    code.builder.branch(code.labels[label])
    code.builder.position_at_end(code.block("unreachable"))


@lowers("ret exit")
def end(code: Code, inst: Instruction) -> None:
    """End the thread."""
    inst.unpack(0)
    if inst.parts[1:] not in {(), ("uni",)}:
        raise inst.unsupported()
    _return(code, EXITED)


@lowers("trap")
def trap(code: Code, inst: Instruction) -> None:
    """End the launch."""
    if inst.parts[1:] or inst.operands:
        raise inst.unsupported()
    _return(code, TRAPPED)


@lowers("bar barrier")
def barrier(code: Code, inst: Instruction) -> None:
    """Wait for the whole block, at barrier 0; parts of a block, and warps, are not covered."""
    opcodes = {("bar", "sync"), ("barrier", "sync"), ("barrier", "sync", "aligned")}
    if inst.parts not in opcodes | {("barrier", "cta", "sync"), ("bar", "cta", "sync")} or inst.operands != (
        "0",
    ):
        raise inst.unsupported()
    code.suspend(inst)
