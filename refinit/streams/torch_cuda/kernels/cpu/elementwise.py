"""torch's CUDA stream on a CPU: any run of a fill's reals, each from its place.

Real i of a fill by T threads is number i // T of thread i mod T.  A call gives a thread four reals (two float64), so
number q is component q mod 4 of call q // 4, and T successive reals are one component of T threads' calls.
"""

from numpy import float32, int64, uint64

from .....kernels.cpu.elements import ELEMENTS
from .....kernels.cpu.pointers import loop, offset, store
from .....kernels.math.interval import below, spread
from .....kernels.math.philox import round_keys, word_at
from ...math import call_words, joined53, normal32, normal64, unit32, unit64


@loop
def _pair(words, second):
    a, b, c, d = words
    return c if second else a, d if second else b


def _uniform32(element):
    """(bounds to parameters, a call's words to one element); bounds and width are rounded to the element's type."""
    encode, decode, equal = element.encode, element.decode, element.equal

    @loop
    def parameters_of(low, high):
        first, end = encode(low), encode(high)
        width = float32(decode(end) - decode(first))
        return decode(first), decode(encode(width)), first, end

    @loop
    def value(words, component, parameters):
        low, width, first, end = parameters
        found = encode(spread(unit32(word_at(*words, component)), low, width))
        return first if equal(found, end) else found

    return parameters_of, value


def _normal32(element):
    encode = element.encode

    @loop
    def value(words, component, parameters):
        mean, std = parameters
        radius, angle = _pair(words, component & 2)
        return encode(normal32(radius, angle, component & 1, mean, std))

    return _both, value


@loop
def _both(first, second):
    return first, second


@loop
def _with_width(low, high):
    return low, high, high - low


@loop
def _uniform64(words, component, parameters):
    low, high, width = parameters
    first, second = _pair(words, component)
    return below(spread(unit64(joined53(first, second)), low, width), low, high)


@loop
def _normal64(words, component, parameters):
    a, b, c, d = words
    mean, std = parameters
    return normal64(joined53(a, b), joined53(c, d), component, mean, std)


def _fill_of(reals, parameters_of, value):
    """The kernel: ``n`` reals of a fill from number ``at`` on; its calls begin at ``call`` and give ``reals`` each."""

    def fill(seed, call, threads, out, at, n, first, second):
        keys = round_keys(seed)
        parameters = parameters_of(first, second)
        done = int64(0)
        while done < n:
            number = (at + done) // threads
            thread = (at + done) - number * threads
            run = min(threads - thread, n - done)
            place, component = offset(out, done), number % reals
            this = call + uint64(number // reals)
            for j in range(run):
                words = call_words(this, uint64(thread + j), keys)
                store(place, j, value(words, component, parameters))
            done += run

    return fill


def _kernels():
    for name, element in ELEMENTS.items():
        if name == "float64":
            yield f"torch_cuda_uniform_{name}", _fill_of(2, _with_width, _uniform64)
            yield f"torch_cuda_normal_{name}", _fill_of(2, _both, _normal64)
        else:
            yield f"torch_cuda_uniform_{name}", _fill_of(4, *_uniform32(element))
            yield f"torch_cuda_normal_{name}", _fill_of(4, *_normal32(element))


KERNELS = dict(_kernels())
