"""A kernel as LLVM IR: one function for a thread, and one that runs it for blocks of threads.

Between two barriers a thread runs without a pause. At a barrier its function stores all registers in the thread's
frame and returns the barrier's number; called again, it loads them and resumes behind it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from llvmlite import ir

from ..isa import bitfields, control, conversions, floats, integers, memory
from ..isa.code import ARGUMENTS, TRIPLES, Code, Layout, lowering_of
from ..isa.memory import call_check
from ..memory.allocations import MAX_VECTOR_BYTES
from ..memory.violations import FUEL_FAULT, GENERIC
from ..syntax.kinds import Value, constant, integer, storage
from ..syntax.model import Instruction, Kernel, Label, Module, Variable
from .run_blocks import add_run_blocks

#: The modules that declare lowerings; named here so that importing this module imports them all.
INSTRUCTION_SETS = (bitfields, control, conversions, floats, integers, memory)
#: Branches backwards of one thread between two barriers, beyond which its loop counts as endless.
MAX_BACKWARD_BRANCHES = 1 << 26


@dataclass(frozen=True)
class Translation:
    """LLVM IR text, and the facts that a launch needs."""

    ir: str
    layout: Layout
    frame_bytes: int
    #: Barriers by the number that a waiting thread returns, from 1.
    barriers: tuple[Instruction, ...]
    #: Whether blocks must be run one by one, region by region.
    stepwise: bool


def translate(module: Module, kernel: Kernel, allowed: Collection[str], check: int | None) -> Translation:
    """Translate a kernel; `check` is the address of the sanitizer's check."""
    layout = layout_of(module, kernel)
    llvm_module = ir.Module("ptx")
    sink = ir.GlobalVariable(llvm_module, ir.ArrayType(integer(8), MAX_VECTOR_BYTES), "sink")
    sink.initializer = ir.Constant(sink.value_type, None)
    sink.linkage = "internal"
    function = _declare_thread(llvm_module)
    code = Code(kernel, layout, function, ir.IRBuilder(function.append_basic_block("entry")), allowed, check)
    barriers, frame_bytes = _ThreadWriter(code).write()
    stepwise = bool(barriers or layout.shared)
    add_run_blocks(llvm_module, function, frame_bytes, stepwise=stepwise)
    return Translation(str(llvm_module), layout, frame_bytes, barriers, stepwise)


def layout_of(module: Module, kernel: Kernel) -> Layout:
    """The offset of every variable; extern shared memory begins behind the rest."""
    shared = [variable for variable in (*module.variables, *kernel.variables) if variable.space == "shared"]
    shared.sort(key=lambda variable: variable.extern)
    local = [variable for variable in kernel.variables if variable.space == "local"]
    shared_offsets, shared_end = _offsets(shared)
    local_offsets, local_end = _offsets(local)
    return Layout(kernel.offsets(), shared_offsets, local_offsets, shared_end, local_end)


