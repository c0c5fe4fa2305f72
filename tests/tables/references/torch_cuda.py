"""torch's CUDA stream once more, slowly: the loop of its kernel over threads, calls and components, nothing of refinit.

From ATen/native/cuda/DistributionTemplates.h (calc_execution_policy, distribution_elementwise_grid_stride_kernel) and
NVIDIA's curand_uniform.h and curand_normal.h.  Uniforms are exact; normals are float64 values, unrounded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from tests.tables.places import dtype_of
from tests.tables.references.counter import _fma_float32
from verify.laws.counter_words import philox

Array = np.ndarray[Any, Any]
_BLOCK = 256


def real_of(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def _unit_float32(words: Array) -> Array:
    """curand_uniform4: (0, 1], each operation in float32."""
    return words.astype(np.uint32).astype(np.float32) * np.float32(2.0**-32) + np.float32(2.0**-33)


def _numbers_of_53(first: Array, second: Array) -> Array:
    return first ^ (second << np.uint64(21))


def _unit_float64(numbers: Array) -> Array:
    return numbers.astype(np.float64) * 2.0**-53 + 2.0**-54


def _uniform_float32(u: Array, kind: Any, low: float, high: float) -> Array:
    start, end = kind(np.float32(low)), kind(np.float32(high))
    width = np.float32(kind(np.float32(end) - np.float32(start)))
    values = _fma_float32(u.astype(np.float64), float(width), float(start)).astype(kind)
    return np.where(values == end, start, values)


def _uniform_float64(u: Array, low: float, high: float) -> Array:
    width = Fraction(high - low)
    values = np.array([float(Fraction(float(one)) * width + Fraction(low)) for one in u])
    return np.where(values == high, low, values)


@dataclass
class Stream:
    """A generator's state and the GPU that draws from it."""

    seed: int
    multiprocessors: int
    threads_per_multiprocessor: int
    offset: int = 0

    def _fill(self, count: int, per_call: int, kind: Any, give: Callable[..., Array]) -> Array:
        """``give(words, component)`` of each thread's calls, where the kernel's loop puts it."""
        if count == 0:
            return np.empty(0, kind)
        cap = self.multiprocessors * (self.threads_per_multiprocessor // _BLOCK)
        threads = _BLOCK * min((count + _BLOCK - 1) // _BLOCK, cap)
        rounds = (count - 1) // (threads * per_call) + 1
        thread = np.arange(threads, dtype=np.uint64)
        out = np.empty(rounds * per_call * threads, kind)
        for number in range(rounds):
            call = self.offset // 4 + number
            high, low = (np.full_like(thread, word) for word in divmod(call, 2**32))
            words = philox((low, high, thread, np.zeros_like(thread)), self.seed)
            for component in range(per_call):
                out[(number * per_call + component) * threads + thread.astype(np.intp)] = give(
                    words, component
                )
        self.offset += 4 * rounds
        return out[:count]

    def uniform(self, dtype: str, count: int, low: float, high: float) -> Array:
        """``count`` reals of U[low, high)."""
        kind = dtype_of(real_of(dtype)).type
        if kind is np.float64:

            def unit(words: Any, component: int) -> Array:
                return _unit_float64(_numbers_of_53(*words[2 * component : 2 * component + 2]))

            return _uniform_float64(self._fill(count, 2, np.float64, unit), low, high)
        u = self._fill(count, 4, np.float32, lambda words, component: _unit_float32(words[component]))
        return _uniform_float32(u, kind, low, high)

    def normal(self, dtype: str, count: int) -> Array:
        """``count`` standard normals."""
        if real_of(dtype) == "float64":
            return self._fill(count, 2, np.float64, _normal_of_four)
        return self._fill(count, 4, np.float64, _normal_of_two)


def _normal_of_two(words: Any, component: int) -> Array:
    """_curand_box_muller, its angle rounded to float32; the sine first."""
    first, second = words[component // 2 * 2 : component // 2 * 2 + 2]
    turn = float(np.float32(2 * np.pi)) * 2.0**-32
    angle = ((second.astype(np.float32).astype(np.float64) + 0.5) * turn).astype(np.float32)
    return _turned(_unit_float32(first).astype(np.float64), angle.astype(np.float64), component % 2)


def _normal_of_four(words: Any, component: int) -> Array:
    """_curand_box_muller_double."""
    radius, angle = _numbers_of_53(words[0], words[1]), _numbers_of_53(words[2], words[3])
    return _turned(_unit_float64(radius), (angle.astype(np.float64) + 0.5) * 2.0**-52 * np.pi, component)


def _turned(u: Array, angle: Array, cosine: int) -> Array:
    return np.sqrt(-2.0 * np.log(u)) * (np.cos(angle) if cosine else np.sin(angle))
