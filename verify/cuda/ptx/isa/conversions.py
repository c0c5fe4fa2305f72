"""cvt and mov: between types, and between a register and its parts."""

from __future__ import annotations

from ..syntax.kinds import BITS, FLOATS, INTEGERS, WIDTH, Value, constant, integer, llvm, signed
from ..syntax.model import Instruction
from .code import Code, lowers
from .floats import flushed, from_half, half_bits, saturated
from .integers import refuse_modifiers

HALVES = ("f16", "bf16")
PAIRS = ("f16x2", "bf16x2")
INTEGER_TYPES = (*INTEGERS, "u8", "s8")
#: Roundings to an integer: to nearest even, to zero, down, up.
ROUNDINGS = {"rni": "llvm.roundeven", "rzi": "llvm.trunc", "rmi": "llvm.floor", "rpi": "llvm.ceil"}


@lowers("cvt")
def convert(code: Code, inst: Instruction) -> None:
    """Every conversion that is covered; the rest is refused."""
    *middle, dtype, atype = inst.parts[1:]  # the PTX ISA's names: cvt.dtype.atype d, a
    modifiers = tuple(middle)
    if dtype in PAIRS:
        return _pair(code, inst, modifiers, dtype)
    destination, operand = inst.unpack(2)
    if dtype not in (*INTEGER_TYPES, *FLOATS, *HALVES) or atype not in (*INTEGER_TYPES, *FLOATS, *HALVES):
        raise inst.unsupported()
    value = code.read(inst, operand, atype, wider=atype in INTEGER_TYPES)
    value = _converted(code, inst, modifiers, dtype, atype, value)
    if dtype in FLOATS:
        return code.write_float(inst, destination, dtype, value)
    return code.write(inst, destination, dtype, value, wider=dtype in INTEGER_TYPES)


def _converted(
    code: Code, inst: Instruction, modifiers: tuple[str, ...], dtype: str, atype: str, value: Value
) -> Value:
    builder, rn_only = code.builder, ("rn",)
    if dtype in INTEGER_TYPES and atype in INTEGER_TYPES and not modifiers:
        return _resized(code, dtype, atype, value)
    if dtype in FLOATS and atype in INTEGER_TYPES and modifiers == rn_only:
        return (builder.sitofp if signed(atype) else builder.uitofp)(value, llvm(dtype))
    if dtype in INTEGER_TYPES and atype in FLOATS and len(modifiers) == 1 and modifiers[0] in ROUNDINGS:
        return _float_to_integer(code, dtype, atype, code.intrinsic(ROUNDINGS[modifiers[0]], atype, value))
    if dtype in FLOATS and atype == dtype:
        return _rounded_float(code, inst, modifiers, dtype, value)
    if (dtype, atype) == ("f64", "f32") and not modifiers:
        return builder.fpext(value, llvm("f64"))
    if (dtype, atype) == ("f32", "f64") and modifiers == rn_only:
        return builder.fptrunc(value, llvm("f32"))
    if dtype in HALVES and atype == "f32" and modifiers == rn_only:
        return half_bits(code, dtype, value)
    if dtype == "f32" and atype in HALVES and not modifiers:
        return from_half(code, atype, value)
    raise inst.unsupported()


def _resized(code: Code, dtype: str, atype: str, value: Value) -> Value:
    if WIDTH[dtype] <= WIDTH[atype]:
        return code.builder.trunc(value, llvm(dtype)) if WIDTH[dtype] < WIDTH[atype] else value
    return (code.builder.sext if signed(atype) else code.builder.zext)(value, llvm(dtype))


def _float_to_integer(code: Code, dtype: str, atype: str, value: Value) -> Value:
    """A rounded float as an integer, clamped; for a NaN what the PTX ISA says under cvt."""
    name = "llvm.fptosi.sat" if signed(dtype) else "llvm.fptoui.sat"
    result = code.intrinsic(name, dtype, value)
    if atype == "f64" or WIDTH[dtype] == 64:
        nan = code.builder.fcmp_unordered("uno", value, value)
        result = code.builder.select(nan, code.number(dtype, 1 << (WIDTH[dtype] - 1)), result)
    return result


def _rounded_float(
    code: Code, inst: Instruction, modifiers: tuple[str, ...], kind: str, value: Value
) -> Value:
    if len(modifiers) == 1 and modifiers[0] in ROUNDINGS:
        return code.intrinsic(ROUNDINGS[modifiers[0]], kind, value)
    if kind == "f32" and modifiers == ("sat",):
        return saturated(code, value)
    if kind == "f32" and modifiers in {("ftz",), ("ftz", "sat")}:
        if not code.permits(inst):
            raise inst.unsupported("flushes subnormals")
        value = flushed(code, value)
        return saturated(code, value) if "sat" in modifiers else value
    raise inst.unsupported()


def _pair(code: Code, inst: Instruction, modifiers: tuple[str, ...], dtype: str) -> None:
    """Two float32 as two halves: the first in the upper half."""
    destination, upper, lower = inst.unpack(3)
    if modifiers != ("rn",) or inst.kind != "f32":
        raise inst.unsupported()
    high, low = (half_bits(code, dtype, code.read(inst, operand, "f32")) for operand in (upper, lower))
    code.write(inst, destination, "b32", _concatenated(code, [low, high]))


def _concatenated(code: Code, parts: list[Value]) -> Value:
    """The parts in one integer, the first lowest."""
    builder, width = code.builder, parts[0].type.width
    whole = integer(width * len(parts))
    result = whole(0)
    for index, part in enumerate(parts):
        result = builder.or_(result, builder.shl(builder.zext(part, whole), whole(index * width)))
    return result


@lowers("mov", ("pred", *BITS, *INTEGERS, *FLOATS))
def move(code: Code, inst: Instruction) -> None:
    """A copy; or a register from its parts in braces, or into them, the first part lowest."""
    refuse_modifiers(inst)
    destination, source = inst.unpack(2)
    if source.startswith("{"):
        names = _names(source)
        parts = [code.read(inst, name, _part_kind(inst, names)) for name in names]
        return code.write(inst, destination, inst.kind, _concatenated(code, parts))
    if not destination.startswith("{"):
        return code.write(inst, destination, inst.kind, code.read(inst, source, inst.kind))
    names = _names(destination)
    kind, value = _part_kind(inst, names), code.read(inst, source, inst.kind)
    for index, name in enumerate(names):
        if name != "_":
            shifted = code.builder.lshr(value, constant(WIDTH[inst.kind], index * WIDTH[kind]))
            code.write(inst, name, kind, code.builder.trunc(shifted, llvm(kind)))
    return None


def _names(braced: str) -> list[str]:
    return [name.strip() for name in braced.strip("{}").split(",")]


def _part_kind(inst: Instruction, names: list[str]) -> str:
    width = WIDTH[inst.kind] // len(names)
    if inst.kind not in BITS or len(names) not in {2, 4} or width not in {8, 16, 32}:
        raise inst.unsupported()
    return f"b{width}"
