"""ld, st, atom, red: memory, with every access checked under the sanitizer."""

from __future__ import annotations

import re

from llvmlite import ir

from ..memory.allocations import MAX_VECTOR_BYTES
from ..memory.violations import ATOMIC, GENERIC, GLOBAL, LOCAL_FAULT, READ, READ_NONCOHERENT, SHARED, WRITE
from ..syntax.kinds import BITS, FLOATS, INTEGERS, WIDTH, Value, constant, integer, llvm, signed
from ..syntax.model import Instruction
from .code import Code, lowers
from .floats import flushed

MEMORY_KINDS = (*BITS, "b8", "u8", "s8", *INTEGERS, *FLOATS)
STATE_SPACES = {"global": GLOBAL, "shared": SHARED, "shared::cta": SHARED}
ADDRESS = re.compile(r"\[\s*([%\w$.]+)\s*(?:\+\s*(-?\d+))?\s*\]")
#: Orders and scopes that one thread after the other fulfils anyway, and hints to caches.
MEMORY_ORDERS = {"weak", "volatile", "relaxed", "acquire", "release", "acq_rel", "cta", "gpu", "sys"}
CACHE_OPERATORS = {
    "ca",
    "cg",
    "cs",
    "lu",
    "cv",
    "wb",
    "wt",
    "nc",
    "L1::no_allocate",
    "L1::evict_first",
    "L1::evict_last",
}
VECTORS = {"v2": 2, "v4": 4, "v8": 8}
ATOMICS = {"add": "add", "and": "and_", "or": "or_", "xor": "xor", "exch": "", "min": "min", "max": "max"}


@lowers("ld", MEMORY_KINDS)
def load(code: Code, inst: Instruction) -> None:
    """One value, or a vector of them, from any space."""
    destination, operand = inst.unpack(2)
    registers = _vector_registers(inst, destination)
    size = WIDTH[inst.kind] // 8
    if "param" in inst.modifiers:
        address = _parameter_address(code, inst, operand, size * len(registers))
    else:
        access = READ_NONCOHERENT if "nc" in inst.modifiers else READ
        address = _checked_address(code, inst, operand, size * len(registers), access)
    values = [
        code.builder.load(_pointer(code, inst, address, i * size), align=1) for i in range(len(registers))
    ]
    for register, value in zip(registers, values, strict=True):
        if register != "_":
            code.write(inst, register, inst.kind, value, wider=True)


@lowers("st", MEMORY_KINDS)
def store(code: Code, inst: Instruction) -> None:
    """One value, or a vector of them, into any space."""
    operand, source = inst.unpack(2)
    registers = _vector_registers(inst, source)
    size = WIDTH[inst.kind] // 8
    values = [code.read(inst, register, inst.kind, wider=True) for register in registers]
    address = _checked_address(code, inst, operand, size * len(registers), WRITE)
    for index, value in enumerate(values):
        code.builder.store(value, _pointer(code, inst, address, index * size), align=1)


