"""What a PTX text contains that a kernel should not, or should only on purpose; nothing is executed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .compile.translate import laid_out, translate
from .isa.memory import VECTORS
from .syntax.kinds import WIDTH
from .syntax.model import Instruction, Kernel, Module, UnsupportedPtx
from .syntax.parse import parse

ROUNDINGS = {"rn", "rz", "rm", "rp"}
APPROXIMATE = {"approx", "full", "ftz"}
CONTRACTIBLE_KINDS = {"f32", "f64", "f16", "f16x2", "bf16", "bf16x2"}


@dataclass(frozen=True)
class Facts:
    """The lint of one kernel."""

    kernel: str
    opcodes: Counter[str]
    #: Instructions that compute, convert or move double precision.
    float64: tuple[Instruction, ...]
    #: Approximate instructions, and those that flush subnormals.
    approximations: tuple[Instruction, ...]
    #: Sums, differences and products that ptxas may join into an fma: they state no rounding.
    contractible: tuple[Instruction, ...]
    #: How many stores to global (or generic) addresses there are of each width in bytes.
    stores: Counter[int]
    barriers: int
    atomics: int
    #: Bytes of each thread's local memory, and of declared shared memory.
    local_bytes: int
    shared_bytes: int
    #: Why the executor refuses the kernel, though it may execute all that is reported above; "" if it does not.
    refused: str

    @property
    def widest_store(self) -> int:
        """Bytes of the widest store; 0 without any."""
        return max(self.stores, default=0)

    def __str__(self) -> str:
        """A paragraph; a finding names its lines."""
        found = (
            ("float64", self.float64),
            ("approximations", self.approximations),
            ("contractible", self.contractible),
        )
        widths = ", ".join(f"{count} x {width}" for width, count in sorted(self.stores.items())) or "none"
        opcodes = ", ".join(f"{count} {opcode}" for opcode, count in self.opcodes.most_common())
        return "\n".join(
            [
                f"{self.kernel}: {self.opcodes.total()} instructions",
                *(f"  {name}: {_listed(instructions)}" for name, instructions in found),
                f"  local memory: {self.local_bytes} bytes; shared memory: {self.shared_bytes} bytes",
                f"  barriers: {self.barriers}; atomics: {self.atomics}",
                f"  widest store: {self.widest_store} bytes; stores by bytes: {widths}",
                f"  executor: {self.refused or 'covers it'}",
                f"  opcodes: {opcodes}",
            ]
        )


def _listed(instructions: tuple[Instruction, ...]) -> str:
    if not instructions:
        return "none"
    first = "; ".join(f"line {one.line}: {one.text}" for one in instructions[:5])
    return f"{len(instructions)} ({first}{'; ...' if len(instructions) > 5 else ''})"


def lint(text: str) -> dict[str, Facts]:
    """Return the facts of every kernel by name; UnsupportedPtx if the text cannot even be read."""
    module = parse(text)
    return {name: _facts(module, kernel) for name, kernel in module.kernels.items()}


def _facts(module: Module, kernel: Kernel) -> Facts:
    instructions, layout = kernel.instructions, laid_out(module, kernel)
    return Facts(
        kernel=kernel.name,
        opcodes=Counter(one.opcode for one in instructions),
        float64=tuple(one for one in instructions if "f64" in one.parts),
        approximations=tuple(one for one in instructions if APPROXIMATE & set(one.parts)),
        contractible=tuple(filter(contractible, instructions)),
        stores=Counter(width for one in instructions if (width := store_width(one))),
        barriers=kernel.barriers,
        atomics=sum(one.root in {"atom", "red"} for one in instructions),
        local_bytes=layout.local_bytes,
        shared_bytes=layout.shared_bytes,
        refused=_refused(module, kernel),
    )


def contractible(one: Instruction) -> bool:
    """Whether ptxas may contract that instruction (PTX ISA under add: "no rounding modifier defaults to .rn ...")."""
    return (
        one.root in {"add", "sub", "mul"}
        and one.kind in CONTRACTIBLE_KINDS
        and not ROUNDINGS & set(one.parts)
    )


def store_width(one: Instruction) -> int:
    """Bytes that a store writes to global or generic memory at once; 0 for any other instruction."""
    if one.root != "st" or {"local", "shared", "shared::cta", "param"} & set(one.parts):
        return 0
    count = next((VECTORS[part] for part in one.modifiers if part in VECTORS), 1)
    return count * WIDTH.get(one.kind, 0) // 8


def _refused(module: Module, kernel: Kernel) -> str:
    try:
        translate(module, kernel, {one.opcode for one in kernel.instructions}, None)
    except UnsupportedPtx as refusal:
        return str(refusal)
    return ""
