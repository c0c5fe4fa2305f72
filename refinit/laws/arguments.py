"""Numbers that users pass: as torch's argument parser reads them, with its refusals."""

from __future__ import annotations

import numbers
import operator
import reprlib
from typing import Any

import numpy as np

from .. import _torch
from .._warn import warn_caller

#: What the user wrote: the name of the argument, and the value.
Written = tuple[str, Any]

_EXAMPLES = {"gain": "init.calculate_gain('relu')"}


def expectation(written: Written, kind: str = "real number") -> str:
    """The end of a refusal: what was expected of the argument, what came, and what would do."""
    name, value = written
    example = _EXAMPLES.get(name, "0.5")
    return f"expected a {kind} as {name}, got {reprlib.repr(value)}; for example {name}={example}"


def real_argument(
    value: Any, function: str, argument: str, position: int, written: Written | None = None
) -> float:
    """A parameter that torch declares as a double: any real number, not a string, None, complex or array.

    ``written`` is what the user wrote where ``argument`` is torch's inner name, or the value was computed from it.
    """
    if type(value) is float:
        return value
    if _is_real(value) or _torch.is_scalar_tensor(value):
        return float(value)
    raise TypeError(
        f"{function}(): argument '{argument}' (position {position}) must be float, not {type_name(value)}: "
        f"{expectation(written or (argument, value))}"
    )


def number_argument(value: Any, function: str, argument: str, name: str) -> complex:
    """Any number: real or complex, Python's, NumPy's or a 0-d tensor's.  Integers keep their exact value.

    ``name`` is what the user calls it, ``argument`` torch's inner name.
    """
    if type(value) is float or type(value) is int:
        return value
    if isinstance(value, np.complexfloating) and not isinstance(value, complex):
        # of all complex numbers torch asks those that are none of Python's for a float, and NumPy warns
        warn_caller(
            "Casting complex values to real discards the imaginary part", np.exceptions.ComplexWarning
        )
        return float(value.real)
    if _torch.is_tensor(value) and value.ndim and argument == "value":
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions. "
            f"{expectation((name, value), 'number')}"
        )
    if isinstance(value, np.complexfloating) or _is_real(value) or _torch.is_scalar_tensor(value):
        value = value.item() if hasattr(value, "item") else value
    if isinstance(value, (bool, int, float, complex)):
        return value
    if isinstance(value, numbers.Real):
        return float(value)
    raise TypeError(
        f"{function}(): argument '{argument}' must be a number, not {type_name(value)}: "
        f"{expectation((name, value), 'number')}"
    )


def refuse_wide(value: Any) -> None:
    """Raises OverflowError for an integer beyond the 64 bits that torch's scalars hold."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        problem = "int too big to convert" if value > 0 else "can't convert negative int to unsigned"
        raise OverflowError(f"{problem}: expected an integer of at most 64 bits, got {reprlib.repr(value)}")


def integer_argument(
    value: Any,
    name: str,
    least: int | None = None,
    end: int | None = None,
    *,
    boolean: bool = False,
    advice: str = "",
) -> int:
    """An integer from ``least`` on and below ``end``: whatever has ``__index__``; True is 1 only if ``boolean``.

    Raises
    ------
    TypeError
        If it is no integer; ``advice`` ends the text.
    ValueError
        If it is out of range.
    """
    try:
        number = None if isinstance(value, bool) and not boolean else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"expected an integer as {name}, got {type_name(value)}{advice}")
    if least is not None and number < least:
        raise ValueError(f"expected {name} of at least {least}, got {number}")
    if end is not None and number >= end:
        raise ValueError(f"expected {name} below {end}, got {number}")
    return number


def lengths_argument(values: Any, name: str, *, scalar: bool = False) -> tuple[int, ...]:
    """A sequence of integers from 0 on, as of a shape; one integer alone only if ``scalar``.

    Raises
    ------
    TypeError
        If it is none.
    ValueError
        If one is negative.
    """
    try:
        sequence = (values,) if scalar and np.ndim(values) == 0 else values
        lengths = tuple(operator.index(value) for value in sequence)
    except TypeError:
        kind = "an integer or a sequence of integers" if scalar else "a sequence of integers"
        raise TypeError(f"expected {name} as {kind}, got {values!r}") from None
    if any(length < 0 for length in lengths):
        raise ValueError(f"expected {name} without negative numbers, got {lengths}")
    return lengths


def _is_real(value: Any) -> bool:
    """Python's and NumPy's real numbers; timedelta64 calls itself an integer."""
    return isinstance(value, (int, float, np.floating, np.integer, np.bool_)) and not isinstance(
        value, np.timedelta64
    )


def type_name(value: Any) -> str:
    """How torch names the type of an argument it refuses: builtins bare, others with their module."""
    kind = type(value)
    if kind.__module__ == "builtins" or kind.__name__ == "Tensor":
        return kind.__name__
    return f"{kind.__module__}.{kind.__qualname__}"
