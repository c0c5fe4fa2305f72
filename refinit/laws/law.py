"""Laws: what the elements of a tensor are distributed as; the random ones.

An initializer is a pure function from a shape and parameters to one of these.  A law checks its parameters against
the element type, and the number of elements where torch makes a difference, before anything is drawn or written;
torch's own refusals keep torch's exception and text.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from ..dtypes import Element

#: Of the tensor that a law is made for.
Shape = tuple[int, ...]


class Law:
    """What the elements of a tensor are: a frozen dataclass, compared and shown by its parameters.

    ``random``: whether it draws. ``ready``: what streams keep with an elementwise law for the next small fill
    (``streams/short.py``).
    """

    __slots__ = ()
    ready: ClassVar[Mapping[Any, Any]] = MappingProxyType({})
    random: ClassVar[bool] = True

    def check(self, _element: Element, _size: int) -> None:
        """Raises unless ``size`` elements of this type can have the law, on any stream; here, all can."""

    def check_on_torch_stream(self, _element: Element, _size: int) -> None:
        """What torch's algorithm asks for beyond ``check``."""


def _not_implemented(operation: str, element: Element) -> NotImplementedError:
    return NotImplementedError(
        f"\"{operation}\" not implemented for '{element.scalar}': expected a floating or complex array, "
        f"got {element.name}; for example w = init.empty(*shape, dtype='float32')"
    )


@dataclass(frozen=True, slots=True)
class Uniform(Law):
    """U[lo, hi), independently; ``lo`` where both are the same number in the element type."""

    lo: float
    hi: float
    ready: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # type: ignore[misc]

    def check(self, element: Element, size: int) -> None:
        """Floating and complex types; finite bounds in order, whose difference is finite too."""
        lo, hi, real = self.lo, self.hi, element.real
        if element.kind == "c" and not size:  # torch looks at the bounds of an empty array of reals only
            return
        if element.is_floating and -real.max <= lo <= hi <= real.max and hi - lo <= real.max:
            return
        if not element.is_floating:
            raise _not_implemented("check_uniform_bounds", element)
        for name, bound in (("from", lo), ("to", hi)):
            if not -real.max <= bound <= real.max:
                raise RuntimeError(f"{name} is out of bounds for {real.ctype}")
        if not lo <= hi:
            raise RuntimeError(
                f"uniform_ expects to return a [from, to) range, but found from={lo:g} > to={hi:g}"
            )
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{real.scalar}>::max(), but found to={hi:g} "
            f"and from={lo:g} which result in to-from to exceed the limit"
        )


@dataclass(frozen=True, slots=True)
class Normal(Law):
    """N(mean, std^2), independently; of a complex number each part N(mean, std^2 / 2)."""

    mean: float
    std: float
    ready: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # type: ignore[misc]

    def check(self, element: Element, size: int) -> None:
        """Floating and complex types; std >= 0; mean not nan."""
        if not self.std >= 0.0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {self.std:g}")
        if size and not element.is_floating:  # torch lets an empty array of any type pass
            raise _not_implemented("normal_kernel_cpu", element)
        if math.isnan(self.mean):
            raise ValueError("mean must be a number, got nan")

    def component_std(self, element: Element) -> float:
        """Of each real of an element: a complex number's two share its variance."""
        return self.std / math.sqrt(2) if element.parts == 2 else self.std


