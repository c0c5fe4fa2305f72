"""C pointers for kernels: load, store, offset and small stack arrays; and ``loop``, which compiles their loops.

A kernel takes bare addresses (see ``table.py``): no array structure to build, and its object code names no symbol
of numba or Python, so a later process runs it without importing either.
"""

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

#: No Python exceptions inside, hence no Python symbols in the object code.
loop = njit(error_model="numpy")


@intrinsic
def load(typingctx, pointer, index):
    """pointer[index]"""

    def codegen(context, builder, signature, arguments):
        return builder.load(builder.gep(arguments[0], [arguments[1]]))

    return pointer.dtype(pointer, index), codegen


@intrinsic
def store(typingctx, pointer, index, value):
    """pointer[index] = value; the value has the pointer's element type already."""
    if value != pointer.dtype:
        raise TypeError(f"store expected {pointer.dtype}, got {value}")

    def codegen(context, builder, signature, arguments):
        builder.store(arguments[2], builder.gep(arguments[0], [arguments[1]]))
        return context.get_dummy_value()

    return types.void(pointer, index, value), codegen


@intrinsic
def offset(typingctx, pointer, count):
    """pointer + count elements"""

    def codegen(context, builder, signature, arguments):
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, count), codegen


@intrinsic
def as_pointer(typingctx, pointer, element):
    """The same address as a pointer to ``element`` (a numba type's NumPy class, such as ``numpy.uint64``)."""
    result = types.CPointer(element.dtype)

    def codegen(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(result))

    return result(pointer, element), codegen


@intrinsic(prefer_literal=True)
def stack(typingctx, element, count):
    """``count`` (a literal) uninitialised elements on the stack, 64-byte aligned, alive until the kernel returns."""
    if not isinstance(count, types.IntegerLiteral):
        return None
    result = types.CPointer(element.dtype)
    size = count.literal_value

    def codegen(context, builder, signature, arguments):
        array = cgutils.alloca_once(builder, context.get_value_type(element.dtype), size=size)
        array.align = 64
        return array

    return result(element, count), codegen


@intrinsic(prefer_literal=True)
def load_tuple(typingctx, pointer, count):
    """pointer[0], ..., pointer[count - 1] (a literal) as a tuple: loaded once, before a loop."""
    if not isinstance(count, types.IntegerLiteral):
        return None
    size = count.literal_value
    result = types.UniTuple(pointer.dtype, size)

    def codegen(context, builder, signature, arguments):
        places = [builder.gep(arguments[0], [ir.Constant(ir.IntType(64), i)]) for i in range(size)]
        return context.make_tuple(builder, result, [builder.load(place) for place in places])

    return result(pointer, count), codegen


@intrinsic
def copy_eight(typingctx, source, destination):
    """Copies eight elements as one vector (a loop of eight becomes eight loads to LLVM's loop vectoriser)."""
    if source != destination:
        return None

    def codegen(context, builder, signature, arguments):
        element = context.get_value_type(source.dtype)
        vector = ir.VectorType(element, 8).as_pointer()
        align = source.dtype.bitwidth // 8
        value = builder.load(builder.bitcast(arguments[0], vector), align=align)
        builder.store(value, builder.bitcast(arguments[1], vector), align=align)
        return context.get_dummy_value()

    return types.void(source, destination), codegen


@intrinsic
def prefetch_for_writing(typingctx, pointer):
    """Asks the cache for the line at ``pointer``, which is going to be written."""

    def codegen(context, builder, signature, arguments):
        byte = ir.IntType(8).as_pointer()
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        for_writing, near, data = (ir.Constant(number, n) for n in (1, 3, 1))
        builder.call(function, [builder.bitcast(arguments[0], byte), for_writing, near, data])
        return context.get_dummy_value()

    return types.void(pointer), codegen


def _line_copy(streamed):
    @intrinsic
    def copy(typingctx, source, destination, index):
        def codegen(context, builder, signature, arguments):
            line = ir.VectorType(ir.IntType(64), 8).as_pointer()
            value = builder.load(builder.bitcast(arguments[0], line), align=8)
            place = builder.gep(builder.bitcast(arguments[1], line), [arguments[2]])
            stored = builder.store(value, place, align=64)
            if streamed:
                hint = builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)])
                stored.set_metadata("nontemporal", hint)
            return context.get_dummy_value()

        return types.void(source, destination, index), codegen

    return copy


#: Copy the 64 bytes at ``source`` to line ``index`` of the 64-byte aligned ``destination``; the second past the cache.
copy_line, stream_line = _line_copy(streamed=False), _line_copy(streamed=True)


@intrinsic
def finish_streaming(typingctx):
    """Orders stores that went past the cache before whatever follows, as other stores are without asking."""

    def codegen(context, builder, signature, arguments):
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def store_bytes(typingctx, memory, address, value):
    """Stores ``value`` at a byte offset that need not be aligned."""

    def codegen(context, builder, signature, arguments):
        place = builder.gep(arguments[0], [arguments[1]])
        place = builder.bitcast(place, arguments[2].type.as_pointer())
        builder.store(arguments[2], place, align=1)
        return context.get_dummy_value()

    return types.void(memory, address, value), codegen


@intrinsic
def load_bytes(typingctx, memory, address, element):
    """Loads an ``element`` from a byte offset that need not be aligned."""

    def codegen(context, builder, signature, arguments):
        pointer = context.get_value_type(element.dtype).as_pointer()
        place = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), pointer)
        return builder.load(place, align=1)

    return element.dtype(memory, address, element), codegen


@intrinsic
def outside_bits(typingctx, pointer, low, high):
    """One bit for each of the sixteen elements at ``pointer`` that is < low or > high, the first one lowest."""
    if not isinstance(pointer.dtype, types.Float) or low != pointer.dtype or high != pointer.dtype:
        return None

    def codegen(context, builder, signature, arguments):
        vector = ir.VectorType(arguments[1].type, 16)
        align = pointer.dtype.bitwidth // 8
        values = builder.load(builder.bitcast(arguments[0], vector.as_pointer()), align=align)
        lowest, highest = (_sixteen_times(builder, bound) for bound in arguments[1:])
        below = builder.fcmp_ordered("<", values, lowest)
        above = builder.fcmp_ordered(">", values, highest)
        return builder.bitcast(builder.or_(below, above), ir.IntType(16))

    return types.uint16(pointer, low, high), codegen


@intrinsic
def copy_masked(typingctx, source, destination, mask):
    """Copies those of sixteen elements whose bit is set."""
    if source != destination or mask != types.uint16:
        return None

    def codegen(context, builder, signature, arguments):
        vector = ir.VectorType(context.get_value_type(source.dtype), 16)
        align = source.dtype.bitwidth // 8
        places = [builder.bitcast(argument, vector.as_pointer()) for argument in arguments[:2]]
        new, old = (builder.load(place, align=align) for place in places)
        lanes = builder.bitcast(arguments[2], ir.VectorType(ir.IntType(1), 16))
        builder.store(builder.select(lanes, new, old), places[1], align=align)
        return context.get_dummy_value()

    return types.void(source, destination, mask), codegen


def _sixteen_times(builder, scalar):
    vector = ir.VectorType(scalar.type, 16)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), 16), [0] * 16)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)
