"""cvt and mov: between types, and between a register and its parts."""

from __future__ import annotations

from ..syntax.kinds import BITS, FLOATS, INTEGERS, WIDTH, Value, constant, integer, llvm, signed
from ..syntax.model import Instruction
from .code import Code, instruction
from .floats import flushed, from_half, half_bits, saturated

HALVES = ("f16", "bf16")
PAIRS = ("f16x2", "bf16x2")
WHOLE = (*INTEGERS, "u8", "s8")
#: Roundings to an integer: to nearest even, to zero, down, up.
ROUNDINGS = {"rni": "llvm.roundeven", "rzi": "llvm.trunc", "rmi": "llvm.floor", "rpi": "llvm.ceil"}


@instruction("cvt")
def convert(code: Code, one: Instruction) -> None:
    """Every conversion that is covered; the rest is refused."""
    *modifiers, to, source = one.parts[1:]
    how = tuple(modifiers)
    if to in PAIRS:
        return _pair(code, one, how, to)
    target, operand = one.taking(2)
    if to not in (*WHOLE, *FLOATS, *HALVES) or source not in (*WHOLE, *FLOATS, *HALVES):
        raise one.refused()
    value = code.read(one, operand, source, wider=source in WHOLE)
    value = _converted(code, one, how, to, source, value)
    if to in FLOATS:
        return code.write_float(one, target, to, value)
    return code.write(one, target, to, value, wider=to in WHOLE)


def _converted(
    code: Code, one: Instruction, how: tuple[str, ...], to: str, source: str, value: Value
) -> Value:
    builder, ways = code.builder, ("rn",)
    if to in WHOLE and source in WHOLE and not how:
        return _resized(code, to, source, value)
    if to in FLOATS and source in WHOLE and how == ways:
        return (builder.sitofp if signed(source) else builder.uitofp)(value, llvm(to))
    if to in WHOLE and source in FLOATS and len(how) == 1 and how[0] in ROUNDINGS:
        return _whole(code, to, source, code.intrinsic(ROUNDINGS[how[0]], source, value))
    if to in FLOATS and source == to:
        return _same(code, one, how, to, value)
    if (to, source) == ("f64", "f32") and not how:
        return builder.fpext(value, llvm("f64"))
    if (to, source) == ("f32", "f64") and how == ways:
        return builder.fptrunc(value, llvm("f32"))
    if to in HALVES and source == "f32" and how == ways:
        return half_bits(code, to, value)
    if to == "f32" and source in HALVES and not how:
        return from_half(code, source, value)
    raise one.refused()


def _resized(code: Code, to: str, source: str, value: Value) -> Value:
    if WIDTH[to] <= WIDTH[source]:
        return code.builder.trunc(value, llvm(to)) if WIDTH[to] < WIDTH[source] else value
    return (code.builder.sext if signed(source) else code.builder.zext)(value, llvm(to))


def _whole(code: Code, to: str, source: str, value: Value) -> Value:
    """A rounded float as an integer, clamped; for a NaN what the PTX ISA says under cvt."""
    name = "llvm.fptosi.sat" if signed(to) else "llvm.fptoui.sat"
    result = code.intrinsic(name, to, value)
    if source == "f64" or WIDTH[to] == 64:
        nan = code.builder.fcmp_unordered("uno", value, value)
        result = code.builder.select(nan, code.number(to, 1 << (WIDTH[to] - 1)), result)
    return result


def _same(code: Code, one: Instruction, how: tuple[str, ...], kind: str, value: Value) -> Value:
    if len(how) == 1 and how[0] in ROUNDINGS:
        return code.intrinsic(ROUNDINGS[how[0]], kind, value)
    if kind == "f32" and how == ("sat",):
        return saturated(code, value)
    if kind == "f32" and how in {("ftz",), ("ftz", "sat")}:
        if not code.permits(one):
            raise one.refused("flushes subnormals")
        value = flushed(code, value)
        return saturated(code, value) if "sat" in how else value
    raise one.refused()


def _pair(code: Code, one: Instruction, how: tuple[str, ...], to: str) -> None:
    """Two float32 as two halves: the first in the upper half."""
    target, upper, lower = one.taking(3)
    if how != ("rn",) or one.kind != "f32":
        raise one.refused()
    high, low = (half_bits(code, to, code.read(one, operand, "f32")) for operand in (upper, lower))
    code.write(one, target, "b32", _joined(code, [low, high]))


def _joined(code: Code, parts: list[Value]) -> Value:
    """The parts in one integer, the first lowest."""
    builder, width = code.builder, parts[0].type.width
    whole = integer(width * len(parts))
    result = whole(0)
    for place, part in enumerate(parts):
        result = builder.or_(result, builder.shl(builder.zext(part, whole), whole(place * width)))
    return result


@instruction("mov", ("pred", *BITS, *INTEGERS, *FLOATS))
def move(code: Code, one: Instruction) -> None:
    """A copy; or a register from its parts in braces, or into them, the first part lowest."""
    if one.modifiers:
        raise one.refused()
    target, source = one.taking(2)
    if source.startswith("{"):
        names = _names(source)
        parts = [code.read(one, name, _part(one, names)) for name in names]
        return code.write(one, target, one.kind, _joined(code, parts))
    if not target.startswith("{"):
        return code.write(one, target, one.kind, code.read(one, source, one.kind))
    names = _names(target)
    part, value = _part(one, names), code.read(one, source, one.kind)
    for place, name in enumerate(names):
        if name != "_":
            moved = code.builder.lshr(value, constant(WIDTH[one.kind], place * WIDTH[part]))
            code.write(one, name, part, code.builder.trunc(moved, llvm(part)))
    return None


def _names(braced: str) -> list[str]:
    return [name.strip() for name in braced.strip("{}").split(",")]


def _part(one: Instruction, names: list[str]) -> str:
    width = WIDTH[one.kind] // len(names)
    if one.kind not in BITS or len(names) not in {2, 4} or width not in {8, 16, 32}:
        raise one.refused()
    return f"b{width}"
