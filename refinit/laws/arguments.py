"""Numbers that users pass: as torch's argument parser reads them, with its refusals."""

from __future__ import annotations

import math
import numbers
import reprlib
from typing import Any

import numpy as np

from ..dtypes import Element

#: What the user wrote: the name of the argument, and the value.
Written = tuple[str, Any]

_EXAMPLES = {"gain": "init.calculate_gain('relu')"}


def expectation(written: Written, kind: str = "real number") -> str:
    """The end of a refusal: what was expected of the argument, what came, and what would do."""
    name, value = written
    example = _EXAMPLES.get(name, "0.5")
    return f"expected a {kind} as {name}, got {reprlib.repr(value)}; for example {name}={example}"


def real_argument(
    value: Any, function: str, argument: str, place: int, written: Written | None = None
) -> float:
    """A parameter that torch declares as a double: any real number, not a string, None, complex or array.

    ``written`` is what the user wrote where ``argument`` is torch's inner name, or the value was computed from it.
    """
    if type(value) is float:
        return value
    if _is_real(value) or is_scalar_tensor(value):
        return float(value)
    raise TypeError(
        f"{function}(): argument '{argument}' (position {place}) must be float, not {type_name(value)}: "
        f"{expectation(written or (argument, value))}"
    )


def number_argument(value: Any, function: str, argument: str, name: str) -> complex:
    """Any number: real or complex, Python's, NumPy's or a 0-d tensor's.  Integers keep their exact value.

    ``name`` is what the user calls it, ``argument`` torch's inner name.
    """
    if isinstance(value, np.complexfloating) or _is_real(value) or is_scalar_tensor(value):
        value = value.item() if hasattr(value, "item") else value
    if isinstance(value, (bool, int, float, complex)):
        return value
    if isinstance(value, numbers.Real):
        return float(value)
    raise TypeError(
        f"{function}(): argument '{argument}' must be a number, not {type_name(value)}: "
        f"{expectation((name, value), 'number')}"
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


def _is_real(value: Any) -> bool:
    """Python's and NumPy's real numbers; timedelta64 calls itself an integer."""
    return isinstance(value, (int, float, np.floating, np.integer, np.bool_)) and not isinstance(
        value, np.timedelta64
    )


def is_scalar_tensor(value: Any) -> bool:
    """A 0-d torch tensor; recognised without torch."""
    return type(value).__module__.partition(".")[0] == "torch" and getattr(value, "ndim", 1) == 0


def type_name(value: Any) -> str:
    """How torch names the type of an argument it refuses: builtins bare, others with their module."""
    kind = type(value)
    if kind.__module__ == "builtins" or kind.__name__ == "Tensor":
        return kind.__name__
    return f"{kind.__module__}.{kind.__qualname__}"
