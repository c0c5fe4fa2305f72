"""Integer and bitwise instructions, as the PTX ISA defines them: shifts clamp, arithmetic wraps."""

from __future__ import annotations

from ..syntax.kinds import BITS, INTEGERS, WIDTH, Value, constant, integer, llvm, signed
from ..syntax.model import Instruction
from .code import Code, instruction

LOGIC = (*BITS, "pred")


def plain(one: Instruction) -> None:
    """Refuse modifiers."""
    if one.modifiers:
        raise one.refused()


def two_operands(code: Code, one: Instruction) -> tuple[str, Value, Value]:
    """The destination and two operands of an instruction without modifiers."""
    plain(one)
    target, left, right = one.taking(3)
    return target, code.read(one, left, one.kind), code.read(one, right, one.kind)


def one_operand(code: Code, one: Instruction) -> tuple[str, Value]:
    """The destination and the operand of an instruction without modifiers."""
    plain(one)
    target, operand = one.taking(2)
    return target, code.read(one, operand, one.kind)


@instruction("add sub", INTEGERS)
def add(code: Code, one: Instruction) -> None:
    """Sum or difference, modulo 2**width."""
    target, left, right = two_operands(code, one)
    code.write(one, target, one.kind, getattr(code.builder, one.root)(left, right))


@instruction("mul mad", INTEGERS)
def multiply(code: Code, one: Instruction) -> None:
    """The lower half, the upper half or all of a product, and for mad a sum with it."""
    if one.modifiers not in {("lo",), ("hi",), ("wide",)} or (
        one.modifiers == ("wide",) and "64" in one.kind
    ):
        raise one.refused()
    target, left, right, *addend = one.taking(4 if one.root == "mad" else 3)
    half, kind = one.modifiers[0], one.kind
    result = _product(code, kind, half, code.read(one, left, kind), code.read(one, right, kind))
    if half == "wide":
        kind = f"{kind[0]}{2 * WIDTH[kind]}"
    for operand in addend:
        result = code.builder.add(result, code.read(one, operand, kind))
    code.write(one, target, kind, result)


def _product(code: Code, kind: str, half: str, left: Value, right: Value) -> Value:
    if half == "lo":
        return code.builder.mul(left, right)
    double = integer(2 * WIDTH[kind])
    extend = code.builder.sext if signed(kind) else code.builder.zext
    product = code.builder.mul(extend(left, double), extend(right, double))
    if half == "wide":
        return product
    return code.builder.trunc(code.builder.lshr(product, double(WIDTH[kind])), llvm(kind))


@instruction("div rem", INTEGERS)
def divide(code: Code, one: Instruction) -> None:
    """Quotient towards zero, and remainder. Where PTX leaves the result open, as for a divisor of 0, it is -1."""
    target, left, right = two_operands(code, one)
    builder, kind = code.builder, one.kind
    undefined = builder.icmp_unsigned("==", right, code.number(kind, 0))
    if signed(kind):
        lowest = builder.icmp_unsigned("==", left, code.number(kind, 1 << (WIDTH[kind] - 1)))
        minus = builder.icmp_unsigned("==", right, code.number(kind, -1))
        undefined = builder.or_(undefined, builder.and_(lowest, minus))
    safe = builder.select(undefined, code.number(kind, 1), right)
    result = getattr(builder, f"{'s' if signed(kind) else 'u'}{one.root}")(left, safe)
    code.write(one, target, kind, builder.select(undefined, code.number(kind, -1), result))


@instruction("min max", INTEGERS)
def extreme(code: Code, one: Instruction) -> None:
    """The lesser or the greater of two."""
    target, left, right = two_operands(code, one)
    sign = "s" if signed(one.kind) else "u"
    code.write(one, target, one.kind, code.intrinsic(f"llvm.{sign}{one.root}", one.kind, left, right))


@instruction("abs neg", ("s16", "s32", "s64"))
def negate(code: Code, one: Instruction) -> None:
    """Absolute value or negative; the lowest number is its own."""
    target, value = one_operand(code, one)
    negative = code.builder.neg(value)
    if one.root == "abs":
        below = code.builder.icmp_signed("<", value, code.number(one.kind, 0))
        negative = code.builder.select(below, negative, value)
    code.write(one, target, one.kind, negative)


@instruction("and or xor", LOGIC)
def logic(code: Code, one: Instruction) -> None:
    """Bitwise and, or, exclusive or."""
    target, left, right = two_operands(code, one)
    operation = {"and": code.builder.and_, "or": code.builder.or_, "xor": code.builder.xor}[one.root]
    code.write(one, target, one.kind, operation(left, right))


@instruction("not", LOGIC)
def complement(code: Code, one: Instruction) -> None:
    """Every bit inverted."""
    target, value = one_operand(code, one)
    code.write(one, target, one.kind, code.builder.not_(value))


@instruction("shl", BITS)
@instruction("shr", (*BITS, *INTEGERS))
def shift(code: Code, one: Instruction) -> None:
    """A shift by an unsigned 32-bit amount; beyond the width it is a shift by all bits."""
    plain(one)
    target, operand, by = one.taking(3)
    builder, width = code.builder, WIDTH[one.kind]
    value, amount = code.read(one, operand, one.kind), code.read(one, by, "u32")
    beyond = builder.icmp_unsigned(">=", amount, constant(32, width))
    inside = builder.select(beyond, constant(32, width - 1), amount)
    if width != 32:
        inside = (builder.zext if width > 32 else builder.trunc)(inside, integer(width))
    if one.root == "shr" and signed(one.kind):
        return code.write(one, target, one.kind, builder.ashr(value, inside))
    moved = (builder.shl if one.root == "shl" else builder.lshr)(value, inside)
    return code.write(one, target, one.kind, builder.select(beyond, code.number(one.kind, 0), moved))


@instruction("shf", ("b32",))
def funnel(code: Code, one: Instruction) -> None:
    """32 bits out of 64, shifted by an amount modulo 32 (wrap) or at most 32 (clamp)."""
    if (
        len(one.modifiers) != 2
        or one.modifiers[0] not in {"l", "r"}
        or one.modifiers[1] not in {"wrap", "clamp"}
    ):
        raise one.refused()
    target, low, high, by = one.taking(4)
    builder, double = code.builder, integer(64)
    low, high, amount = (code.read(one, operand, "b32") for operand in (low, high, by))
    pair = builder.or_(builder.shl(builder.zext(high, double), double(32)), builder.zext(low, double))
    if one.modifiers[1] == "wrap":
        amount = builder.and_(amount, constant(32, 31))
    else:
        amount = code.intrinsic("llvm.umin", 32, amount, constant(32, 32))
    amount = builder.zext(amount, double)
    if one.modifiers[0] == "l":
        pair = builder.lshr(builder.shl(pair, amount), double(32))
    else:
        pair = builder.lshr(pair, amount)
    code.write(one, target, "b32", builder.trunc(pair, integer(32)))
