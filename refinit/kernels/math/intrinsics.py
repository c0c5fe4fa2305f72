"""The operations that Python cannot spell: fused multiply-add, bit casts, the C library's double functions.

Everything that depends on the compilation target stands in this file.
"""

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

#: No options: whatever stands here would travel to the CUDA target as well.
core = njit

#: The C library's functions under names of our own, so that LLVM neither folds nor vectorises them (SVML has
#: other bits) nor merges sin and cos; they are bound to libm where code is loaded (``kernels/code/symbols.py``).
LIBM_PREFIX = "refinit_libm_"


@intrinsic
def fma(typingctx, a, b, c):
    """a * b + c with one rounding, float32 or float64."""
    if not (isinstance(a, types.Float) and a == b == c):
        return None

    def codegen(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return a(a, a, a), codegen


@intrinsic
def sqrt(typingctx, x):
    """Correctly rounded square root; never the C library's, which may set errno and then does not vectorise."""
    if not isinstance(x, types.Float):
        return None

    def codegen(context, builder, signature, arguments):
        function = builder.module.declare_intrinsic("llvm.sqrt", [arguments[0].type])
        return builder.call(function, arguments)

    return x(x), codegen


def is_for_cuda(context):
    """Whether numba's target is a CUDA device; numba.cuda need not be imported."""
    return type(context).__module__.startswith("numba.cuda.")


@intrinsic
def wide_product(typingctx, a, b):
    """The 64-bit product of the low halves of two uint64."""
    if a != types.uint64 or b != types.uint64:
        return None

    def codegen(context, builder, signature, arguments):
        word, wide = ir.IntType(32), ir.IntType(64)
        if is_for_cuda(context):
            # LLVM and ptxas make two instructions of a product of masked numbers, not one
            halves = [builder.trunc(argument, word) for argument in arguments]
            return builder.asm(
                ir.FunctionType(wide, [word, word]), "mul.wide.u32 $0, $1, $2;", "=l,r,r", halves, False
            )
        low = ir.Constant(wide, 0xFFFFFFFF)
        return builder.mul(*(builder.and_(argument, low) for argument in arguments))

    return types.uint64(a, b), codegen


@intrinsic
def multiply_high(typingctx, a, b):
    """The upper 64 bits of a 64 x 64 bit product: floor(a b / 2^64)."""
    if a != types.uint64 or b != types.uint64:
        return None

    def codegen(context, builder, signature, arguments):
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(argument, wide) for argument in arguments))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(a, b), codegen


def _bitcast(source, target, llvm_type):
    @intrinsic
    def cast(typingctx, value):
        # numba widens 32-bit integer arithmetic to 64 bits; the cast down keeps the low half
        if value != source and not (isinstance(source, types.Integer) and isinstance(value, types.Integer)):
            return None

        def codegen(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], llvm_type)

        return target(source), codegen

    return cast


bits_of_float32 = _bitcast(types.float32, types.uint32, ir.IntType(32))
float32_of_bits = _bitcast(types.uint32, types.float32, ir.FloatType())
bits_of_float64 = _bitcast(types.float64, types.uint64, ir.IntType(64))
float64_of_bits = _bitcast(types.uint64, types.float64, ir.DoubleType())


def _libm(name):
    @intrinsic
    def call(typingctx, x):
        if x != types.float64:
            return None

        def codegen(context, builder, signature, arguments):
            double = ir.DoubleType()
            function_type = ir.FunctionType(double, [double])
            function = cgutils.get_or_insert_function(builder.module, function_type, LIBM_PREFIX + name)
            return builder.call(function, arguments)

        return types.float64(types.float64), codegen

    return call


libm_log = _libm("log")
libm_log1p = _libm("log1p")
libm_sin = _libm("sin")
libm_cos = _libm("cos")
