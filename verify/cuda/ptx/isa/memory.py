"""ld, st, atom, red: memory, with every access checked where a sanitizer is asked for."""

from __future__ import annotations

import re

from llvmlite import ir

from ..memory.violations import ATOMIC, GENERIC, GLOBAL, LOCAL, READ, READ_CONSTANT, SHARED, WRITE
from ..syntax.kinds import BITS, FLOATS, INTEGERS, WIDTH, Value, constant, integer, llvm, signed
from ..syntax.model import Instruction
from .code import Code, instruction
from .floats import flushed

MEMORY_KINDS = (*BITS, "b8", "u8", "s8", *INTEGERS, *FLOATS)
SPACES = {"global": GLOBAL, "shared": SHARED, "shared::cta": SHARED}
ADDRESS = re.compile(r"\[\s*([%\w$.]+)\s*(?:\+\s*(-?\d+))?\s*\]")
#: Hints and orders that one thread after the other fulfils anyway.
ORDERS = {"weak", "volatile", "relaxed", "acquire", "release", "acq_rel", "cta", "gpu", "sys"}
CACHING = {
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


@instruction("ld", MEMORY_KINDS)
def load(code: Code, one: Instruction) -> None:
    """One value, or a vector of them, from any space."""
    target, address = one.taking(2)
    registers = _registers(one, target)
    size = WIDTH[one.kind] // 8
    if "param" in one.modifiers:
        place = _parameter(code, one, address, size * len(registers))
    else:
        access = READ_CONSTANT if "nc" in one.modifiers else READ
        place = _place(code, one, address, size * len(registers), access)
    values = [code.builder.load(_pointer(code, one, place, i * size), align=1) for i in range(len(registers))]
    for register, value in zip(registers, values, strict=True):
        if register != "_":
            code.write(one, register, one.kind, value, wider=True)


@instruction("st", MEMORY_KINDS)
def store(code: Code, one: Instruction) -> None:
    """One value, or a vector of them, into any space."""
    address, source = one.taking(2)
    registers = _registers(one, source)
    size = WIDTH[one.kind] // 8
    values = [code.read(one, register, one.kind, wider=True) for register in registers]
    place = _place(code, one, address, size * len(registers), WRITE)
    for index, value in enumerate(values):
        code.builder.store(value, _pointer(code, one, place, index * size), align=1)


@instruction("atom red", (*BITS, *INTEGERS, *FLOATS))
def atomic(code: Code, one: Instruction) -> None:
    """Read, change and write at once. Threads run one after the other, so the order is always the same."""
    names = [part for part in one.modifiers if part in {*ATOMICS, "cas"}]
    others = [part for part in one.modifiers if part not in {*names, *ORDERS, *SPACES}]
    if len(names) != 1 or others or one.kind in {"b16", "u16", "s16"}:
        raise one.refused()
    if one.kind in FLOATS and not (names == ["add"] and code.permits(one)):
        raise one.refused("floating-point sums in no fixed order")
    target, address, *operands = (("_",) if one.root == "red" else ()) + one.operands
    if len(operands) != 1 + (names == ["cas"]) or (one.root == "red" and names[0] in {"exch", "cas"}):
        raise one.refused()
    values = [code.read(one, operand, one.kind) for operand in operands]
    pointer = _pointer(code, one, _place(code, one, address, WIDTH[one.kind] // 8, ATOMIC), 0)
    old = code.builder.load(pointer, align=1)
    code.builder.store(_changed(code, one, names[0], old, values), pointer, align=1)
    if target != "_":
        code.write(one, target, one.kind, old)


def _changed(code: Code, one: Instruction, name: str, old: Value, values: list[Value]) -> Value:
    builder, new = code.builder, values[-1]
    if name == "cas":
        return builder.select(builder.icmp_unsigned("==", old, values[0]), new, old)
    if name == "exch":
        return new
    if one.kind in FLOATS:
        # PTX ISA: single-precision sums in global memory flush subnormals.
        flushes = one.kind == "f32" and "global" in one.modifiers
        terms = [flushed(code, value) for value in (old, new)] if flushes else [old, new]
        total = code.canonical(one.kind, builder.fadd(*terms))
        return flushed(code, total) if flushes else total
    if name in {"min", "max"}:
        if one.kind in BITS:
            raise one.refused()
        return code.intrinsic(f"llvm.{'s' if signed(one.kind) else 'u'}{name}", one.kind, old, new)
    if (one.kind in BITS) == (name == "add"):
        raise one.refused()
    return getattr(builder, ATOMICS[name])(old, new)


@instruction("cvta", ("u64",))
def convert_address(code: Code, one: Instruction) -> None:
    """Global addresses are generic ones; shared ones begin at 0 in their own space."""
    target, operand = one.taking(2)
    value = code.read(one, operand, "u64")
    if one.modifiers in {("shared",), ("to", "shared")}:
        base = code.builder.ptrtoint(code.argument("shared"), integer(64))
        value = (code.builder.sub if "to" in one.modifiers else code.builder.add)(value, base)
    elif one.modifiers not in {("global",), ("to", "global")}:
        raise one.refused()
    code.write(one, target, "u64", value)


@instruction("membar fence")
def fence(_: Code, one: Instruction) -> None:
    """Nothing: one thread runs after the other."""
    if set(one.parts[1:]) - {"gl", "cta", "sys", "gpu", "sc", "acq_rel"}:
        raise one.refused()
    one.taking(0)


def _registers(one: Instruction, operand: str) -> list[str]:
    """The registers of a scalar or vector; refuses modifiers that are not known."""
    vectors = [part for part in one.modifiers if part in VECTORS]
    known = {*VECTORS, *SPACES, "param", "local", *CACHING, *ORDERS}
    spaces = [part for part in one.modifiers if part in {*SPACES, "param", "local"}]
    names = [name.strip() for name in operand.strip("{}").split(",")]
    if set(one.modifiers) - known or len(vectors) > 1 or len(spaces) > 1:
        raise one.refused()
    if len(names) != (VECTORS[vectors[0]] if vectors else 1) or operand.startswith("{") != bool(vectors):
        raise one.refused()
    if len(names) * WIDTH[one.kind] > 256:
        raise one.refused("a vector has at most 32 bytes")
    return names


def _split(one: Instruction, operand: str) -> tuple[str, int]:
    match = ADDRESS.fullmatch(operand)
    if match is None:
        raise one.refused(f"not covered address {operand!r}")
    return match[1], int(match[2] or 0)


def _pointer(code: Code, one: Instruction, place: Value, offset: int) -> Value:
    address = code.builder.add(place, constant(64, offset))
    return code.builder.inttoptr(address, ir.PointerType(llvm(one.kind)))


def _parameter(code: Code, one: Instruction, operand: str, size: int) -> Value:
    name, offset = _split(one, operand)
    sizes = {parameter.name: parameter.size for parameter in code.kernel.parameters}
    if name not in sizes or offset < 0 or offset + size > sizes[name] or offset % size:
        raise one.refused("outside the parameter")
    base = code.builder.ptrtoint(code.argument("parameters"), integer(64))
    return code.builder.add(base, constant(64, code.layout.parameters[name] + offset))


def _place(code: Code, one: Instruction, operand: str, size: int, access: int) -> Value:
    """The host's address of what is accessed; a harmless one if the sanitizer objects."""
    name, offset = _split(one, operand)
    space = next((SPACES[part] for part in one.modifiers if part in SPACES), GENERIC)
    local = "local" in one.modifiers
    narrow = WIDTH[code.kernel.registers.get(name, "b64")] == 32 and (space == SHARED or local)
    address = code.read(one, name, "u32" if narrow else "u64")
    if narrow:
        address = code.builder.zext(address, integer(64))
    address = code.builder.add(address, constant(64, offset))
    if local:
        return _local(code, address, size)
    if space == SHARED:
        base = code.builder.ptrtoint(code.argument("shared"), integer(64))
        address = code.builder.add(address, base)
    if code.check is None:
        return address
    found = checked(code, address, size, access, space)
    refused = code.builder.icmp_unsigned("==", found, constant(64, 0))
    return code.builder.select(refused, _nowhere(code), found)


def _local(code: Code, offset: Value, size: int) -> Value:
    builder = code.builder
    address = builder.add(offset, builder.ptrtoint(code.local, integer(64)))
    if code.check is None:
        return address
    last = constant(64, max(code.layout.local_bytes - size, 0))
    outside = builder.icmp_unsigned(">", offset, last)
    skewed = builder.icmp_unsigned("!=", builder.and_(offset, constant(64, size - 1)), constant(64, 0))
    wrong = builder.or_(outside, skewed)
    with code.only_if(wrong):
        checked(code, offset, size, LOCAL, GENERIC)
    return builder.select(wrong, _nowhere(code), address)


def _nowhere(code: Code) -> Value:
    """Memory that a refused access uses instead: zeros before, whatever after."""
    return code.builder.ptrtoint(code.builder.module.get_global("nowhere"), integer(64))


def checked(code: Code, address: Value, size: int, access: int, space: int) -> Value:
    """Ask the sanitizer: the host's address, or 0."""
    word, builder = integer(64), code.builder
    pointers = [
        builder.load(builder.gep(code.argument("context"), [constant(32, index)])) for index in range(3)
    ]
    numbers = [address, *(constant(64, number) for number in (size, access, space, code.where))]
    arguments = [*pointers, *numbers, code.argument("tag")]
    signature = ir.FunctionType(word, [word] * len(arguments))
    function = builder.inttoptr(constant(64, code.check or 0), signature.as_pointer())
    return builder.call(function, arguments)
