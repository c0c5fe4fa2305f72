"""torch's own CUDA stream, on a CUDA device: what torch's kernels write, at the places where they write it.

Real i of a fill by T threads is number i // T of thread i mod T, and a call gives a thread four numbers (two float64).
Logarithm, sine and cosine are the device's own, as in torch: in float32 the fast, approximate sine and cosine.
"""

from numba import cuda
from numba.cuda import libdevice
from numpy import uint32, uint64

from .....kernels.cuda.axes import coordinates, offset_of
from .....kernels.cuda.intrinsics import ENCODE, inlined, store
from .....kernels.math.halves import equal, equal_halves
from .....kernels.math.interval import spread
from .....kernels.table import FLOATS
from ...math import (
    angle32,
    call_words,
    half_turns64,
    joined53,
    radius32,
    radius64,
    scaled32,
    scaled64,
    unit32,
    unit64,
)


def _uniform(element, unit):
    """A unit number to an element; ``numbers``: low, width, and the bounds, rounded to the element's type."""
    encode, is_equal = ENCODE[element], equal_halves if element in {"float16", "bfloat16"} else equal

    @inlined
    def value(u, numbers):
        low, width, first, end = numbers
        encoded = encode(spread(u, low, width))
        return encode(first) if is_equal(encoded, encode(end)) else encoded

    return value


def _uniform_four(element):
    value = _uniform(element, unit32)

    @inlined
    def four(words, numbers):
        a, b, c, d = words
        return (
            value(unit32(a), numbers),
            value(unit32(b), numbers),
            value(unit32(c), numbers),
            value(unit32(d), numbers),
        )

    return four


def _normal_four(element):
    encode = ENCODE[element]

    @inlined
    def pair(radius_word, angle_word, numbers):
        mean, std = numbers
        radius = radius32(libdevice.logf(unit32(radius_word)))
        sine, cosine = libdevice.fast_sincosf(angle32(angle_word))
        return encode(scaled32(radius, sine, mean, std)), encode(scaled32(radius, cosine, mean, std))

    @inlined
    def four(words, numbers):
        a, b, c, d = words
        w, x = pair(a, b, numbers)
        y, z = pair(c, d, numbers)
        return w, x, y, z

    return four


def _uniform_two():
    value = _uniform("float64", unit64)

    @inlined
    def two(words, numbers):
        a, b, c, d = words
        return value(unit64(joined53(a, b)), numbers), value(unit64(joined53(c, d)), numbers)

    return two


@inlined
def _normal_two(words, numbers):
    a, b, c, d = words
    mean, std = numbers
    radius = radius64(libdevice.log(unit64(joined53(a, b))))
    sine, cosine = libdevice.sincospi(half_turns64(joined53(c, d)))
    return scaled64(radius, sine, mean, std), scaled64(radius, cosine, mean, std)


@inlined
def _dense(index, out, lengths, strides):
    """The address of a real in memory order."""
    step, _, _, _ = strides
    return out + index * step


@inlined
def _strided(index, out, lengths, strides):
    """The same through up to four axes."""
    return out + offset_of(coordinates(uint32(index), lengths), strides)


def _fill_of(law, reals, address):
    """``n`` reals by ``threads`` threads; call ``call`` is the first, ``calls`` how many a thread makes."""
    per_call = uint64(reals)

    @inlined
    def write_four(values, first, n, threads, out, lengths, strides):
        w, x, y, z = values
        if first < n:
            store(address(first, out, lengths, strides), w)
        if first + threads < n:
            store(address(first + threads, out, lengths, strides), x)
        if first + uint64(2) * threads < n:
            store(address(first + uint64(2) * threads, out, lengths, strides), y)
        if first + uint64(3) * threads < n:
            store(address(first + uint64(3) * threads, out, lengths, strides), z)

    @inlined
    def write_two(values, first, n, threads, out, lengths, strides):
        x, y = values
        if first < n:
            store(address(first, out, lengths, strides), x)
        if first + threads < n:
            store(address(first + threads, out, lengths, strides), y)

    write = write_four if reals == 4 else write_two

    def fill(out, n, threads, call, calls, lengths, strides, keys, numbers):
        thread = uint64(cuda.grid(1))
        index = uint64(cuda.blockIdx.y)
        while thread < threads and index < calls:
            values = law(call_words(call + index, thread, keys), numbers)
            first = index * per_call * threads + thread
            write(values, first, n, threads, out, lengths, strides)
            index += uint64(cuda.gridDim.y)

    return fill


def _kernels():
    for name in FLOATS:
        reals = 2 if name == "float64" else 4
        laws = {
            "uniform": _uniform_two() if reals == 2 else _uniform_four(name),
            "normal": _normal_two if reals == 2 else _normal_four(name),
        }
        for law, law_of_call in laws.items():
            for kind, address in (("dense", _dense), ("strided", _strided)):
                yield f"torch_{law}_{kind}_{name}", _fill_of(law_of_call, reals, address)


KERNELS = dict(_kernels())