@dataclass(frozen=True, slots=True)
class TruncNormal(Law):
    """N(mean, std^2) given that it lies in [lo, hi]."""

    mean: float
    std: float
    lo: float
    hi: float

    @property
    def mass(self) -> float:
        """P(lo <= N(mean, std^2) <= hi), as torch computes it: its choice between two algorithms hangs on it."""
        return _normal_cdf((self.hi - self.mean) / self.std) - _normal_cdf((self.lo - self.mean) / self.std)

    @property
    def is_far(self) -> bool:
        """Whether the mean is more than two sigma outside [lo, hi]: torch warns."""
        return self.mean < self.lo - 2 * self.std or self.mean > self.hi + 2 * self.std

    @property
    def log_peak(self) -> float:
        """log of the largest density on [lo, hi] relative to that at the mean."""
        mode = max(self.lo, min(self.mean, self.hi))
        return -0.5 * ((mode - self.mean) / self.std) ** 2  # OverflowError beyond 1e154 sigma, as in torch

    @property
    def redraws(self) -> bool:
        """Whether torch draws normals until all lie in [lo, hi]; else it proposes uniforms."""
        return self.mass > 0.3

    def check(self, element: Element, size: int) -> None:
        """No complex types; finite mean and std > 0; no nan."""
        for name, value in (("mean", self.mean), ("std", self.std), ("a", self.lo), ("b", self.hi)):
            if math.isnan(value):
                raise ValueError(f"{name} must be a number, got nan")
        if not 0.0 < self.std < math.inf:
            raise ValueError(f"std must be positive and finite, got {self.std:g}")
        if math.isinf(self.mean):
            raise ValueError(f"mean must be finite, got {self.mean:g}")
        if element.kind == "c":
            raise NotImplementedError(
                f"\"lt_cpu\" not implemented for '{element.scalar}': expected a real floating array, got "
                f"{element.name}; an interval [a, b] has no meaning for complex numbers"
            )
        if element.kind == "8" and not size:
            raise _not_implemented("lt_cpu", element)

    def check_on_torch_stream(self, element: Element, size: int) -> None:
        """Finite bounds where uniforms are proposed; mean and std that float32 holds where normals are drawn."""
        if self.redraws:
            self._check_redraws(element, size)
        else:
            Uniform(self.lo, self.hi).check(element, size)
            self.log_peak  # noqa: B018 - for its OverflowError

    def _check_redraws(self, element: Element, size: int) -> None:
        Normal(self.mean, self.std).check(element, size)
        limit = element.computed.max
        if max(abs(self.mean), self.std) > limit:
            raise ValueError(
                f"mean and std must be at most {limit:g} in magnitude for {element.name}, got mean "
                f"{self.mean:g} and std {self.std:g}: rounded to infinity, no draw would ever lie in [a, b]"
            )


def _normal_cdf(x: float) -> float:
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0


@dataclass(frozen=True, slots=True)
class Sparse(Law):
    """``zeros`` zeros in each column, at places drawn uniformly; the other elements N(0, std^2)."""

    zeros: int
    std: float

    def check(self, element: Element, size: int) -> None:
        """Floating and complex types; std >= 0."""
        Normal(0.0, self.std).check(element, size)


@dataclass(frozen=True, slots=True)
class Orthogonal(Law):
    """gain * Q, where Q has orthonormal rows or columns and is distributed by the Haar measure."""

    gain: float

    def check(self, element: Element, size: int) -> None:
        """Real floating types; gain not nan."""
        if element.kind == "c":
            raise NotImplementedError(
                f"orthogonal_ expected a real floating array, got {element.name}; unlike NumPy, torch.sign, by which "
                "torch fixes the signs of Q, is not defined for complex numbers"
            )
        Normal(0.0, 1.0).check(element, size)
        if math.isnan(self.gain):
            raise ValueError("gain must be a number, got nan")

    def check_on_torch_stream(self, element: Element, _size: int) -> None:
        """LAPACK has no half types."""
        if element.name in ("float16", "bfloat16"):
            raise NotImplementedError(
                f"\"geqrf_cpu\" not implemented for '{element.scalar}': expected float32 or float64, got "
                f"{element.name}; initialise in float32 and convert: w[...] = init.orthogonal_(init.empty(*w.shape))"
            )


_L = TypeVar("_L", Uniform, Normal)
_Kept = TypeVar("_Kept", bound=Law)
_bits = struct.Struct("dd").pack
#: Laws kept of each kind; a model has a few dozen.
_INTERNED_LAWS = 1024


def interned(laws: dict[Any, _Kept], key: Any, law: _Kept) -> _Kept:
    """The law, kept under its key, with a bounded number of others."""
    if len(laws) >= _INTERNED_LAWS:
        laws.clear()
    laws[key] = law
    return law


def _interned(make_law: Callable[[float, float], _L]) -> Callable[[float, float], _L]:
    """``make_law``, giving the same object for the same bits (0.0 is not -0.0): what is ready with it stays ready."""
    laws: dict[bytes, _L] = {}

    def law_of(first: float, second: float) -> _L:
        bits = _bits(first, second)
        law = laws.get(bits)
        if law is None:
            law = interned(laws, bits, make_law(first, second))
        return law

    return law_of


uniform, normal = _interned(Uniform), _interned(Normal)
