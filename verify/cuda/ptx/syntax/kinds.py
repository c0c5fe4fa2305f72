"""PTX's types: their widths, and the LLVM types that stand for them."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

#: llvmlite ships no annotations: an LLVM value or type.
Value = Any

#: Bits of each type that a register, a parameter or a memory access may have.
WIDTH = {
    "pred": 1,
    **dict.fromkeys(("b8", "u8", "s8"), 8),
    **dict.fromkeys(("b16", "u16", "s16", "f16", "bf16"), 16),
    **dict.fromkeys(("b32", "u32", "s32", "f32", "f16x2", "bf16x2"), 32),
    **dict.fromkeys(("b64", "u64", "s64", "f64"), 64),
}
FLOATS = ("f32", "f64")
#: Types of integer arithmetic; eight-bit ones exist in memory only.
INTEGERS = ("u16", "s16", "u32", "s32", "u64", "s64")
BITS = ("b16", "b32", "b64")
#: What PTX returns for any single-precision NaN (PTX ISA, "Floating Point Instructions").
CANONICAL_NAN = 0x7FFFFFFF


def signed(kind: str) -> bool:
    """Whether the type is a signed integer."""
    return kind.startswith("s")


def integer(bits: int) -> Value:
    """LLVM's integer type of that width."""
    return ir.IntType(bits)


def storage(kind: str) -> Value:
    """The integer type that holds a register of that type."""
    return integer(WIDTH[kind])


def llvm(kind: str) -> Value:
    """The type that arithmetic on that type is done in."""
    return {"f32": ir.FloatType(), "f64": ir.DoubleType()}.get(kind) or storage(kind)


def constant(bits: int, value: int) -> Value:
    """An integer constant, cut to its width."""
    return ir.Constant(integer(bits), value & ((1 << bits) - 1))
