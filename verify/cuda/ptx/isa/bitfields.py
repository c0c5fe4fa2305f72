"""Instructions on fields, bytes and counts of bits."""

from __future__ import annotations

from ..syntax.kinds import WIDTH, Value, constant, integer, signed
from ..syntax.model import Instruction
from .code import Code, instruction
from .integers import one_operand, plain

FIELDS = ("u32", "s32", "u64", "s64")
WORDS = ("b32", "b64")


def _low_byte(code: Code, one: Instruction, operand: str, width: int) -> Value:
    """A position or length: its eight lower bits, as wide as the value."""
    number = code.builder.and_(code.read(one, operand, "u32"), constant(32, 255))
    return code.builder.zext(number, integer(width)) if width > 32 else number


def _shifted(code: Code, operation: str, value: Value, amount: Value) -> Value:
    """A shift that is 0 from the width on, where LLVM's is undefined."""
    width = value.type.width
    beyond = code.builder.icmp_unsigned(">=", amount, constant(width, width))
    inside = code.builder.select(beyond, constant(width, 0), amount)
    moved = getattr(code.builder, operation)(value, inside)
    return code.builder.select(beyond, constant(width, 0), moved)


def _ones(code: Code, length: Value) -> Value:
    """As many ones as asked for, from bit 0: all from the width on."""
    width = length.type.width
    return code.builder.not_(_shifted(code, "shl", constant(width, -1), length))


@instruction("bfe", FIELDS)
def extract(code: Code, one: Instruction) -> None:
    """A field of the value; for signed types, and beyond the value, filled with the field's top bit."""
    plain(one)
    target, operand, position, length = one.taking(4)
    builder, width = code.builder, WIDTH[one.kind]
    value = code.read(one, operand, one.kind)
    start, count = (_low_byte(code, one, number, width) for number in (position, length))
    ones = _ones(code, count)
    field = builder.and_(_shifted(code, "lshr", value, start), ones)
    if signed(one.kind):
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
        taken = _ones(code, code.intrinsic("llvm.umin", width, count, reach))
        filled = builder.or_(field, builder.not_(taken))
        field = builder.select(builder.trunc(sign, integer(1)), filled, field)
    code.write(one, target, one.kind, field)


@instruction("bfi", WORDS)
def insert(code: Code, one: Instruction) -> None:
    """The second value with a field of it replaced by the lower bits of the first."""
    plain(one)
    target, new, old, position, length = one.taking(5)
    builder, width = code.builder, WIDTH[one.kind]
    start, count = (_low_byte(code, one, number, width) for number in (position, length))
    mask = _shifted(code, "shl", _ones(code, count), start)
    field = builder.and_(_shifted(code, "shl", code.read(one, new, one.kind), start), mask)
    rest = builder.and_(code.read(one, old, one.kind), builder.not_(mask))
    code.write(one, target, one.kind, builder.or_(field, rest))


@instruction("brev", WORDS)
def reverse(code: Code, one: Instruction) -> None:
    """The bits in the opposite order."""
    target, value = one_operand(code, one)
    code.write(one, target, one.kind, code.intrinsic("llvm.bitreverse", one.kind, value))


@instruction("popc clz", WORDS)
def count(code: Code, one: Instruction) -> None:
    """How many ones, or how many leading zeros (the width, for 0); the result has 32 bits."""
    target, value = one_operand(code, one)
    if one.root == "popc":
        number = code.intrinsic("llvm.ctpop", one.kind, value)
    else:
        number = code.intrinsic("llvm.ctlz", one.kind, value, constant(1, 0))
    if WIDTH[one.kind] > 32:
        number = code.builder.trunc(number, integer(32))
    code.write(one, target, "u32", number)


@instruction("prmt", ("b32",))
def permute(code: Code, one: Instruction) -> None:
    """Four bytes chosen out of eight by four digits; a digit from 8 on repeats the byte's sign."""
    plain(one)
    target, low, high, chosen = one.taking(4)
    builder, double = code.builder, integer(64)
    low, high, selector = (code.read(one, operand, "b32") for operand in (low, high, chosen))
    pair = builder.or_(builder.shl(builder.zext(high, double), double(32)), builder.zext(low, double))
    result = constant(32, 0)
    for place in range(4):
        digit = builder.lshr(selector, constant(32, 4 * place))
        byte_shift = builder.shl(builder.and_(digit, constant(32, 7)), constant(32, 3))
        byte = builder.trunc(builder.lshr(pair, builder.zext(byte_shift, double)), integer(8))
        sign = builder.trunc(builder.lshr(digit, constant(32, 3)), integer(1))
        byte = builder.select(sign, builder.ashr(byte, constant(8, 7)), byte)
        moved = builder.shl(builder.zext(byte, integer(32)), constant(32, 8 * place))
        result = builder.or_(result, moved)
    code.write(one, target, "b32", result)


@instruction("lop3", ("b32",))
def any_logic(code: Code, one: Instruction) -> None:
    """Any function of three bits: bit 4a + 2b + c of the table, for each place of the operands."""
    plain(one)
    target, *operands, table = one.taking(5)
    builder = code.builder
    values = [code.read(one, operand, "b32") for operand in operands]
    truth = code.read(one, table, "b32")
    if not hasattr(truth, "constant") or not 0 <= truth.constant <= 255:
        raise one.refused("expected a table of eight bits")
    result = constant(32, 0)
    for row in range(8):
        if truth.constant >> row & 1:
            terms = [
                value if row >> place & 1 else builder.not_(value)
                for place, value in zip((2, 1, 0), values, strict=True)
            ]
            result = builder.or_(result, builder.and_(builder.and_(terms[0], terms[1]), terms[2]))
    code.write(one, target, "b32", result)
