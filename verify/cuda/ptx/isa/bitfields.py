"""Instructions on fields, bytes and counts of bits."""

from __future__ import annotations

from ..syntax.kinds import WIDTH, Value, constant, integer, signed
from ..syntax.model import Instruction
from .code import Code, lowers
from .integers import one_operand, refuse_modifiers

FIELDS = ("u32", "s32", "u64", "s64")
WORDS = ("b32", "b64")


def _low_byte(code: Code, inst: Instruction, operand: str, width: int) -> Value:
    """A position or length: its eight lower bits, as wide as the value."""
    number = code.builder.and_(code.read(inst, operand, "u32"), constant(32, 255))
    return code.builder.zext(number, integer(width)) if width > 32 else number


def _shifted(code: Code, operation: str, value: Value, amount: Value) -> Value:
    """A shift that is 0 from the width on, where LLVM's is undefined."""
    width = value.type.width
    overflow = code.builder.icmp_unsigned(">=", amount, constant(width, width))
    inside_mask = code.builder.select(overflow, constant(width, 0), amount)
    shifted = getattr(code.builder, operation)(value, inside_mask)
    return code.builder.select(overflow, constant(width, 0), shifted)


def _mask(code: Code, length: Value) -> Value:
    """A mask of that many bits, from bit 0: all from the width on."""
    width = length.type.width
    return code.builder.not_(_shifted(code, "shl", constant(width, -1), length))


@lowers("bfe", FIELDS)
def extract(code: Code, inst: Instruction) -> None:
    """A field of the value; for signed types, and beyond the value, filled with the field's top bit."""
    refuse_modifiers(inst)
    destination, operand, position, length = inst.unpack(4)
    builder, width = code.builder, WIDTH[inst.kind]
    value = code.read(inst, operand, inst.kind)
    start, count = (_low_byte(code, inst, number, width) for number in (position, length))
    field_mask = _mask(code, count)
    field = builder.and_(_shifted(code, "lshr", value, start), field_mask)
    if signed(inst.kind):
        # PTX ISA: the sign is the bit at min(start + length - 1, msb), and 0 for an empty field.
        top = code.intrinsic(
            "llvm.umin",
            width,
            builder.sub(builder.add(start, count), constant(width, 1)),
            constant(width, width - 1),
        )
        sign = builder.and_(_shifted(code, "lshr", value, top), constant(width, 1))
        sign = builder.select(
            builder.icmp_unsigned("==", count, constant(width, 0)), constant(width, 0), sign
        )
        reach = code.intrinsic("llvm.usub.sat", width, constant(width, width), start)
        inside_mask = _mask(code, code.intrinsic("llvm.umin", width, count, reach))
        filled = builder.or_(field, builder.not_(inside_mask))
        field = builder.select(builder.trunc(sign, integer(1)), filled, field)
    code.write(inst, destination, inst.kind, field)


@lowers("bfi", WORDS)
def insert(code: Code, inst: Instruction) -> None:
    """The second value with a field of it replaced by the lower bits of the first."""
    refuse_modifiers(inst)
    destination, inserted, base, position, length = inst.unpack(5)
    builder, width = code.builder, WIDTH[inst.kind]
    start, count = (_low_byte(code, inst, number, width) for number in (position, length))
    mask = _shifted(code, "shl", _mask(code, count), start)
    field = builder.and_(_shifted(code, "shl", code.read(inst, inserted, inst.kind), start), mask)
    rest = builder.and_(code.read(inst, base, inst.kind), builder.not_(mask))
    code.write(inst, destination, inst.kind, builder.or_(field, rest))


@lowers("brev", WORDS)
def reverse(code: Code, inst: Instruction) -> None:
    """The bits in the opposite order."""
    destination, value = one_operand(code, inst)
    code.write(inst, destination, inst.kind, code.intrinsic("llvm.bitreverse", inst.kind, value))


@lowers("popc clz", WORDS)
def count(code: Code, inst: Instruction) -> None:
    """How many ones, or how many leading zeros (the width, for 0); the result has 32 bits."""
    destination, value = one_operand(code, inst)
    if inst.mnemonic == "popc":
        number = code.intrinsic("llvm.ctpop", inst.kind, value)
    else:
        number = code.intrinsic("llvm.ctlz", inst.kind, value, constant(1, 0))
    if WIDTH[inst.kind] > 32:
        number = code.builder.trunc(number, integer(32))
    code.write(inst, destination, "u32", number)


@lowers("prmt", ("b32",))
def permute(code: Code, inst: Instruction) -> None:
    """Four bytes of eight, selected by the nibbles of the selector; a nibble from 8 on replicates the byte's sign."""
    refuse_modifiers(inst)
    destination, *operands = inst.unpack(4)
    builder, i64 = code.builder, integer(64)
    low, high, selector = (code.read(inst, operand, "b32") for operand in operands)
    pair = builder.or_(builder.shl(builder.zext(high, i64), i64(32)), builder.zext(low, i64))
    result = constant(32, 0)
    for index in range(4):
        nibble = builder.lshr(selector, constant(32, 4 * index))
        byte_shift = builder.shl(builder.and_(nibble, constant(32, 7)), constant(32, 3))
        byte = builder.trunc(builder.lshr(pair, builder.zext(byte_shift, i64)), integer(8))
        sign = builder.trunc(builder.lshr(nibble, constant(32, 3)), integer(1))
        byte = builder.select(sign, builder.ashr(byte, constant(8, 7)), byte)
        shifted = builder.shl(builder.zext(byte, integer(32)), constant(32, 8 * index))
        result = builder.or_(result, shifted)
    code.write(inst, destination, "b32", result)


@lowers("lop3", ("b32",))
def lookup(code: Code, inst: Instruction) -> None:
    """Any function of three bits: bit 4a + 2b + c of the table, for each bit of the operands."""
    refuse_modifiers(inst)
    destination, *operands, table = inst.unpack(5)
    builder = code.builder
    values = [code.read(inst, operand, "b32") for operand in operands]
    truth = code.read(inst, table, "b32")
    if not hasattr(truth, "constant") or not 0 <= truth.constant <= 255:
        raise inst.unsupported("expected a table of eight bits")
    result = constant(32, 0)
    for row in range(8):
        if truth.constant >> row & 1:
            terms = [
                value if row >> index & 1 else builder.not_(value)
                for index, value in zip((2, 1, 0), values, strict=True)
            ]
            result = builder.or_(result, builder.and_(builder.and_(terms[0], terms[1]), terms[2]))
    code.write(inst, destination, "b32", result)
