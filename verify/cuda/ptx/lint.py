"""What a PTX text contains that a kernel should not, or should only on purpose; nothing is executed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .compile.translate import layout_of, translate
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
    unsupported: str

    @property
    def widest_store(self) -> int:
        """Bytes of the widest store; 0 without any."""
        return max(self.stores, default=0)

    def __str__(self) -> str:
        """A paragraph; a finding names its lines."""
        findings = (
            ("float64", self.float64),
            ("approximations", self.approximations),
            ("contractible", self.contractible),
        )
        widths = ", ".join(f"{count} x {width}" for width, count in sorted(self.stores.items())) or "none"
        opcodes = ", ".join(f"{count} {opcode}" for opcode, count in self.opcodes.most_common())
        return "\n".join(
            [
                f"{self.kernel}: {self.opcodes.total()} instructions",
                *(f"  {name}: {_summary(instructions)}" for name, instructions in findings),
                f"  local memory: {self.local_bytes} bytes; shared memory: {self.shared_bytes} bytes",
                f"  barriers: {self.barriers}; atomics: {self.atomics}",
                f"  widest store: {self.widest_store} bytes; stores by bytes: {widths}",
                f"  executor: {self.unsupported or 'covers it'}",
                f"  opcodes: {opcodes}",
            ]
        )


def _summary(instructions: tuple[Instruction, ...]) -> str:
    if not instructions:
        return "none"
    excerpt = "; ".join(f"line {inst.line}: {inst.text}" for inst in instructions[:5])
    return f"{len(instructions)} ({excerpt}{'; ...' if len(instructions) > 5 else ''})"


def lint(text: str) -> dict[str, Facts]:
    """Return the facts of every kernel by name; UnsupportedPtx if the text cannot even be read."""
    module = parse(text)
    return {name: _facts(module, kernel) for name, kernel in module.kernels.items()}


def _facts(module: Module, kernel: Kernel) -> Facts:
    instructions, layout = kernel.instructions, layout_of(module, kernel)
    return Facts(
        kernel=kernel.name,
        opcodes=Counter(inst.opcode for inst in instructions),
        float64=tuple(inst for inst in instructions if "f64" in inst.parts),
        approximations=tuple(inst for inst in instructions if APPROXIMATE & set(inst.parts)),
        contractible=tuple(filter(contractible, instructions)),
        stores=Counter(width for inst in instructions if (width := store_width(inst))),
        barriers=kernel.barriers,
        atomics=sum(inst.mnemonic in {"atom", "red"} for inst in instructions),
        local_bytes=layout.local_bytes,
        shared_bytes=layout.shared_bytes,
        unsupported=_unsupported(module, kernel),
    )


def contractible(inst: Instruction) -> bool:
    """Whether ptxas may contract that instruction (PTX ISA under add: "no rounding modifier defaults to .rn ...")."""
    return (
        inst.mnemonic in {"add", "sub", "mul"}
        and inst.kind in CONTRACTIBLE_KINDS
        and not ROUNDINGS & set(inst.parts)
    )


def store_width(inst: Instruction) -> int:
    """Bytes that a store writes to global or generic memory at once; 0 for any other instruction."""
    if inst.mnemonic != "st" or {"local", "shared", "shared::cta", "param"} & set(inst.parts):
        return 0
    count = next((VECTORS[part] for part in inst.modifiers if part in VECTORS), 1)
    return count * WIDTH.get(inst.kind, 0) // 8


def _unsupported(module: Module, kernel: Kernel) -> str:
    try:
        translate(module, kernel, {inst.opcode for inst in kernel.instructions}, None)
    except UnsupportedPtx as error:
        return str(error)
    return ""
