"""The element types that can be filled, and what torch calls them in its errors."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ._fork import undivided


@dataclass(frozen=True, eq=False)
class Element:
    """One element type.

    ``name`` is NumPy's; ``scalar`` and ``ctype`` are what torch's messages call it.  ``kind``: "f" float, "c"
    complex, "i" signed, "u" unsigned, "b" bool.  ``real`` is the type of a complex number's parts, else itself.
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
        """The NumPy dtype; bfloat16 is ml_dtypes' own, imported only here."""
        if self.name == "bfloat16":
            try:
                with undivided():
                    import ml_dtypes
            except ImportError:
                raise ImportError(
                    "bfloat16 arrays need the package ml_dtypes: pip install ml_dtypes"
                ) from None
            bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
            return bfloat16
        return np.dtype(self.name)


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
    )
}

#: The same by NumPy dtype; one of foreign byte order equals none of them.  bfloat16 joins when first seen.
BY_DTYPE: dict[Any, Element] = {np.dtype(name): e for name, e in ELEMENTS.items() if name != "bfloat16"}


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
    if dtype.name == "bfloat16":
        BY_DTYPE[dtype] = ELEMENTS["bfloat16"]
        return ELEMENTS["bfloat16"]
    if not dtype.isnative:
        raise TypeError(
            f"expected native byte order, got dtype {dtype.str!r}; initialise a native array and convert it: "
            f"w = init.empty(*shape, dtype={dtype.newbyteorder('=').name!r}), then w.astype({dtype.str!r})"
        )
    raise TypeError(
        f"expected an array of {', '.join(ELEMENTS)}, got dtype {dtype}; "
        "for example w = init.empty(*shape, dtype='float32')"
    )


def held_value(value: complex, element: Element, size: int) -> complex:
    """``value`` as a number that ``size`` elements can hold, by torch's conversion rules.

    Raises
    ------
    RuntimeError
        Where torch refuses: an integer or float outside the type's range (unsigned types take -max to max and wrap),
        nan or infinity into an integer, a complex number into a real type.
    OverflowError
        An integer beyond 64 bits.
    """
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        problem = "int too big to convert" if value > 0 else "can't convert negative int to unsigned"
        raise OverflowError(f"{problem}: expected an integer of at most 64 bits, got {value}")
    if element.kind == "b":
        return bool(value)
    if element.kind == "c":
        parts = complex(value)
        for part in (parts.real, parts.imag):
            _check_float(part, element, value)
        return parts
    if isinstance(value, complex):
        if value.imag != 0:
            ctype = element.ctype if element.itemsize == 4 or element.kind in "iu" else "double"
            raise _does_not_fit(value, ctype, "take its real part, or fill a complex array")
        value = value.real
    if element.kind == "f":
        if element.itemsize > 2 or size != 1:  # torch converts a single half through float, unchecked
            _check_float(float(value), element, value)
        return float(value)
    return _held_integer(value, element)


def _check_float(part: float, element: Element, value: complex) -> None:
    if math.isfinite(part) and abs(part) > element.real.max:
        raise _does_not_fit(
            value, element.ctype, f"the largest value of {element.name} is {element.real.max:g}"
        )


def _held_integer(value: float, element: Element) -> int:
    bits = 8 * element.itemsize
    top = 2**bits if element.kind == "u" else 2 ** (bits - 1)
    lowest = (
        -(top - 1) if element.kind == "u" and isinstance(value, int) else -top if element.kind == "i" else 0
    )
    if not (math.isfinite(value) and lowest <= value and (value <= top - 1)):
        raise _does_not_fit(
            value, element.ctype, f"{element.name} holds {-top if element.kind == 'i' else 0} to {top - 1}"
        )
    return int(value) % top if element.kind == "u" else int(value)


def _does_not_fit(value: complex, ctype: str, advice: str) -> RuntimeError:
    return RuntimeError(f"value cannot be converted to type {ctype} without overflow: got {value}; {advice}")
