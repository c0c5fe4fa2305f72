"""What CUDA kernels cannot say in Python: stores of any width, atomic ones, conversions to half types.

Everything that depends on the compiler stands in this file.  Each operation is a function for numba's CPU target too,
with the same result: by it numba's simulator runs the kernels, on addresses of this process.
"""

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy import uint16, uint32

from ..math.halves import bfloat16_bits, float16_bits, identity
from ..math.intrinsics import is_for_cuda

#: A part of a kernel: it names no thread.  No options, as of the scalar functions: numba-cuda compiles it anew.
inlined = njit

_WORD = ir.IntType(32)
#: The alignment of shared memory that is read sixteen bytes at a time.
BY_SIXTEEN = 16


def _place(builder, address, kind):
    """A pointer to global memory."""
    return builder.inttoptr(address, ir.PointerType(kind, addrspace=1))


@intrinsic
def _store(typingctx, address, value):
    def codegen(context, builder, signature, arguments):
        address, value = arguments
        builder.store(value, _place(builder, address, value.type))
        return context.get_dummy_value()

    return types.void(types.uint64, value), codegen


@intrinsic
def _load(typingctx, address, element):
    def codegen(context, builder, signature, arguments):
        return builder.load(_place(builder, arguments[0], context.get_value_type(element.dtype)))

    return element.dtype(types.uint64, element), codegen


@intrinsic
def _load_sixteen(typingctx, address, element):
    """One load of a tuple of equal numbers."""
    count = 128 // element.dtype.bitwidth

    def codegen(context, builder, signature, arguments):
        vector = ir.VectorType(context.get_value_type(element.dtype), count)
        packed = builder.load(_place(builder, arguments[0], vector), align=16)
        lanes = [builder.extract_element(packed, ir.Constant(_WORD, k)) for k in range(count)]
        return context.make_tuple(builder, signature.return_type, lanes)

    return types.UniTuple(element.dtype, count)(types.uint64, element), codegen


@intrinsic
def _store_sixteen(typingctx, address, values):
    """One store of a tuple of equal numbers."""

    def codegen(context, builder, signature, arguments):
        vector = ir.VectorType(context.get_value_type(values.dtype), values.count)
        packed = ir.Constant(vector, ir.Undefined)
        for k in range(values.count):
            value = builder.extract_value(arguments[1], k)
            packed = builder.insert_element(packed, value, ir.Constant(_WORD, k))
        builder.store(packed, _place(builder, arguments[0], vector), align=16)
        return context.get_dummy_value()

    if not isinstance(values, types.UniTuple) or values.dtype.bitwidth * values.count != 128:
        raise TypeError(f"expected a tuple of sixteen bytes, got {values}")
    return types.void(types.uint64, values), codegen


@intrinsic
def _store_minimum(typingctx, address, value):
    def codegen(context, builder, signature, arguments):
        address, value = arguments
        if is_for_cuda(context):
            # ptxas makes an instruction with an answer of LLVM's, though nobody reads it
            kind = ir.FunctionType(ir.VoidType(), [address.type, value.type])
            code = "red.relaxed.gpu.global.min.u32 [$0], $1;"
            builder.asm(kind, code, "l,r,~{memory}", arguments, side_effect=True)
        else:
            builder.atomic_rmw("umin", _place(builder, address, value.type), value, "monotonic")
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint32), codegen


@inlined
def store(address, value):
    """Stores a number at its natural alignment."""
    _store(address, value)


@inlined
def load(address, element):
    """Loads an ``element`` (a numba type's NumPy class) from its natural alignment."""
    return _load(address, element)


@inlined
def load_sixteen(address, element):
    """Loads a tuple of four 32-bit or two 64-bit ``element`` at once, from a multiple of sixteen bytes."""
    return _load_sixteen(address, element)


@inlined
def store_sixteen(address, values):
    """Stores a tuple of four 32-bit or two 64-bit numbers at once, at a multiple of sixteen bytes."""
    _store_sixteen(address, values)


@inlined
def store_minimum(address, value):
    """Leaves in memory the lesser of a uint32 and what is there, whatever other threads do."""
    _store_minimum(address, value)


def _both_float16(low, high):
    return uint32(uint32(float16_bits(low)) | uint32(uint32(float16_bits(high)) << uint32(16)))


def _both_bfloat16(low, high):
    return uint32(uint32(bfloat16_bits(low)) | uint32(uint32(bfloat16_bits(high)) << uint32(16)))


def _converted_pair(name, on_cpu):
    """The function of two float32 that gives uint32, the bits of two half numbers, the first in the low half."""

    @intrinsic
    def convert(typingctx, low, high):
        def codegen(context, builder, signature, arguments):
            if not is_for_cuda(context):
                return context.compile_internal(builder, on_cpu, signature, arguments)
            kind = ir.FunctionType(_WORD, [ir.FloatType(), ir.FloatType()])
            code = f"cvt.rn.{name}x2.f32 $0, $2, $1;"  # the first source goes to the upper half
            return builder.asm(kind, code, "=r,f,f", arguments, side_effect=False)

        return types.uint32(types.float32, types.float32), codegen

    @inlined
    def pair(low, high):
        return convert(low, high)

    return pair


def _single_of(pair):
    """The function of one float32 that gives the bits of one half number."""

    @inlined
    def encode(x):
        return uint16(pair(x, x))

    return encode


#: Two half numbers at once, nearest even.
PAIRS = {
    "float16": _converted_pair("f16", _both_float16),
    "bfloat16": _converted_pair("bf16", _both_bfloat16),
}
#: An element as memory holds it, from the type that it is computed in.
ENCODE = {"float32": identity, "float64": identity} | {name: _single_of(pair) for name, pair in PAIRS.items()}
