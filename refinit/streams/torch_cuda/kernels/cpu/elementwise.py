"""torch's CUDA stream on a CPU: any run of a fill's reals, each from its place.

Real i of a fill by T threads is number i // T of thread i mod T.  A call gives a thread four reals (two float64), so
number q is component q mod 4 of call q // 4, and T successive reals are one component of T threads' calls.
"""

from numpy import float32, int64, uint64

from .....kernels.cpu.formats import FORMATS
from .....kernels.cpu.pointers import loop, offset, store
from .....kernels.math.interval import below, spread
from .....kernels.math.philox import round_keys, word_at
from ...math import call_words, joined53, normal32, normal64, unit32, unit64


@loop
def _pair(words, second):
    a, b, c, d = words
    return c if second else a, d if second else b


def _uniform32(fmt):
    """(bounds to parameters, a call's words to one element); bounds and width are rounded to the element's type."""
    encode, decode, equal = fmt.encode, fmt.decode, fmt.equal

    @loop
    def parameters_of(low, high):
        first, end = encode(low), encode(high)
        width = float32(decode(end) - decode(first))
        return decode(first), decode(encode(width)), first, end

    @loop
    def value(words, component, parameters):
        low, width, first, end = parameters
        encoded = encode(spread(unit32(word_at(*words, component)), low, width))
        return first if equal(encoded, end) else encoded

    return parameters_of, value


def _normal32(fmt):
    encode = fmt.encode

    @loop
    def value(words, component, parameters):
        mean, std = parameters
        radius, angle = _pair(words, component & 2)
        return encode(normal32(radius, angle, component & 1, mean, std))

    return _mean_and_std, value


@loop
def _mean_and_std(mean, std):
    return mean, std


@loop
def _bounds_and_width(low, high):
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
    """The kernel: ``n`` reals of a fill from ``start`` on; its calls begin at ``call`` and give ``reals`` each."""

    def fill(seed, call, threads, out, start, n, first, second):
        keys = round_keys(seed)
        parameters = parameters_of(first, second)
        done = int64(0)
        while done < n:
            number = (start + done) // threads
            thread = (start + done) - number * threads
            run = min(threads - thread, n - done)
            place, component = offset(out, done), number % reals
            own_call = call + uint64(number // reals)
            for j in range(run):
                words = call_words(own_call, uint64(thread + j), keys)
                store(place, j, value(words, component, parameters))
            done += run

    return fill


def _kernels():
    for name, fmt in FORMATS.items():
        if name == "float64":
            yield f"torch_cuda_uniform_{name}", _fill_of(2, _bounds_and_width, _uniform64)
            yield f"torch_cuda_normal_{name}", _fill_of(2, _mean_and_std, _normal64)
        else:
            yield f"torch_cuda_uniform_{name}", _fill_of(4, *_uniform32(fmt))
            yield f"torch_cuda_normal_{name}", _fill_of(4, *_normal32(fmt))


KERNELS = dict(_kernels())
