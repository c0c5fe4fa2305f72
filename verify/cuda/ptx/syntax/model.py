"""The model of a PTX text: kernels, their parameters, variables and instructions, each with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from .kinds import WIDTH

#: A register or another name within an operand.
TOKEN = re.compile(r"[%$\w.]+")


class UnsupportedPtx(Exception):
    """The text contains what is not supported here; nothing is guessed."""

    def __init__(self, line: int, text: str, reason: str = "not covered") -> None:
        super().__init__(f"line {line}: {reason}: {text}")
        self.line, self.text, self.reason = line, text, reason


@dataclass(frozen=True)
class Instruction:
    """One instruction. `guard` is the predicate register and the value under which it is executed."""

    line: int
    text: str
    guard: tuple[str, bool] | None
    opcode: str
    operands: tuple[str, ...]

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The opcode, split at its dots."""
        return tuple(self.opcode.split("."))

    @property
    def mnemonic(self) -> str:
        """The first part: the operation."""
        return self.parts[0]

    @property
    def kind(self) -> str:
        """The last part: as a rule, the type it operates on."""
        return self.parts[-1]

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The parts between."""
        return self.parts[1:-1]

    def unsupported(self, reason: str = "not covered") -> UnsupportedPtx:
        """The exception that names this instruction."""
        return UnsupportedPtx(self.line, self.text, reason)

    def unpack(self, count: int) -> tuple[str, ...]:
        """Its operands, which must be that many."""
        if len(self.operands) != count:
            raise self.unsupported(f"{len(self.operands)} operands")
        return self.operands


@dataclass(frozen=True)
class Label:
    """The label of a branch."""

    line: int
    name: str


@dataclass(frozen=True)
class Parameter:
    """A kernel's parameter: `size` bytes of a type, or of an aggregate passed by value (`b8`)."""

    name: str
    kind: str
    size: int
    align: int


@dataclass(frozen=True)
class Variable:
    """A variable in a state space. The size of extern (dynamic) shared memory is 0: a launch states it."""

    line: int
    name: str
    space: str
    size: int
    align: int
    extern: bool


@dataclass(frozen=True)
class Kernel:
    """One entry: `registers` are types by name, names in nested scopes made unique."""

    line: int
    name: str
    parameters: tuple[Parameter, ...]
    registers: dict[str, str]
    variables: tuple[Variable, ...]
    body: tuple[Instruction | Label, ...]
    #: The directives .maxntid (as a product) and .reqntid.
    max_threads: int | None
    required_threads: tuple[int, int, int] | None

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """The body without labels."""
        return tuple(item for item in self.body if isinstance(item, Instruction))

    @cached_property
    def used_registers(self) -> tuple[str, ...]:
        """The registers that instructions name, in order."""
        operands = [operand for inst in self.instructions for operand in inst.operands]
        guards = [inst.guard[0] for inst in self.instructions if inst.guard]
        names = (name for operand in (*operands, *guards) for name in TOKEN.findall(operand))
        return tuple(dict.fromkeys(name for name in names if name in self.registers))

    @property
    def barriers(self) -> int:
        """How many instructions wait for the whole block."""
        return sum(inst.mnemonic in {"bar", "barrier"} for inst in self.instructions)

    def offsets(self) -> dict[str, int]:
        """The offset of each parameter in the parameter space."""
        offsets, end = {}, 0
        for parameter in self.parameters:
            offsets[parameter.name] = end = -(-end // parameter.align) * parameter.align
            end += parameter.size
        return offsets


@dataclass(frozen=True)
class Module:
    """A parsed text. `variables` are the module's own; only shared ones can be used."""

    version: str
    target: str
    kernels: dict[str, Kernel]
    variables: tuple[Variable, ...]

    def kernel(self, name: str | None = None) -> Kernel:
        """The kernel of that name; without a name, the only one."""
        if name is None and len(self.kernels) == 1:
            return next(iter(self.kernels.values()))
        if name not in self.kernels:
            raise KeyError(f"expected a kernel of {sorted(self.kernels)}, got {name!r}")
        return self.kernels[name]


def parameter(name: str, kind: str, align: int | None, count: int | None) -> Parameter:
    """A parameter as it is declared."""
    size = WIDTH[kind] // 8
    return Parameter(name, kind, size * (1 if count is None else count), align or size)
