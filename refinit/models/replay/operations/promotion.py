"""The type of a result, from those of the operands: torch's rule, in which numbers and 0-d arrays rank below others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....dtypes import ELEMENTS, Element, element_of

_CATEGORY = {"b": 0, "u": 1, "i": 1, "8": 2, "f": 2, "c": 3}
_OF_NUMBERS = {bool: "bool", int: "int64", float: "float32", complex: "complex64"}
_COMPLEX = {"float64": "complex128"}


def category(name: str) -> int:
    """0 bool, 1 integer, 2 float, 3 complex."""
    return _CATEGORY[ELEMENTS[name].kind]


def promoted(first: str, second: str) -> str:
    """torch.promote_types.

    Raises
    ------
    TypeError
        For pairs that torch does not promote either: 8-bit floats, uint64 with signed integers.
    """
    if first == second:
        return first
    lower, higher = sorted((first, second), key=category)
    if "8" in (ELEMENTS[lower].kind, ELEMENTS[higher].kind):
        raise TypeError(
            f"expected types that promote, got {first} and {second}; copy one to the other's first"
        )
    if category(lower) == category(higher) < 2:
        name = np.promote_types(lower, higher).name
        if category(name) == 2:
            raise TypeError(f"expected types that promote, got {first} and {second}")
        return name
    if category(lower) == category(higher) == 2:
        halves = {"float16", "bfloat16"}
        return "float32" if {lower, higher} == halves else max(lower, higher, key=_width)
    if category(higher) == 3:
        wide = "float64" in (lower, ELEMENTS[lower].real.name, ELEMENTS[higher].real.name)
        return "complex128" if wide else "complex64"
    return higher


def _width(name: str) -> int:
    return ELEMENTS[name].itemsize


def _combined(higher: str | None, lower: str | None) -> str | None:
    """The type of operands of a higher rank, unless those of a lower one are of a higher category."""
    if higher is None or lower is None:
        return higher or lower
    if category(lower) <= category(higher):
        return higher
    if category(higher) == 2:
        return _COMPLEX.get(higher, "complex64")
    return lower


def result_type(operands: list[Any]) -> str:
    """torch.result_type of arrays and numbers."""
    ranks: list[str | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, np.ndarray):
            rank, name = (0 if operand.ndim else 1), element_of(operand.dtype).name
        else:
            rank, name = 2, _OF_NUMBERS[type(operand)]
        before = ranks[rank]
        ranks[rank] = name if before is None else promoted(before, name)
    dimensioned, scalar, number = ranks
    return _combined(dimensioned, _combined(scalar, number)) or "float32"


def floating(name: str) -> str:
    """The type of a result that is no integer."""
    return name if category(name) >= 2 else "float32"


def computed(name: str) -> np.dtype[Any]:
    """What results of a type are computed in: float32 for the half types."""
    element = ELEMENTS[name]
    if element.kind == "8":
        raise TypeError(f"expected a type that torch computes in, got {name}")
    return np.dtype("float32" if name in ("float16", "bfloat16") else name)


def converted(array: NDArray[Any], element: Element) -> NDArray[Any]:
    """The elements in another type as torch converts them; to the half types by way of float32."""
    if array.dtype == element.dtype:
        return array
    kind = element_of(array.dtype).kind
    with np.errstate(all="ignore"):
        if kind == "c" and element.kind != "c":
            array = array.real
        if element.kind == "b":
            return np.asarray(array != 0)
        if element.itemsize <= 2 and element.kind in "f8" and array.dtype == np.float64:
            array = array.astype(np.float32)
        if kind == "8" or array.dtype.name == "bfloat16":
            array = array.astype(np.float32)
        return array.astype(element.dtype, copy=False)
