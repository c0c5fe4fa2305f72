"""Constants: what an element type can hold of a number, by torch's rules."""

from __future__ import annotations

import math

from ...dtypes import Element
from ...float8 import FLOAT8
from ...laws.arguments import refuse_wide


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
    refuse_wide(value)
    if element.kind == "b":
        return bool(value)
    if element.kind == "c":
        parts = complex(value)
        for part in (parts.real, parts.imag):
            _check_float(part, element, value)
        return parts
    if isinstance(value, complex):
        value = _real_part(value, element, size)
    if element.kind == "8":
        if size != 1:
            _check_float8(value, element)
        return value
    if element.kind == "f":
        if element.itemsize > 2 or size != 1:  # torch converts a single half through float, unchecked
            _check_float(float(value), element, value)
        return float(value)
    return _held_integer(value, element)


def _real_part(value: complex, element: Element, size: int) -> float:
    if value.imag != 0:
        whole = element.itemsize == 4 or element.kind in "iu" or (element.kind == "8" and size != 1)
        ctype = element.ctype if whole else "double"
        raise _does_not_fit(value, ctype, "take its real part, or fill a complex array")
    if element.name == "float8_e8m0fnu" and size != 1:
        raise _does_not_fit(
            value, element.ctype, "it has no 0, and the imaginary part is 0; take the real part"
        )
    return value.real


def _check_float(part: float, element: Element, value: complex) -> None:
    if math.isfinite(part) and abs(part) > element.real.max:
        raise _does_not_fit(
            value, element.ctype, f"the largest value of {element.name} is {element.real.max:g}"
        )


def _check_float8(value: float, element: Element) -> None:
    """Integers and bools are not compared with the least value: 0 and negative ones pass where there are none."""
    form = FLOAT8[element.name]
    lowest = -form.max if isinstance(value, int) else form.lowest
    if value < lowest or value > form.max:
        if form.has_infinity and math.isinf(value):
            return
        raise _does_not_fit(value, element.ctype, f"{element.name} holds {form.lowest:g} to {form.max:g}")


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
