"""The element types that can be filled, and what torch calls them in its errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ._fork import undivided
from .float8 import FLOAT8


@dataclass(frozen=True, eq=False)
class Element:
    """One element type.

    ``name`` is NumPy's; ``scalar`` and ``ctype`` are what torch's messages call it.  ``kind``: "f" float, "c"
    complex, "i" signed, "u" unsigned, "b" bool, "8" a float of 8 bits, for constants alone.  ``real`` is the type of a
    complex number's parts, else itself.
    """

    name: str
    scalar: str
    ctype: str
    kind: str
    itemsize: int
    parts: int = 1
    real: Element = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.real is None:
            object.__setattr__(self, "real", self)

    @cached_property
    def is_floating(self) -> bool:
        """Whether random laws are defined on it: floats and complex numbers."""
        return self.kind in "fc"

    @cached_property
    def computed(self) -> Element:
        """The type that laws are computed in (torch's opmath): float64 for itself and complex128, else float32."""
        return _FLOAT64 if self.real is _FLOAT64 else _FLOAT32

    @cached_property
    def max(self) -> float:
        """The largest finite value of a real floating type."""
        if self.name == "bfloat16":
            return float.fromhex("0x1.fep127")
        return float(np.finfo(self.name).max)

    def rounded(self, number: float) -> float:
        """``number`` as this real floating type holds it; the half types by way of float32, as torch converts."""
        with np.errstate(all="ignore"):
            if self.name == "bfloat16":
                return float(np.uint32(int(bfloat16_bits(number)) << 16).view(np.float32))
            if self.name == "float16":
                return float(np.float16(np.float32(number)))
            return float(np.dtype(self.name).type(number))

    def above(self, number: float) -> float:
        """The next larger value of this real floating type; of its largest one, infinity."""
        with np.errstate(all="ignore"):
            if self.name == "bfloat16":  # the upper half of a float32
                bits = int(np.float32(number).view(np.uint32))
                bits = 0x10000 if number == 0 else bits + (0x10000 if number > 0 else -0x10000)
                return float(np.uint32(bits).view(np.float32))
            value = np.dtype(self.name).type(number)
            return float(np.nextafter(value, value.dtype.type(np.inf)))

    def below(self, number: float) -> float:
        """The next smaller value."""
        return -self.above(-number)

    def least(self, bound: float) -> float:
        """The smallest finite value of this real floating type from ``bound`` on; beyond the largest one, infinity."""
        value = self.rounded(max(bound, -self.max))
        return self.above(value) if value < bound else value

    def greatest(self, bound: float, *, below: bool) -> float:
        """The largest finite value up to ``bound``, or ``below`` it."""
        value = -self.least(-bound)
        return self.below(value) if below and value == bound else value

    def within(self, lo: float, hi: float, interval: str) -> tuple[float, float]:
        """The smallest and the largest finite value in ``interval``: "[a, b]" or "[a, b)"; no -0.0.

        Raises
        ------
        ValueError
            If there is none.
        """
        lowest, highest = self.least(lo), self.greatest(hi, below=interval.endswith(")"))
        if not -self.max <= lowest <= highest <= self.max:
            raise ValueError(
                f"expected bounds with a value of {self.name} in {interval}, got a={lo!r} and b={hi!r}; the values "
                f"next to them are {highest!r} and {lowest!r}: widen {interval}, or use a type that is finer there"
            )
        return lowest + 0.0, highest + 0.0

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype; those that NumPy lacks are ml_dtypes' own, imported only here."""
        if self.name not in MEMORY:
            return np.dtype(self.name)
        try:
            with undivided():
                import ml_dtypes
        except ImportError:
            raise ImportError(
                f"{self.name} arrays need the package ml_dtypes: pip install ml_dtypes"
            ) from None
        dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, self.name))
        return dtype

    @cached_property
    def memory(self) -> np.dtype[Any]:
        """How NumPy itself sees the memory: of types that it lacks, their bits."""
        return np.dtype(MEMORY.get(self.name, self.name))


#: The types that NumPy lacks, and the integers that hold their bits.
MEMORY = {"bfloat16": np.uint16, **dict.fromkeys(FLOAT8, np.uint8)}
_FLOAT32 = Element("float32", "Float", "float", "f", 4)
_FLOAT64 = Element("float64", "Double", "double", "f", 8)


def bfloat16_bits(numbers: Any) -> Any:
    """The bits of numbers rounded to float32, then to nearest even bfloat16; NumPy itself has no such type."""
    with np.errstate(all="ignore"):
        single = np.asarray(numbers, np.float32)
    bits = single.view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1))) >> np.uint32(16)
    return np.where(np.isnan(single), np.uint32(0x7FC0), rounded).astype(np.uint16)


#: Every element type by name, in the order of the documentation.
ELEMENTS: dict[str, Element] = {
    element.name: element
    for element in (
        Element("float16", "Half", "c10::Half", "f", 2),
        Element("bfloat16", "BFloat16", "c10::BFloat16", "f", 2),
        _FLOAT32,
        _FLOAT64,
        Element("complex64", "ComplexFloat", "c10::complex<float>", "c", 8, 2, _FLOAT32),
        Element("complex128", "ComplexDouble", "c10::complex<double>", "c", 16, 2, _FLOAT64),
        Element("int8", "Char", "int8_t", "i", 1),
        Element("int16", "Short", "int16_t", "i", 2),
        Element("int32", "Int", "int", "i", 4),
        Element("int64", "Long", "int64_t", "i", 8),
        Element("uint8", "Byte", "uint8_t", "u", 1),
        Element("uint16", "UInt16", "uint16_t", "u", 2),
        Element("uint32", "UInt32", "uint32_t", "u", 4),
        Element("uint64", "UInt64", "uint64_t", "u", 8),
        Element("bool", "Bool", "bool", "b", 1),
        *(Element(name, name.capitalize(), f"c10::{name.capitalize()}", "8", 1) for name in FLOAT8),
    )
}

#: The same by NumPy dtype; one of foreign byte order equals none of them.  What NumPy lacks joins when first seen.
BY_DTYPE: dict[Any, Element] = {np.dtype(name): e for name, e in ELEMENTS.items() if name not in MEMORY}


def element_of(dtype: np.dtype[Any]) -> Element:
    """The element type of a NumPy dtype.

    Raises
    ------
    TypeError
        For a dtype that no initializer fills, and for one in foreign byte order.
    """
    element = BY_DTYPE.get(dtype)
    if element is not None:
        return element
    if dtype.name in MEMORY:
        BY_DTYPE[dtype] = ELEMENTS[dtype.name]
        return ELEMENTS[dtype.name]
    if not dtype.isnative:
        raise TypeError(
            f"expected native byte order, got dtype {dtype.str!r}; initialise a native array and convert it: "
            f"w = init.empty(*shape, dtype={dtype.newbyteorder('=').name!r}), then w.astype({dtype.str!r})"
        )
    raise TypeError(
        f"expected an array of {', '.join(ELEMENTS)}, got dtype {dtype}; "
        "for example w = init.empty(*shape, dtype='float32')"
    )
