"""The LLVM function of one thread while it is written: registers, operands, and what every instruction needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from llvmlite import ir

from ..syntax.kinds import CANONICAL_NAN, FLOATS, WIDTH, Value, constant, integer, llvm, storage
from ..syntax.model import Instruction, Kernel

AXES = "xyz"
#: The special registers with three components, in the order of the function's arguments.
TRIPLES = ("tid", "ctaid", "ntid", "nctaid")
ARGUMENTS = ("parameters", "context", "shared", "frame", "resume", "tag", "thread", "dynamic")
INTEGER_LITERAL = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|\d+)U?")
FLOAT_LITERAL = re.compile(r"0[fF]([0-9a-fA-F]{8})|0[dD]([0-9a-fA-F]{16})")
SPECIAL = re.compile(r"%(tid|ctaid|ntid|nctaid)\.([xyz])")


@dataclass(frozen=True)
class Layout:
    """Where a kernel's variables lie: offsets by name, each within its space."""

    parameters: dict[str, int]
    shared: dict[str, int]
    local: dict[str, int]
    shared_bytes: int
    local_bytes: int


@dataclass
class Code:
    """One thread's function. Registers are integers in memory; LLVM turns them into values."""

    kernel: Kernel
    layout: Layout
    function: Value
    builder: Value
    #: Opcodes that are refused unless they are named here.
    allowed: Collection[str]
    #: The address of the sanitizer's compiled check; None without it.
    check: int | None
    #: The index of the instruction in the kernel, which violations name.
    index: int = 0
    slots: dict[str, Value] = field(default_factory=dict)
    labels: dict[str, Value] = field(default_factory=dict)
    #: Labels before the instruction: a branch to one of them may loop.
    preceding: set[str] = field(default_factory=set)
    #: Called with a barrier's instruction: returns from the function there, to be resumed behind it.
    suspend: Callable[[Instruction], None] = lambda inst: None
    #: Called before a branch backwards.
    spend_fuel: Callable[[], None] = lambda: None
    local: Value = None

    def argument(self, name: str) -> Value:
        """One argument of the function."""
        return self.function.args[ARGUMENTS.index(name)]

    def special(self, name: str, axis: str) -> Value:
        """One component of tid, ctaid, ntid or nctaid."""
        return self.function.args[len(ARGUMENTS) + 3 * TRIPLES.index(name) + AXES.index(axis)]

    def block(self, name: str) -> Value:
        """A new basic block."""
        return self.function.append_basic_block(name)

    def number(self, kind: str, value: int) -> Value:
        """An integer constant of that type."""
        return constant(WIDTH[kind], value)

    def read(self, inst: Instruction, operand: str, kind: str, *, wider: bool = False) -> Value:
        """The operand as that type; its register must have its width, or more where `wider` says so."""
        bits = self._bits(inst, operand, kind, wider)
        if bits.type.width > WIDTH[kind]:
            bits = self.builder.trunc(bits, storage(kind))
        return self.builder.bitcast(bits, llvm(kind)) if kind in FLOATS else bits

    def _bits(self, inst: Instruction, operand: str, kind: str, wider: bool) -> Value:
        if operand in self.slots:
            width = WIDTH[self.kernel.registers[operand]]
            if width != WIDTH[kind] and not (wider and width > WIDTH[kind] > 1):
                raise inst.unsupported(f"{operand} has {width} bits, {kind} is read")
            return self.builder.load(self.slots[operand])
        if operand.startswith("!") and kind == "pred":
            return self.builder.not_(self._bits(inst, operand[1:], kind, wider))
        value = self._literal(operand, kind)
        if value is None:
            value = self._special(operand) or self._symbol(operand)
        if value is None or value.type.width != WIDTH[kind]:
            raise inst.unsupported(f"not covered operand {operand!r} as {kind}")
        return value

    def _literal(self, operand: str, kind: str) -> Value | None:
        if kind not in FLOATS and INTEGER_LITERAL.fullmatch(operand):
            value = int(operand.rstrip("U"), 0)
            width = WIDTH[kind]
            fits = -1 <= value <= 1 if width == 1 else -(1 << (width - 1)) <= value < 1 << width
            return constant(width, value) if fits else None
        if match := FLOAT_LITERAL.fullmatch(operand):
            width = 32 if match[1] else 64
            return constant(width, int(match[1] or match[2], 16))
        return None

    def _special(self, operand: str) -> Value | None:
        if match := SPECIAL.fullmatch(operand):
            return self.special(match[1], match[2])
        if operand == "%laneid":
            return self.builder.and_(self.argument("thread"), constant(32, 31))
        return self.argument("dynamic") if operand == "%dynamic_smem_size" else None

    def _symbol(self, operand: str) -> Value | None:
        offset = {**self.layout.shared, **self.layout.local}.get(operand)
        return None if offset is None else constant(64, offset)

    def write(
        self, inst: Instruction, register: str, kind: str, value: Value, *, wider: bool = False
    ) -> None:
        """Write a value of that type to the register, extended by the type's sign where `wider` allows it."""
        if kind in FLOATS:
            value = self.builder.bitcast(value, storage(kind))
        slot = self.slots.get(register)
        if slot is None:
            raise inst.unsupported(f"not covered destination {register!r}")
        width = WIDTH[self.kernel.registers[register]]
        if width != WIDTH[kind]:
            if not (wider and width > WIDTH[kind] > 1):
                raise inst.unsupported(f"{register} has {width} bits, {kind} is written")
            extend = self.builder.sext if kind.startswith("s") else self.builder.zext
            value = extend(value, integer(width))
        self.builder.store(value, slot)

    def write_float(self, inst: Instruction, register: str, kind: str, value: Value) -> None:
        """Write the result of floating-point arithmetic, any single-precision NaN as PTX's only one."""
        self.write(inst, register, kind, self.canonical(kind, value))

    def canonical(self, kind: str, value: Value) -> Value:
        """The value, or PTX's NaN for any NaN; double precision keeps the host's."""
        if kind != "f32":
            return value
        # Compared as integers: LLVM takes one NaN for another, and may drop a choice between floats.
        bits = self.builder.bitcast(value, integer(32))
        magnitude = self.builder.and_(bits, constant(32, 0x7FFFFFFF))
        nan = self.builder.icmp_unsigned(">", magnitude, constant(32, 0x7F800000))
        canonical = self.builder.select(nan, constant(32, CANONICAL_NAN), bits)
        return self.builder.bitcast(canonical, llvm(kind))

    def intrinsic(self, name: str, result: str | int, *arguments: Value) -> Value:
        """Call an LLVM intrinsic, overloaded on the result's type and, where they differ, its arguments'."""
        kind = integer(result) if isinstance(result, int) else llvm(result)
        function_type = ir.FunctionType(kind, [argument.type for argument in arguments])
        overloads = [kind, *(argument.type for argument in arguments[:1] if argument.type != kind)]
        function = self.builder.module.declare_intrinsic(name, overloads, function_type)
        return self.builder.call(function, arguments)

    def permits(self, inst: Instruction) -> bool:
        """Whether an opcode that is refused by itself is allowed by name."""
        return inst.opcode in self.allowed


Lowering = Callable[[Code, Instruction], None]
#: What lowers each instruction to LLVM IR: by its mnemonic, and by its type where that matters.
LOWERINGS: dict[tuple[str, str], Lowering] = {}
ANY_TYPE = "*"


def lowers(mnemonics: str, kinds: Collection[str] = (ANY_TYPE,)) -> Callable[[Lowering], Lowering]:
    """Declare what lowers the instructions of these mnemonics (and types)."""

    def declare(lowering: Lowering) -> Lowering:
        for mnemonic in mnemonics.split():
            for kind in kinds:
                if (mnemonic, kind) in LOWERINGS:
                    raise ValueError(f"{mnemonic} of {kind} is declared twice")
                LOWERINGS[mnemonic, kind] = lowering
        return lowering

    return declare


def lowering_of(inst: Instruction) -> Lowering:
    """What lowers that instruction."""
    lowering = LOWERINGS.get((inst.mnemonic, inst.kind)) or LOWERINGS.get((inst.mnemonic, ANY_TYPE))
    if lowering is None:
        raise inst.unsupported()
    return lowering
