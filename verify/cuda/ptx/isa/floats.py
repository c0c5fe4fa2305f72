"""Floating point with every rounding stated; what is approximate, flushes or may be contracted only if asked for.

Single precision returns PTX's one NaN, 0x7fffffff. Double precision returns the host's NaN: its payload is not proven.
"""

from __future__ import annotations

from llvmlite import ir

from ..syntax.kinds import FLOATS, INTEGERS, Value, constant, integer, llvm, signed
from ..syntax.model import Instruction
from .code import Code, lowers
from .integers import LOGIC, one_operand, refuse_modifiers, two_operands

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


def _flushes(code: Code, inst: Instruction) -> bool:
    """Whether the arithmetic flushes; refuses what is not rounded to nearest unless it is asked for by name."""
    if inst.modifiers == ("rn",):
        return False
    contractible = inst.mnemonic in {"add", "sub", "mul"} and not inst.modifiers
    flushing = inst.kind == "f32" and inst.modifiers in {("ftz",), ("rn", "ftz")}
    if not (contractible or flushing):
        raise inst.unsupported()
    if not code.permits(inst):
        raise inst.unsupported("flushes subnormals" if flushing else "ptxas may contract this")
    return flushing


def flushed(code: Code, value: Value, kind: str = "f32") -> Value:
    """Zero of the same sign for a subnormal number."""
    magnitude = code.intrinsic("llvm.fabs", kind, value)
    small = code.builder.fcmp_ordered("<", magnitude, ir.Constant(llvm(kind), SMALLEST_NORMAL[kind]))
    zero = code.intrinsic("llvm.copysign", kind, ir.Constant(llvm(kind), 0.0), value)
    return code.builder.select(small, zero, value)


def _operands(code: Code, inst: Instruction, count: int, flushes: bool) -> tuple[str, list[Value]]:
    destination, *operands = inst.unpack(count + 1)
    values = [code.read(inst, operand, inst.kind) for operand in operands]
    return destination, [flushed(code, value, inst.kind) for value in values] if flushes else values


def _result(code: Code, inst: Instruction, destination: str, value: Value, flushes: bool) -> None:
    code.write_float(inst, destination, inst.kind, flushed(code, value, inst.kind) if flushes else value)


@lowers("add sub mul", FLOATS)
def arithmetic(code: Code, inst: Instruction) -> None:
    """Sum, difference, product."""
    flushes = _flushes(code, inst)
    destination, (a, b) = _operands(code, inst, 2, flushes)
    _result(code, inst, destination, getattr(code.builder, f"f{inst.mnemonic}")(a, b), flushes)


@lowers("fma mad", FLOATS)
def fused(code: Code, inst: Instruction) -> None:
    """Product and sum with one rounding: PTX's mad.rn is the same instruction."""
    flushes = _flushes(code, inst)
    destination, values = _operands(code, inst, 3, flushes)
    _result(code, inst, destination, code.intrinsic("llvm.fma", inst.kind, *values), flushes)


@lowers("div rcp sqrt", FLOATS)
def divide(code: Code, inst: Instruction) -> None:
    """Quotient, reciprocal and square root; approximate ones are the double precision result rounded once."""
    full = inst.mnemonic != "rcp" and inst.modifiers in {("full",), ("full", "ftz")}
    if "approx" in inst.modifiers or full:
        return approximation(code, inst)
    flushes = _flushes(code, inst)
    destination, values = _operands(code, inst, 2 if inst.mnemonic == "div" else 1, flushes)
    return _result(code, inst, destination, _division(code, inst, inst.kind, values), flushes)


def _division(code: Code, inst: Instruction, kind: str, values: list[Value]) -> Value:
    if inst.mnemonic == "sqrt":
        return code.intrinsic("llvm.sqrt", kind, *values)
    return code.builder.fdiv(*(values if inst.mnemonic == "div" else [ir.Constant(llvm(kind), 1.0), *values]))


@lowers("ex2 lg2 sin cos rsqrt", ("f32",))
def approximation(code: Code, inst: Instruction) -> None:
    """If asked for by name: not the hardware's bits, which are not known here, but the nearest number of the type."""
    flushes = inst.modifiers[1:] == ("ftz",)
    if (
        (inst.kind != "f32" and inst.opcode != _RECIPROCAL64)
        or inst.modifiers[:1] not in {("approx",), ("full",)}
        or inst.modifiers[1:] not in {(), ("ftz",)}
    ):
        raise inst.unsupported()
    if not code.permits(inst):
        raise inst.unsupported("approximate")
    destination, values = _operands(code, inst, 2 if inst.mnemonic == "div" else 1, flushes)
    if inst.kind == "f64":
        return _result(code, inst, destination, _division(code, inst, "f64", values), flushes)
    wide = [code.builder.fpext(value, llvm("f64")) for value in values]
    if inst.mnemonic in FUNCTIONS:
        result = code.intrinsic(FUNCTIONS[inst.mnemonic], "f64", *wide)
    elif inst.mnemonic == "rsqrt":
        result = code.builder.fdiv(ir.Constant(llvm("f64"), 1.0), code.intrinsic("llvm.sqrt", "f64", *wide))
    else:
        result = _division(code, inst, "f64", wide)
    return _result(code, inst, destination, code.builder.fptrunc(result, llvm("f32")), flushes)


