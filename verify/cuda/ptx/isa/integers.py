"""Integer and bitwise instructions, as the PTX ISA defines them: shifts clamp, arithmetic wraps."""

from __future__ import annotations

from ..syntax.kinds import BITS, INTEGERS, WIDTH, Value, constant, integer, llvm, signed
from ..syntax.model import Instruction
from .code import Code, lowers

LOGIC = (*BITS, "pred")


def refuse_modifiers(inst: Instruction) -> None:
    """Refuse modifiers."""
    if inst.modifiers:
        raise inst.unsupported()


def two_operands(code: Code, inst: Instruction) -> tuple[str, Value, Value]:
    """The destination and two operands of an instruction without modifiers."""
    refuse_modifiers(inst)
    destination, a, b = inst.unpack(3)
    return destination, code.read(inst, a, inst.kind), code.read(inst, b, inst.kind)


def one_operand(code: Code, inst: Instruction) -> tuple[str, Value]:
    """The destination and the operand of an instruction without modifiers."""
    refuse_modifiers(inst)
    destination, operand = inst.unpack(2)
    return destination, code.read(inst, operand, inst.kind)


@lowers("add sub", INTEGERS)
def add(code: Code, inst: Instruction) -> None:
    """Sum or difference, modulo 2**width."""
    destination, a, b = two_operands(code, inst)
    code.write(inst, destination, inst.kind, getattr(code.builder, inst.mnemonic)(a, b))


@lowers("mul mad", INTEGERS)
def multiply(code: Code, inst: Instruction) -> None:
    """The lower half, the upper half or all of a product, and for mad a sum with it."""
    if inst.modifiers not in {("lo",), ("hi",), ("wide",)} or (
        inst.modifiers == ("wide",) and "64" in inst.kind
    ):
        raise inst.unsupported()
    destination, a, b, *addend = inst.unpack(4 if inst.mnemonic == "mad" else 3)
    half, kind = inst.modifiers[0], inst.kind
    result = _product(code, kind, half, code.read(inst, a, kind), code.read(inst, b, kind))
    if half == "wide":
        kind = f"{kind[0]}{2 * WIDTH[kind]}"
    for operand in addend:
        result = code.builder.add(result, code.read(inst, operand, kind))
    code.write(inst, destination, kind, result)


def _product(code: Code, kind: str, half: str, a: Value, b: Value) -> Value:
    if half == "lo":
        return code.builder.mul(a, b)
    wide = integer(2 * WIDTH[kind])
    extend = code.builder.sext if signed(kind) else code.builder.zext
    product = code.builder.mul(extend(a, wide), extend(b, wide))
    if half == "wide":
        return product
    return code.builder.trunc(code.builder.lshr(product, wide(WIDTH[kind])), llvm(kind))


@lowers("div rem", INTEGERS)
def divide(code: Code, inst: Instruction) -> None:
    """Quotient towards zero, and remainder. Where PTX leaves the result open, as for a divisor of 0, it is -1."""
    destination, a, b = two_operands(code, inst)
    builder, kind = code.builder, inst.kind
    undefined = builder.icmp_unsigned("==", b, code.number(kind, 0))
    if signed(kind):
        lowest = builder.icmp_unsigned("==", a, code.number(kind, 1 << (WIDTH[kind] - 1)))
        minus_one = builder.icmp_unsigned("==", b, code.number(kind, -1))
        undefined = builder.or_(undefined, builder.and_(lowest, minus_one))
    divisor = builder.select(undefined, code.number(kind, 1), b)
    result = getattr(builder, f"{'s' if signed(kind) else 'u'}{inst.mnemonic}")(a, divisor)
    code.write(inst, destination, kind, builder.select(undefined, code.number(kind, -1), result))


@lowers("min max", INTEGERS)
def extreme(code: Code, inst: Instruction) -> None:
    """The lesser or the greater of two."""
    destination, a, b = two_operands(code, inst)
    sign = "s" if signed(inst.kind) else "u"
    code.write(inst, destination, inst.kind, code.intrinsic(f"llvm.{sign}{inst.mnemonic}", inst.kind, a, b))


@lowers("abs neg", ("s16", "s32", "s64"))
def negate(code: Code, inst: Instruction) -> None:
    """Absolute value or negative; the lowest number is its own."""
    destination, value = one_operand(code, inst)
    negative = code.builder.neg(value)
    if inst.mnemonic == "abs":
        below = code.builder.icmp_signed("<", value, code.number(inst.kind, 0))
        negative = code.builder.select(below, negative, value)
    code.write(inst, destination, inst.kind, negative)


@lowers("and or xor", LOGIC)
def logic(code: Code, inst: Instruction) -> None:
    """Bitwise and, or, exclusive or."""
    destination, a, b = two_operands(code, inst)
    operation = {"and": code.builder.and_, "or": code.builder.or_, "xor": code.builder.xor}[inst.mnemonic]
    code.write(inst, destination, inst.kind, operation(a, b))


@lowers("not", LOGIC)
def complement(code: Code, inst: Instruction) -> None:
    """Every bit inverted."""
    destination, value = one_operand(code, inst)
    code.write(inst, destination, inst.kind, code.builder.not_(value))


@lowers("shl", BITS)
@lowers("shr", (*BITS, *INTEGERS))
def shift(code: Code, inst: Instruction) -> None:
    """A shift by an unsigned 32-bit amount; beyond the width it is a shift by all bits."""
    refuse_modifiers(inst)
    destination, operand, amount_operand = inst.unpack(3)
    builder, width = code.builder, WIDTH[inst.kind]
    value, amount = code.read(inst, operand, inst.kind), code.read(inst, amount_operand, "u32")
    overflow = builder.icmp_unsigned(">=", amount, constant(32, width))
    clamped = builder.select(overflow, constant(32, width - 1), amount)
    if width != 32:
        clamped = (builder.zext if width > 32 else builder.trunc)(clamped, integer(width))
    if inst.mnemonic == "shr" and signed(inst.kind):
        return code.write(inst, destination, inst.kind, builder.ashr(value, clamped))
    shifted = (builder.shl if inst.mnemonic == "shl" else builder.lshr)(value, clamped)
    return code.write(
        inst, destination, inst.kind, builder.select(overflow, code.number(inst.kind, 0), shifted)
    )


@lowers("shf", ("b32",))
def funnel(code: Code, inst: Instruction) -> None:
    """32 bits out of 64, shifted by an amount modulo 32 (wrap) or at most 32 (clamp)."""
    if inst.modifiers not in {("l", "wrap"), ("l", "clamp"), ("r", "wrap"), ("r", "clamp")}:
        raise inst.unsupported()
    direction, overflow = inst.modifiers
    destination, *operands = inst.unpack(4)
    builder, i64 = code.builder, integer(64)
    low, high, amount = (code.read(inst, operand, "b32") for operand in operands)
    pair = builder.or_(builder.shl(builder.zext(high, i64), i64(32)), builder.zext(low, i64))
    if overflow == "wrap":
        amount = builder.and_(amount, constant(32, 31))
    else:
        amount = code.intrinsic("llvm.umin", 32, amount, constant(32, 32))
    amount = builder.zext(amount, i64)
    upper = builder.lshr(builder.shl(pair, amount), i64(32))
    result = upper if direction == "l" else builder.lshr(pair, amount)
    code.write(inst, destination, "b32", builder.trunc(result, integer(32)))