def _offsets(variables: list[Variable]) -> tuple[dict[str, int], int]:
    offsets, end = {}, 0
    for variable in variables:
        start = -(-end // variable.align) * variable.align
        offsets[variable.name] = start
        end = start + (0 if variable.extern else variable.size)
    return offsets, end


def _declare_thread(llvm_module: Value) -> Value:
    i64, bytes_pointer, i32 = integer(64), integer(8).as_pointer(), integer(32)
    types = [bytes_pointer, i64.as_pointer(), bytes_pointer, bytes_pointer, i32, i64, i32, i32]
    function = ir.Function(llvm_module, ir.FunctionType(i32, types + [i32] * 3 * len(TRIPLES)), "thread")
    function.linkage = "internal"
    function.attributes.add("alwaysinline")
    for name, argument in zip(ARGUMENTS, function.args, strict=False):
        argument.name = name
    return function


class _ThreadWriter:
    """Writes the function of one thread."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.suspends = code.kernel.barriers > 0
        self.barriers: list[Instruction] = []
        self.resume_blocks: list[Value] = []
        self.fuel: Value = None
        code.suspend, code.spend_fuel = self._suspend, self._spend_fuel

    def write(self) -> tuple[tuple[Instruction, ...], int]:
        """Write the function; returns its barriers and the size of a thread's frame."""
        code, builder = self.code, self.code.builder
        frame_bytes = self._allocate()
        start, invalid = code.block("start"), code.block("invalid")
        switch = builder.switch(code.argument("resume"), invalid)
        switch.add_case(constant(32, 0), start)
        for item in code.kernel.body:
            if isinstance(item, Label):
                code.labels[item.name] = code.block("label")
        builder.position_at_end(start)
        self._lower_body()
        builder.ret(constant(32, control.EXITED))
        builder.position_at_end(invalid)
        builder.unreachable()
        for number, block in enumerate(self.resume_blocks, 1):
            switch.add_case(constant(32, number), block)
        return tuple(self.barriers), frame_bytes

    def _allocate(self) -> int:
        """Registers, local memory and fuel; returns the size of the frame that holds them at a barrier."""
        code, builder, names = self.code, self.code.builder, self.code.kernel.used_registers
        for name in names:
            code.slots[name] = builder.alloca(storage(code.kernel.registers[name]))
            spilled = self._spill_address(name)
            zero = ir.Constant(storage(code.kernel.registers[name]), 0)
            builder.store(builder.load(spilled) if self.suspends else zero, code.slots[name])
        spill_bytes = -(-8 * len(names) // 16) * 16
        if self.suspends:
            code.local = builder.gep(code.argument("frame"), [constant(64, spill_bytes)])
        else:
            code.local = builder.alloca(ir.ArrayType(integer(8), max(code.layout.local_bytes, 1)))
            code.local.align = 16
            builder.store(ir.Constant(code.local.type.pointee, None), code.local)
        self.fuel = builder.alloca(integer(64))
        builder.store(constant(64, MAX_BACKWARD_BRANCHES), self.fuel)
        return spill_bytes + -(-code.layout.local_bytes // 16) * 16 if self.suspends else 0

    def _spill_address(self, name: str) -> Value:
        """The address in the frame that a register is spilled to."""
        offset = constant(64, 8 * list(self.code.slots).index(name))
        pointer = self.code.builder.gep(self.code.argument("frame"), [offset])
        return self.code.builder.bitcast(pointer, storage(self.code.kernel.registers[name]).as_pointer())

    def _lower_body(self) -> None:
        code, builder, index = self.code, self.code.builder, 0
        for item in code.kernel.body:
            if isinstance(item, Label):
                builder.branch(code.labels[item.name])
                builder.position_at_end(code.labels[item.name])
                code.preceding.add(item.name)
                continue
            code.index = index
            index += 1
            if item.guard is None:
                lowering_of(item)(code, item)
                continue
            predicate, value = item.guard
            condition = code.read(item, predicate if value else f"!{predicate}", "pred")
            with builder.if_then(condition):
                lowering_of(item)(code, item)

    def _suspend(self, barrier: Instruction) -> None:
        code, builder = self.code, self.code.builder
        self.barriers.append(barrier)
        for name, slot in code.slots.items():
            builder.store(builder.load(slot), self._spill_address(name))
        builder.ret(constant(32, len(self.barriers)))
        self.resume_blocks.append(code.block("resume"))
        builder.position_at_end(self.resume_blocks[-1])

    def _spend_fuel(self) -> None:
        code, builder = self.code, self.code.builder
        if code.check is None:
            return
        remaining = builder.sub(builder.load(self.fuel), constant(64, 1))
        builder.store(remaining, self.fuel)
        with builder.if_then(builder.icmp_signed("<", remaining, constant(64, 0))):
            call_check(code, constant(64, 0), 1, FUEL_FAULT, GENERIC)
            builder.ret(constant(32, control.OUT_OF_FUEL))