@lowers("neg abs", FLOATS)
def sign(code: Code, inst: Instruction) -> None:
    """The sign bit inverted, or cleared."""
    destination, value = one_operand(code, inst)
    result = (
        code.builder.fneg(value) if inst.mnemonic == "neg" else code.intrinsic("llvm.fabs", inst.kind, value)
    )
    code.write(inst, destination, inst.kind, result)


@lowers("copysign", FLOATS)
def copy_sign(code: Code, inst: Instruction) -> None:
    """The second operand with the sign of the first: PTX's order is not C's."""
    destination, signs, value = two_operands(code, inst)
    code.write(inst, destination, inst.kind, code.intrinsic("llvm.copysign", inst.kind, value, signs))


@lowers("min max", FLOATS)
def extreme(code: Code, inst: Instruction) -> None:
    """The lesser or greater; a number rather than a NaN, and -0 below +0."""
    destination, a, b = two_operands(code, inst)
    name = f"llvm.{inst.mnemonic}imumnum"
    code.write_float(inst, destination, inst.kind, code.intrinsic(name, inst.kind, a, b))


@lowers("selp", (*LOGIC[:3], *INTEGERS, *FLOATS))
def select(code: Code, inst: Instruction) -> None:
    """The first operand where the predicate holds, else the second."""
    refuse_modifiers(inst)
    destination, *operands, predicate = inst.unpack(4)
    values = [code.read(inst, operand, inst.kind) for operand in operands]
    result = code.builder.select(code.read(inst, predicate, "pred"), *values)
    code.write(inst, destination, inst.kind, result)


@lowers("setp", (*LOGIC[:3], *INTEGERS, *FLOATS))
def compare(code: Code, inst: Instruction) -> None:
    """A predicate from a comparison, joined by and, or, xor with another one."""
    operator = ".".join(inst.modifiers[1:])
    if not inst.modifiers or operator not in {"", "and", "or", "xor"}:
        raise inst.unsupported()
    destination, a, b, *predicate_operands = inst.unpack(4 if operator else 3)
    values = code.read(inst, a, inst.kind), code.read(inst, b, inst.kind)
    result = _condition(code, inst, inst.modifiers[0], *values)
    for operand in predicate_operands:
        operation = {"and": code.builder.and_, "or": code.builder.or_, "xor": code.builder.xor}[operator]
        result = operation(result, code.read(inst, operand, "pred"))
    code.write(inst, destination, "pred", result)


def _condition(code: Code, inst: Instruction, name: str, a: Value, b: Value) -> Value:
    builder = code.builder
    if inst.kind in FLOATS and name in FLOAT_CONDITIONS:
        result = ir.instructions.FCMPInstr(builder.block, FLOAT_CONDITIONS[name], a, b)
        builder._insert(result)  # noqa: SLF001 - llvmlite spells only half of LLVM's conditions
        return result
    if inst.kind.startswith("u") and name in UNSIGNED_CONDITIONS:
        return builder.icmp_unsigned(UNSIGNED_CONDITIONS[name], a, b)
    ordered = inst.kind not in (*FLOATS, *LOGIC) or name in {"eq", "ne"}
    if inst.kind not in FLOATS and ordered and name in INTEGER_CONDITIONS:
        compare_integers = builder.icmp_signed if signed(inst.kind) else builder.icmp_unsigned
        return compare_integers(INTEGER_CONDITIONS[name], a, b)
    raise inst.unsupported()


def saturated(code: Code, value: Value) -> Value:
    """The number nearest to the value in [0, 1]; +0 for a NaN."""
    zero, unit = (ir.Constant(llvm("f32"), bound) for bound in (0.0, 1.0))
    positive = code.builder.select(code.builder.fcmp_ordered(">", value, zero), value, zero)
    return code.builder.select(code.builder.fcmp_ordered(">", positive, unit), unit, positive)


def half_bits(code: Code, kind: str, value: Value) -> Value:
    """A float32 as float16 or bfloat16 bits, rounded to nearest even; any NaN is 0x7fff."""
    builder, i32 = code.builder, integer(32)
    nan = builder.fcmp_unordered("uno", value, value)
    if kind.startswith("f16"):
        bits = builder.bitcast(builder.fptrunc(value, ir.HalfType()), integer(16))
    else:
        bits32 = builder.bitcast(value, i32)
        lowest_bit = builder.and_(builder.lshr(bits32, i32(16)), i32(1))
        rounded = builder.add(builder.add(bits32, i32(0x7FFF)), lowest_bit)
        bits = builder.trunc(builder.lshr(rounded, i32(16)), integer(16))
    return builder.select(nan, constant(16, 0x7FFF), bits)


def from_half(code: Code, kind: str, bits: Value) -> Value:
    """The float32 of float16 or bfloat16 bits."""
    builder = code.builder
    if kind == "f16":
        return builder.fpext(builder.bitcast(bits, ir.HalfType()), llvm("f32"))
    bits32 = builder.shl(builder.zext(bits, integer(32)), constant(32, 16))
    return builder.bitcast(bits32, llvm("f32"))
