"""Floating point with every rounding stated; what is approximate, flushes or may be contracted only if asked for.

Single precision returns PTX's one NaN, 0x7fffffff. Double precision returns the host's NaN: its payload is not proven.
"""

from __future__ import annotations

from llvmlite import ir

from ..syntax.kinds import FLOATS, INTEGERS, Value, constant, integer, llvm, signed
from ..syntax.model import Instruction
from .code import Code, instruction
from .integers import LOGIC, one_operand, two_operands

SMALLEST_NORMAL = {"f32": 2.0**-126, "f64": 2.0**-1022}
#: Each condition of setp in LLVM's words: on floats, and on integers (unsigned names compare unsigned).
FLOAT_CONDITIONS = {
    **{name: f"o{name}" for name in ("eq", "lt", "le", "gt", "ge")},
    **{f"{name}u": f"u{name}" for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "ne": "one",
    "num": "ord",
    "nan": "uno",
}
INTEGER_CONDITIONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
UNSIGNED_CONDITIONS = {"lo": "<", "ls": "<=", "hi": ">", "hs": ">="}
#: The one approximation in double precision: libdevice's logarithm refines it.
_RECIPROCAL64 = "rcp.approx.ftz.f64"
#: What an approximation is computed as: LLVM's double precision function, rounded once.
FUNCTIONS = {"ex2": "llvm.exp2", "lg2": "llvm.log2", "sin": "llvm.sin", "cos": "llvm.cos"}


def _rounded(code: Code, one: Instruction) -> bool:
    """Whether the arithmetic flushes; refuses what is not rounded to nearest unless it is asked for by name."""
    if one.modifiers == ("rn",):
        return False
    contractible = one.root in {"add", "sub", "mul"} and not one.modifiers
    flushing = one.kind == "f32" and one.modifiers in {("ftz",), ("rn", "ftz")}
    if not (contractible or flushing):
        raise one.refused()
    if not code.permits(one):
        raise one.refused("flushes subnormals" if flushing else "ptxas may contract this")
    return flushing


def flushed(code: Code, value: Value, kind: str = "f32") -> Value:
    """Zero of the same sign for a subnormal number."""
    magnitude = code.intrinsic("llvm.fabs", kind, value)
    small = code.builder.fcmp_ordered("<", magnitude, ir.Constant(llvm(kind), SMALLEST_NORMAL[kind]))
    zero = code.intrinsic("llvm.copysign", kind, ir.Constant(llvm(kind), 0.0), value)
    return code.builder.select(small, zero, value)


def _operands(code: Code, one: Instruction, count: int, flushes: bool) -> tuple[str, list[Value]]:
    target, *operands = one.taking(count + 1)
    values = [code.read(one, operand, one.kind) for operand in operands]
    return target, [flushed(code, value, one.kind) for value in values] if flushes else values


def _result(code: Code, one: Instruction, target: str, value: Value, flushes: bool) -> None:
    code.write_float(one, target, one.kind, flushed(code, value, one.kind) if flushes else value)


@instruction("add sub mul", FLOATS)
def arithmetic(code: Code, one: Instruction) -> None:
    """Sum, difference, product."""
    flushes = _rounded(code, one)
    target, (left, right) = _operands(code, one, 2, flushes)
    _result(code, one, target, getattr(code.builder, f"f{one.root}")(left, right), flushes)


@instruction("fma mad", FLOATS)
def fused(code: Code, one: Instruction) -> None:
    """Product and sum with one rounding: PTX's mad.rn is the same instruction."""
    flushes = _rounded(code, one)
    target, values = _operands(code, one, 3, flushes)
    _result(code, one, target, code.intrinsic("llvm.fma", one.kind, *values), flushes)


@instruction("div rcp sqrt", FLOATS)
def divide(code: Code, one: Instruction) -> None:
    """Quotient, reciprocal and square root; approximate ones are the double precision result rounded once."""
    approximate = one.root != "rcp" and one.modifiers in {("full",), ("full", "ftz")}
    if "approx" in one.modifiers or approximate:
        return approximation(code, one)
    flushes = _rounded(code, one)
    target, values = _operands(code, one, 2 if one.root == "div" else 1, flushes)
    return _result(code, one, target, _division(code, one, one.kind, values), flushes)


def _division(code: Code, one: Instruction, kind: str, values: list[Value]) -> Value:
    if one.root == "sqrt":
        return code.intrinsic("llvm.sqrt", kind, *values)
    return code.builder.fdiv(*(values if one.root == "div" else [ir.Constant(llvm(kind), 1.0), *values]))


@instruction("ex2 lg2 sin cos rsqrt", ("f32",))
def approximation(code: Code, one: Instruction) -> None:
    """If asked for by name: not the hardware's bits, which are not known here, but the nearest number of the type."""
    flushes = one.modifiers[1:] == ("ftz",)
    if (
        (one.kind != "f32" and one.opcode != _RECIPROCAL64)
        or one.modifiers[:1] not in {("approx",), ("full",)}
        or one.modifiers[1:] not in {(), ("ftz",)}
    ):
        raise one.refused()
    if not code.permits(one):
        raise one.refused("approximate")
    target, values = _operands(code, one, 2 if one.root == "div" else 1, flushes)
    if one.kind == "f64":
        return _result(code, one, target, _division(code, one, "f64", values), flushes)
    wide = [code.builder.fpext(value, llvm("f64")) for value in values]
    if one.root in FUNCTIONS:
        result = code.intrinsic(FUNCTIONS[one.root], "f64", *wide)
    elif one.root == "rsqrt":
        result = code.builder.fdiv(ir.Constant(llvm("f64"), 1.0), code.intrinsic("llvm.sqrt", "f64", *wide))
    else:
        result = _division(code, one, "f64", wide)
    return _result(code, one, target, code.builder.fptrunc(result, llvm("f32")), flushes)


@instruction("neg abs", FLOATS)
def sign(code: Code, one: Instruction) -> None:
    """The sign bit inverted, or cleared."""
    target, value = one_operand(code, one)
    changed = code.builder.fneg(value) if one.root == "neg" else code.intrinsic("llvm.fabs", one.kind, value)
    code.write(one, target, one.kind, changed)


@instruction("copysign", FLOATS)
def copy_sign(code: Code, one: Instruction) -> None:
    """The second operand with the sign of the first: PTX's order is not C's."""
    target, signs, value = two_operands(code, one)
    code.write(one, target, one.kind, code.intrinsic("llvm.copysign", one.kind, value, signs))


@instruction("min max", FLOATS)
def extreme(code: Code, one: Instruction) -> None:
    """The lesser or greater; a number rather than a NaN, and -0 below +0."""
    target, left, right = two_operands(code, one)
    name = f"llvm.{one.root}imumnum"
    code.write_float(one, target, one.kind, code.intrinsic(name, one.kind, left, right))


@instruction("selp", (*LOGIC[:3], *INTEGERS, *FLOATS))
def select(code: Code, one: Instruction) -> None:
    """The first operand where the predicate holds, else the second."""
    if one.modifiers:
        raise one.refused()
    target, yes, no, predicate = one.taking(4)
    chosen = code.builder.select(
        code.read(one, predicate, "pred"), code.read(one, yes, one.kind), code.read(one, no, one.kind)
    )
    code.write(one, target, one.kind, chosen)


@instruction("setp", (*LOGIC[:3], *INTEGERS, *FLOATS))
def compare(code: Code, one: Instruction) -> None:
    """A predicate from a comparison, joined by and, or, xor with another one."""
    joined = ".".join(one.modifiers[1:])
    if not one.modifiers or joined not in {"", "and", "or", "xor"}:
        raise one.refused()
    target, left, right, *other = one.taking(4 if joined else 3)
    values = code.read(one, left, one.kind), code.read(one, right, one.kind)
    result = _condition(code, one, one.modifiers[0], *values)
    for operand in other:
        operation = {"and": code.builder.and_, "or": code.builder.or_, "xor": code.builder.xor}[joined]
        result = operation(result, code.read(one, operand, "pred"))
    code.write(one, target, "pred", result)


def _condition(code: Code, one: Instruction, name: str, left: Value, right: Value) -> Value:
    builder = code.builder
    if one.kind in FLOATS and name in FLOAT_CONDITIONS:
        result = ir.instructions.FCMPInstr(builder.block, FLOAT_CONDITIONS[name], left, right)
        builder._insert(result)  # noqa: SLF001 - llvmlite spells only half of LLVM's conditions
        return result
    if one.kind.startswith("u") and name in UNSIGNED_CONDITIONS:
        return builder.icmp_unsigned(UNSIGNED_CONDITIONS[name], left, right)
    ordered = one.kind not in (*FLOATS, *LOGIC) or name in {"eq", "ne"}
    if one.kind not in FLOATS and ordered and name in INTEGER_CONDITIONS:
        compared = builder.icmp_signed if signed(one.kind) else builder.icmp_unsigned
        return compared(INTEGER_CONDITIONS[name], left, right)
    raise one.refused()


def saturated(code: Code, value: Value) -> Value:
    """The number nearest to the value in [0, 1]; +0 for a NaN."""
    zero, unit = (ir.Constant(llvm("f32"), bound) for bound in (0.0, 1.0))
    number = code.builder.fcmp_ordered(">", value, zero)
    below = code.builder.select(number, value, zero)
    return code.builder.select(code.builder.fcmp_ordered(">", below, unit), unit, below)


def half_bits(code: Code, kind: str, value: Value) -> Value:
    """A float32 as float16 or bfloat16 bits, rounded to nearest even; any NaN is 0x7fff."""
    builder, word = code.builder, integer(32)
    nan = builder.fcmp_unordered("uno", value, value)
    if kind.startswith("f16"):
        bits = builder.bitcast(builder.fptrunc(value, ir.HalfType()), integer(16))
    else:
        whole = builder.bitcast(value, word)
        odd = builder.and_(builder.lshr(whole, word(16)), word(1))
        rounded = builder.add(builder.add(whole, word(0x7FFF)), odd)
        bits = builder.trunc(builder.lshr(rounded, word(16)), integer(16))
    return builder.select(nan, constant(16, 0x7FFF), bits)


def from_half(code: Code, kind: str, bits: Value) -> Value:
    """The float32 of float16 or bfloat16 bits."""
    builder = code.builder
    if kind == "f16":
        return builder.fpext(builder.bitcast(bits, ir.HalfType()), llvm("f32"))
    word = builder.shl(builder.zext(bits, integer(32)), constant(32, 16))
    return builder.bitcast(word, llvm("f32"))
