"""A kernel as LLVM IR: one function for a thread, and one that runs it for blocks of threads.

Between two barriers a thread runs without a pause. At a barrier its function stores all registers in the thread's
frame and returns which barrier it is; called again, it loads them and goes on behind it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from llvmlite import ir

from ..isa import bitfields, control, conversions, floats, integers, memory
from ..isa.code import ARGUMENTS, TRIPLES, Code, Layout, handler
from ..isa.memory import checked
from ..memory.violations import ENDLESS, GENERIC
from ..syntax.kinds import Value, constant, integer, storage
from ..syntax.model import Instruction, Kernel, Label, Module, Variable
from .run_blocks import add_driver

#: What declares instructions; named here so that importing this module imports them all.
INSTRUCTION_SETS = (bitfields, control, conversions, floats, integers, memory)
#: How often one thread may branch backwards between two barriers before it counts as endless.
MOST_BRANCHES_BACK = 1 << 26


@dataclass(frozen=True)
class Translation:
    """LLVM IR text, and what running it needs to know."""

    ir: str
    layout: Layout
    frame_bytes: int
    #: Barriers by the number that a waiting thread returns, from 1.
    barriers: tuple[Instruction, ...]
    #: Whether blocks must be run one by one, region by region.
    stepwise: bool


def translate(module: Module, kernel: Kernel, allowed: Collection[str], check: int | None) -> Translation:
    """Translate a kernel; `check` is the address of the sanitizer's check."""
    layout = laid_out(module, kernel)
    unit = ir.Module("ptx")
    nowhere = ir.GlobalVariable(unit, ir.ArrayType(integer(8), 32), "nowhere")
    nowhere.initializer = ir.Constant(nowhere.value_type, None)
    nowhere.linkage = "internal"
    function = _declared(unit)
    code = Code(kernel, layout, function, ir.IRBuilder(function.append_basic_block("entry")), allowed, check)
    barriers, frame_bytes = _Thread(code).write()
    stepwise = bool(barriers or layout.shared)
    add_driver(unit, function, frame_bytes, stepwise=stepwise)
    return Translation(str(unit), layout, frame_bytes, barriers, stepwise)


def laid_out(module: Module, kernel: Kernel) -> Layout:
    """Place every variable; extern shared memory begins behind the rest."""
    shared = [variable for variable in (*module.variables, *kernel.variables) if variable.space == "shared"]
    shared.sort(key=lambda variable: variable.extern)
    local = [variable for variable in kernel.variables if variable.space == "local"]
    shared_places, shared_end = _placed(shared)
    local_places, local_end = _placed(local)
    return Layout(kernel.offsets(), shared_places, local_places, shared_end, local_end)


def _placed(variables: list[Variable]) -> tuple[dict[str, int], int]:
    places, end = {}, 0
    for variable in variables:
        start = -(-end // variable.align) * variable.align
        places[variable.name] = start
        end = start + (0 if variable.extern else variable.size)
    return places, end


def _declared(unit: Value) -> Value:
    word, byte, number = integer(64), integer(8).as_pointer(), integer(32)
    types = [byte, word.as_pointer(), byte, byte, number, word, number, number]
    function = ir.Function(unit, ir.FunctionType(number, types + [number] * 3 * len(TRIPLES)), "thread")
    function.linkage = "internal"
    function.attributes.add("alwaysinline")
    for name, argument in zip(ARGUMENTS, function.args, strict=False):
        argument.name = name
    return function


class _Thread:
    """Writes the function of one thread."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.waits = code.kernel.barriers > 0
        self.barriers: list[Instruction] = []
        self.resumes: list[Value] = []
        self.fuel: Value = None
        code.wait, code.spend = self._wait, self._spend

    def write(self) -> tuple[tuple[Instruction, ...], int]:
        """Write it all; returns its barriers and the size of a thread's frame."""
        code, builder = self.code, self.code.builder
        frame_bytes = self._memory()
        start, elsewhere = code.block("start"), code.block("elsewhere")
        switch = builder.switch(code.argument("resume"), elsewhere)
        switch.add_case(constant(32, 0), start)
        for item in code.kernel.body:
            if isinstance(item, Label):
                code.labels[item.name] = code.block("label")
        builder.position_at_end(start)
        self._body()
        builder.ret(constant(32, control.ENDED))
        builder.position_at_end(elsewhere)
        builder.unreachable()
        for number, block in enumerate(self.resumes, 1):
            switch.add_case(constant(32, number), block)
        return tuple(self.barriers), frame_bytes

    def _memory(self) -> int:
        """Registers, local memory and fuel; returns the size of the frame that keeps them at a barrier."""
        code, builder, names = self.code, self.code.builder, self.code.kernel.used_registers
        for name in names:
            code.slots[name] = builder.alloca(storage(code.kernel.registers[name]))
            kept = self._kept(name)
            zero = ir.Constant(storage(code.kernel.registers[name]), 0)
            builder.store(builder.load(kept) if self.waits else zero, code.slots[name])
        kept_bytes = -(-8 * len(names) // 16) * 16
        if self.waits:
            code.local = builder.gep(code.argument("frame"), [constant(64, kept_bytes)])
        else:
            code.local = builder.alloca(ir.ArrayType(integer(8), max(code.layout.local_bytes, 1)))
            code.local.align = 16
            builder.store(ir.Constant(code.local.type.pointee, None), code.local)
        self.fuel = builder.alloca(integer(64))
        builder.store(constant(64, MOST_BRANCHES_BACK), self.fuel)
        return kept_bytes + -(-code.layout.local_bytes // 16) * 16 if self.waits else 0

    def _kept(self, name: str) -> Value:
        """Where the frame keeps a register."""
        place = constant(64, 8 * list(self.code.slots).index(name))
        pointer = self.code.builder.gep(self.code.argument("frame"), [place])
        return self.code.builder.bitcast(pointer, storage(self.code.kernel.registers[name]).as_pointer())

    def _body(self) -> None:
        code, builder, where = self.code, self.code.builder, 0
        for item in code.kernel.body:
            if isinstance(item, Label):
                builder.branch(code.labels[item.name])
                builder.position_at_end(code.labels[item.name])
                code.passed.add(item.name)
                continue
            code.where = where
            where += 1
            if item.guard is None:
                handler(item)(code, item)
                continue
            name, wanted = item.guard
            condition = code.read(item, name if wanted else f"!{name}", "pred")
            with code.only_if(condition):
                handler(item)(code, item)

    def _wait(self, barrier: Instruction) -> None:
        code, builder = self.code, self.code.builder
        self.barriers.append(barrier)
        for name, slot in code.slots.items():
            builder.store(builder.load(slot), self._kept(name))
        builder.ret(constant(32, len(self.barriers)))
        self.resumes.append(code.block("resume"))
        builder.position_at_end(self.resumes[-1])

    def _spend(self) -> None:
        code, builder = self.code, self.code.builder
        if code.check is None:
            return
        left = builder.sub(builder.load(self.fuel), constant(64, 1))
        builder.store(left, self.fuel)
        with code.only_if(builder.icmp_signed("<", left, constant(64, 0))):
            checked(code, constant(64, 0), 1, ENDLESS, GENERIC)
            builder.ret(constant(32, control.ENDLESS_LOOP))
            builder.position_at_end(code.block("unreachable"))