@lowers("atom red", (*BITS, *INTEGERS, *FLOATS))
def atomic(code: Code, inst: Instruction) -> None:
    """Read, modify, write. Threads run one after the other, so the order is always the same."""
    operations = [part for part in inst.modifiers if part in {*ATOMICS, "cas"}]
    unknown_modifiers = [
        part for part in inst.modifiers if part not in {*operations, *MEMORY_ORDERS, *STATE_SPACES}
    ]
    if len(operations) != 1 or unknown_modifiers or inst.kind in {"b16", "u16", "s16"}:
        raise inst.unsupported()
    if inst.kind in FLOATS and not (operations == ["add"] and code.permits(inst)):
        raise inst.unsupported("floating-point sums in no fixed order")
    destination, operand, *sources = (("_",) if inst.mnemonic == "red" else ()) + inst.operands
    if len(sources) != 1 + (operations == ["cas"]) or (
        inst.mnemonic == "red" and operations[0] in {"exch", "cas"}
    ):
        raise inst.unsupported()
    values = [code.read(inst, source, inst.kind) for source in sources]
    pointer = _pointer(code, inst, _checked_address(code, inst, operand, WIDTH[inst.kind] // 8, ATOMIC), 0)
    old = code.builder.load(pointer, align=1)
    code.builder.store(_updated(code, inst, operations[0], old, values), pointer, align=1)
    if destination != "_":
        code.write(inst, destination, inst.kind, old)


def _updated(code: Code, inst: Instruction, operation: str, old: Value, values: list[Value]) -> Value:
    builder, new = code.builder, values[-1]
    if operation == "cas":
        return builder.select(builder.icmp_unsigned("==", old, values[0]), new, old)
    if operation == "exch":
        return new
    if inst.kind in FLOATS:
        # PTX ISA: single-precision sums in global memory flush subnormals.
        flushes = inst.kind == "f32" and "global" in inst.modifiers
        terms = [flushed(code, value) for value in (old, new)] if flushes else [old, new]
        result = code.canonical(inst.kind, builder.fadd(*terms))
        return flushed(code, result) if flushes else result
    if operation in {"min", "max"}:
        if inst.kind in BITS:
            raise inst.unsupported()
        return code.intrinsic(f"llvm.{'s' if signed(inst.kind) else 'u'}{operation}", inst.kind, old, new)
    if (inst.kind in BITS) == (operation == "add"):
        raise inst.unsupported()
    return getattr(builder, ATOMICS[operation])(old, new)


@lowers("cvta", ("u64",))
def convert_address(code: Code, inst: Instruction) -> None:
    """Global addresses are generic ones; shared ones begin at 0 in their own space."""
    destination, operand = inst.unpack(2)
    value = code.read(inst, operand, "u64")
    if inst.modifiers in {("shared",), ("to", "shared")}:
        base = code.builder.ptrtoint(code.argument("shared"), integer(64))
        value = (code.builder.sub if "to" in inst.modifiers else code.builder.add)(value, base)
    elif inst.modifiers not in {("global",), ("to", "global")}:
        raise inst.unsupported()
    code.write(inst, destination, "u64", value)


@lowers("membar fence")
def fence(_: Code, inst: Instruction) -> None:
    """Nothing: one thread runs after the other."""
    if set(inst.parts[1:]) - {"gl", "cta", "sys", "gpu", "sc", "acq_rel"}:
        raise inst.unsupported()
    inst.unpack(0)


def _vector_registers(inst: Instruction, operand: str) -> list[str]:
    """The registers of a scalar or vector operand; refuses unknown modifiers."""
    vectors = [part for part in inst.modifiers if part in VECTORS]
    supported = {*VECTORS, *STATE_SPACES, "param", "local", *CACHE_OPERATORS, *MEMORY_ORDERS}
    spaces = [part for part in inst.modifiers if part in {*STATE_SPACES, "param", "local"}]
    registers = [register.strip() for register in operand.strip("{}").split(",")]
    if set(inst.modifiers) - supported or len(vectors) > 1 or len(spaces) > 1:
        raise inst.unsupported()
    length = VECTORS[vectors[0]] if vectors else 1
    if len(registers) != length or operand.startswith("{") != bool(vectors):
        raise inst.unsupported()
    if length * WIDTH[inst.kind] > 8 * MAX_VECTOR_BYTES:
        raise inst.unsupported(f"a vector has at most {MAX_VECTOR_BYTES} bytes")
    return registers


def _parse_address(inst: Instruction, operand: str) -> tuple[str, int]:
    match = ADDRESS.fullmatch(operand)
    if match is None:
        raise inst.unsupported(f"not covered address {operand!r}")
    return match[1], int(match[2] or 0)


def _pointer(code: Code, inst: Instruction, address: Value, offset: int) -> Value:
    address = code.builder.add(address, constant(64, offset))
    return code.builder.inttoptr(address, ir.PointerType(llvm(inst.kind)))


def _parameter_address(code: Code, inst: Instruction, operand: str, size: int) -> Value:
    name, offset = _parse_address(inst, operand)
    sizes = {parameter.name: parameter.size for parameter in code.kernel.parameters}
    if name not in sizes or offset < 0 or offset + size > sizes[name] or offset % size:
        raise inst.unsupported("outside the parameter")
    base = code.builder.ptrtoint(code.argument("parameters"), integer(64))
    return code.builder.add(base, constant(64, code.layout.parameters[name] + offset))


def _checked_address(code: Code, inst: Instruction, operand: str, size: int, access: int) -> Value:
    """The host's address of what is accessed; that of a sink if the sanitizer objects."""
    name, offset = _parse_address(inst, operand)
    space = next((STATE_SPACES[part] for part in inst.modifiers if part in STATE_SPACES), GENERIC)
    local = "local" in inst.modifiers
    narrow = WIDTH[code.kernel.registers.get(name, "b64")] == 32 and (space == SHARED or local)
    address = code.read(inst, name, "u32" if narrow else "u64")
    if narrow:
        address = code.builder.zext(address, integer(64))
    address = code.builder.add(address, constant(64, offset))
    if local:
        return _local_address(code, address, size)
    if space == SHARED:
        base = code.builder.ptrtoint(code.argument("shared"), integer(64))
        address = code.builder.add(address, base)
    if code.check is None:
        return address
    host = call_check(code, address, size, access, space)
    refused = code.builder.icmp_unsigned("==", host, constant(64, 0))
    return code.builder.select(refused, _sink(code), host)


def _local_address(code: Code, offset: Value, size: int) -> Value:
    builder = code.builder
    address = builder.add(offset, builder.ptrtoint(code.local, integer(64)))
    if code.check is None:
        return address
    last = constant(64, max(code.layout.local_bytes - size, 0))
    outside = builder.icmp_unsigned(">", offset, last)
    misaligned = builder.icmp_unsigned("!=", builder.and_(offset, constant(64, size - 1)), constant(64, 0))
    refused = builder.or_(outside, misaligned)
    with builder.if_then(refused):
        call_check(code, offset, size, LOCAL_FAULT, GENERIC)
    return builder.select(refused, _sink(code), address)


def _sink(code: Code) -> Value:
    """The address of memory that a refused access uses instead: zeros before, whatever after."""
    return code.builder.ptrtoint(code.builder.module.get_global("sink"), integer(64))


def call_check(code: Code, address: Value, size: int, access: int, space: int) -> Value:
    """Call the sanitizer's check: the host's address, or 0."""
    i64, builder = integer(64), code.builder
    pointers = [
        builder.load(builder.gep(code.argument("context"), [constant(32, index)])) for index in range(3)
    ]
    constants = [constant(64, value) for value in (size, access, space, code.index)]
    arguments = [*pointers, address, *constants, code.argument("tag")]
    signature = ir.FunctionType(i64, [i64] * len(arguments))
    function = builder.inttoptr(constant(64, code.check or 0), signature.as_pointer())
    return builder.call(function, arguments)
