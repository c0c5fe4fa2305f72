"""float16 by the CPU's own conversions where it has them; the same bits as the integer ones of ``math/halves.py``."""

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import config
from numba.extending import intrinsic

from ..math.halves import float16_bits, float32_of_float16
from .pointers import loop


@intrinsic
def _converted_bits(typingctx, x):
    """float32 -> float16 bits, nearest even: vcvtps2ph."""
    if x != types.float32:
        return None

    def codegen(context, builder, signature, arguments):
        return builder.bitcast(builder.fptrunc(arguments[0], ir.HalfType()), ir.IntType(16))

    return types.uint16(x), codegen


@intrinsic
def _converted_float32(typingctx, bits):
    """float16 bits -> float32: vcvtph2ps."""
    if not isinstance(bits, types.Integer):
        return None

    def codegen(context, builder, signature, arguments):
        return builder.fpext(builder.bitcast(arguments[0], ir.HalfType()), ir.FloatType())

    return types.float32(types.uint16), codegen


def _cpu_converts():
    """Whether LLVM has instructions for it on the CPU that numba compiles for; else it would call its own runtime."""
    if config.CPU_NAME:
        return "+f16c" in (config.CPU_FEATURES or "")
    return bool(llvm.get_host_cpu_features().get("f16c"))


@loop
def _converted_encode(x):
    return _converted_bits(x)


@loop
def _converted_decode(bits):
    return _converted_float32(bits)


encode, decode = (
    (_converted_encode, _converted_decode) if _cpu_converts() else (float16_bits, float32_of_float16)
)
