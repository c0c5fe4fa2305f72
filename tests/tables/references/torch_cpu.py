"""torch's CPU stream once more, slowly, from NumPy's Mersenne Twister and Python's math: for layouts torch lacks.

Only laws whose arithmetic is exact beyond the transcendental functions: uniform on (0, 1) or with bounds that are
powers of two, normal with mean 0 and std a power of two, where a fused multiply-add changes nothing.
"""

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Stream:
    """The words of a seed, and the cached second normal of a pair."""

    def __init__(self, seed: int) -> None:
        self._twister = np.random.RandomState(seed % 2**32)
        self._cached: float | None = None

    def words(self, count: int) -> list[int]:
        return [int(w) for w in self._twister.randint(0, 2**32, count, dtype=np.uint32)]

    def uniform_53(self) -> float:
        """53 low bits of the 64 that two words give, high word first."""
        high, low = self.words(2)
        return ((high << 32 | low) & (2**53 - 1)) * 2.0**-53

    def uniform_24(self) -> float:
        return (self.words(1)[0] & (2**24 - 1)) * 2.0**-24

    def normal(self) -> float:
        """Box-Muller in double; the sine half waits for the next call."""
        if self._cached is not None:
            value, self._cached = self._cached, None
            return value
        u1, u2 = self.uniform_53(), self.uniform_53()
        radius, angle = math.sqrt(-2.0 * math.log1p(-u2)), 2.0 * math.pi * u1
        self._cached = radius * math.sin(angle)
        return radius * math.cos(angle)


def walk(array: Array, values: list[float]) -> None:
    """Write reals in the order of a fill: axes by absolute stride, each in index order; complex is a pair."""
    axes = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
    view = array.transpose(axes)
    flat = np.array(values)
    view[...] = (
        (flat.view(np.complex128) if array.dtype.kind == "c" else flat)
        .reshape(view.shape)
        .astype(array.dtype)
    )


def _reals(array: Array) -> int:
    return array.size * (2 if array.dtype.kind == "c" else 1)


def uniform_(array: Array, seed: int, a: float = 0.0, b: float = 1.0) -> Array:
    """Fill with U(a, b); exact if the bounds are small powers of two."""
    stream = Stream(seed)
    double = array.dtype in (np.float64, np.complex128)
    draws = [stream.uniform_53() if double else stream.uniform_24() for _ in range(_reals(array))]
    walk(array, [_below(a + u * (b - a), a, b, array.dtype) for u in draws])
    return array


def _below(value: float, a: float, b: float, dtype: np.dtype[Any]) -> float:
    """A value that rounds to the excluded bound becomes the other bound."""
    return a if float(np.array(value).astype(dtype).real) == b else value


def normal_serial_(array: Array, seed: int, std: float = 1.0) -> Array:
    """Fill with N(0, std^2) one by one, as for arrays that are small or not contiguous."""
    stream = Stream(seed)
    if array.dtype.kind == "c":
        std /= math.sqrt(2.0)
    walk(array, [_through_float32(stream.normal() * std, array.dtype) for _ in range(_reals(array))])
    return array


def _through_float32(value: float, dtype: np.dtype[Any]) -> float:
    """Torch rounds doubles to half types by way of float32."""
    return float(np.float32(value)) if dtype.itemsize == 2 else value
