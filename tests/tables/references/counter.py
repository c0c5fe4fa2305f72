"""The counter stream once more, slowly, from its description alone: plain Python and NumPy, nothing of refinit.

Words are those of verify's statement of them.  Uniforms, sparse_'s mask and substream keys are exact.  Normals are
computed in float64, so they come with the bounds within which a right kernel's lie.
"""

import hashlib
from typing import Any

import numpy as np

from tests.tables.places import dtype_of
from verify.laws.counter_words import MASK
from verify.laws.counter_words import CounterWords as Stream

Array = np.ndarray[Any, Any]
#: What the kernels' logarithm, root, sine and product may err together, in units of the value's last place: 0.7 + 0.5
#: for the radius, 1.62 for the angle, 0.5 for their product (streams/counter/math/logarithm.py and box_muller.py).
_ULPS = 4


def substream_key(parent: int, name: str | bytes | int) -> int:
    """The key of a child: 64-bit BLAKE2b of the parent's key, the name's type and the name."""
    tagged = {
        str: lambda: b"s" + str(name).encode(),
        bytes: lambda: b"b" + name,
        int: lambda: b"i%d" % name,
    }[type(name)]()
    digest = hashlib.blake2b(parent.to_bytes(8, "little") + tagged, digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _real_of(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def reals_of(dtype: str, elements: Any) -> Array:
    """The numbers of the reals of these elements: of complex element i, 2 i and 2 i + 1."""
    i = np.asarray(elements, np.uint64)
    return i if _real_of(dtype) == dtype else (2 * i[..., None] + np.arange(2, dtype=np.uint64)).ravel()


def _as_elements(reals: Array, dtype: str) -> Array:
    return reals if _real_of(dtype) == dtype else reals.view(dtype_of(dtype))


def _fma_float32(u: Array, width: float, low: float) -> Array:
    """u width + low rounded once: the sum rounded to odd in float64 rounds on to float32 as the exact one does."""
    product = u * width  # exact: 24 bits times 24
    total = product + low
    rest = (product - (total - (total - product))) + (low - (total - product))  # Knuth's two-sum
    even = total.view(np.int64) % 2 == 0
    nudged = np.nextafter(total, np.where(rest > 0, np.inf, -np.inf))
    return np.where((rest != 0) & even, nudged, total).astype(np.float32)


def _fma_float64(numbers: Array, width: float, low: float) -> Array:
    """The same of 53-bit numbers times 2^-53: Python divides integers with one rounding."""
    (factor, per), (term, term_per) = width.as_integer_ratio(), low.as_integer_ratio()
    common = max(per << 53, term_per)
    factor, term = factor * (common // (per << 53)), term * (common // term_per)
    return np.array([(int(n) * factor + term) / common for n in numbers], np.float64)


def allowed(dtype: str, low: float, high: float) -> tuple[float, float]:
    """The smallest and largest value of the real type within [low, high); wider types may round low down to theirs."""
    kind = dtype_of(_real_of(dtype)).type
    bottom, top = (kind(bound if kind is np.float64 else np.float32(bound)) for bound in (low, high))
    if low == high:
        return float(bottom), float(bottom)
    if float(top) >= high:
        top = np.nextafter(top, kind(-np.inf))
    if np.dtype(kind).itemsize == 2 and float(bottom) < low:
        bottom = np.nextafter(bottom, kind(np.inf))
    return float(bottom), max(float(bottom), float(top))


def uniform(stream: Stream, dtype: str, elements: Any, low: float, high: float) -> Array:
    """The elements of U[low, high) at these indices: computed in float32 or float64, rounded once, kept inside."""
    kind, indices = dtype_of(_real_of(dtype)).type, reals_of(dtype, elements)
    if kind is np.float64:
        values = _fma_float64(stream.long_words(indices) >> 11, high - low, low)
    else:
        u = (stream.words(indices) >> 8).astype(np.float64) * 2.0**-24
        values = _fma_float32(u, float(np.float32(high - low)), float(np.float32(low))).astype(kind)
    bottom, top = allowed(dtype, low, high)
    return _as_elements(np.minimum(np.maximum(values, kind(bottom)), kind(top)), dtype)


def _circle(words: Array, bits: int) -> tuple[Array, Array]:
    """(cos, sin) of 2 pi words 2^-bits, the quarter turns taken out exactly."""
    quarter = 1 << (bits - 2)
    nearest = (words // (quarter // 2) + 1) // 2 % 4
    if bits == 32:
        rest = (words.astype(np.int64) + quarter // 2) % quarter - quarter // 2
    else:
        rest = ((words + np.uint64(quarter // 2)) % np.uint64(quarter)).astype(np.int64) - quarter // 2
    angle = rest.astype(np.float64) * (2 * np.pi / 2**bits)
    c, s = np.cos(angle), np.sin(angle)
    turns = [(c, s), (-s, c), (-c, -s), (s, -c)]
    return tuple(np.choose(nearest.astype(np.intp), [turn[k] for turn in turns]) for k in (0, 1))


def _minus_log(numbers: Array, bits: int) -> Array:
    """-log((n + 1) 2^-bits), accurate at both ends."""
    ascending = (numbers + np.uint64(1)).astype(np.float64) * 2.0**-bits
    missing = (np.uint64(2**bits - 1) - numbers).astype(np.float64) * 2.0**-bits
    return np.where(missing < 0.5, -np.log1p(-np.minimum(missing, 0.5)), -np.log(ascending))


def standard_normal(stream: Stream, dtype: str, elements: Any) -> Array:
    """Standard normals of the reals of these elements, in float64: Box-Muller on the pair of words."""
    long = _real_of(dtype) == "float64"
    radius, angle, is_sine = stream.pair_of(reals_of(dtype, elements), long)
    r = np.sqrt(2.0 * (_minus_log(radius >> 11, 53) if long else _minus_log(radius, 32)))
    cosine, sine = _circle(angle, 64 if long else 32)
    return r * np.where(is_sine, sine, cosine)


def normal_bounds(stream: Stream, dtype: str, elements: Any, mean: float, std: float) -> tuple[Array, Array]:
    """The least and the largest value that each real of a right fill may have."""
    kind = dtype_of(_real_of(dtype)).type
    real = np.float64 if kind is np.float64 else np.float32
    std = std / 2**0.5 if _real_of(dtype) != dtype else std
    z = standard_normal(stream, dtype, elements) * float(real(std))
    slack = _ULPS * float(np.finfo(real).eps) * np.abs(z)
    if real is np.float64:  # the reference itself rounds: NumPy's log, sine and products, half a place each
        slack *= 2
    centre = float(real(mean))
    ends = (np.nextafter((centre + z + sign * slack).astype(real), real(sign * np.inf)) for sign in (-1, 1))
    with np.errstate(over="ignore"):  # float16's infinities
        low, high = (end.astype(kind) for end in ends)
    return low, high


def zeros_of_column(stream: Stream, column: int, rows: int, zeros: int) -> set[int]:
    """The rows of the zeros: Floyd's algorithm on the mask's numbers column rows, column rows + 1, ..."""
    size = min(zeros, rows - zeros)
    chosen: set[int] = set()
    numbers = Stream(stream.key, stream.fill, MASK).long_words(column * rows + np.arange(size))
    for last, number in enumerate(map(int, numbers), rows - size):
        place = number * (last + 1) >> 64
        chosen.add(last if place in chosen else place)
    return chosen if size == zeros else set(range(rows)) - chosen
