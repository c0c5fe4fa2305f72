"""Literals in JSON: one value, some values, or, of more, their compressed bytes."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...dtypes import ELEMENTS
from .parts import Literal
from .problem import RecipeError
from .scalars import number_from_json, number_to_json

#: Literals of more elements are compressed.
MOST_VALUES = 64


def literal_to_json(literal: Literal) -> dict[str, Any]:
    """Readable as far as it is small; ``bytes`` says the size of what is compressed."""
    array, element = literal.array, ELEMENTS[literal.dtype]
    head: dict[str, Any] = {"dtype": literal.dtype, "shape": list(array.shape)}
    if array.size and _constant(array):
        values = _readable(array.reshape(-1)[:1] if array.size else array, literal.dtype)
        if values is not None:
            return {**head, "value": values[0]}
    if array.size <= MOST_VALUES:
        values = _readable(array, literal.dtype)
        if values is not None:
            return {**head, "values": values}
    raw = np.ascontiguousarray(array).view(element.memory) if array.ndim else array.reshape(1)
    data = raw.astype(raw.dtype.newbyteorder("<"), copy=False).tobytes()
    return {**head, "bytes": len(data), "zlib": base64.b64encode(zlib.compress(data, 9)).decode("ascii")}


def _constant(array: NDArray[Any]) -> bool:
    """Whether all elements have the same bits."""
    if all(stride == 0 or length == 1 for stride, length in zip(array.strides, array.shape, strict=True)):
        return True
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8).reshape(array.size, -1)
    return bool((flat == flat[0]).all())


def _readable(array: NDArray[Any], dtype: str) -> list[Any] | None:
    """The elements as JSON's numbers, unless these would not give back the same bits (a nan of another payload)."""
    flat = np.ascontiguousarray(array).reshape(-1)
    wide = flat.astype(np.float32) if ELEMENTS[dtype].kind == "8" or dtype == "bfloat16" else flat
    values = [number_to_json(value) for value in wide.tolist()]
    again = array_of([number_from_json(value) for value in values], dtype)
    return values if again.tobytes() == flat.tobytes() else None


def array_of(values: list[Any], dtype: str) -> NDArray[Any]:
    """Numbers as elements; NumPy refuses integers out of range with an OverflowError."""
    with np.errstate(all="ignore"):
        if dtype in ("bfloat16", "float16") or ELEMENTS[dtype].kind == "8":
            return np.array(values, np.float32).astype(ELEMENTS[dtype].dtype)
        return np.array(values, ELEMENTS[dtype].dtype)


def literal_from_json(data: dict[str, Any], dtype: str, shape: tuple[int, ...], place: str) -> Literal:
    """The literal, read-only; ``dtype`` and ``shape`` are checked, and the size that they make allowed."""
    (kind,) = set(data) & {"value", "values", "zlib"}
    if kind == "zlib":
        array = _unpacked(data, dtype, math.prod(shape), place).reshape(shape)
    elif kind == "values":
        array = _numbers(data["values"], dtype, f"{place}.values")
        if array.size != math.prod(shape):
            raise RecipeError(
                f"{place}.values", f"{math.prod(shape)} values for shape {shape}", f"{array.size}"
            )
        array = array.reshape(shape)
    else:
        array = np.broadcast_to(_numbers([data["value"]], dtype, f"{place}.value")[0], shape)
    array.flags.writeable = False
    return Literal(array, dtype)


def _numbers(values: Any, dtype: str, place: str) -> NDArray[Any]:
    if not isinstance(values, list):
        raise RecipeError(place, "a list of numbers", type(values).__name__)
    numbers = []
    for index, value in enumerate(values):
        number = number_from_json(value)
        if not _fits(number, dtype):
            raise RecipeError(f"{place}[{index}]", f"a number of {dtype}", f"{value!r:.60}")
        numbers.append(number)
    return array_of(numbers, dtype)


def _fits(number: Any, dtype: str) -> bool:
    """Whether it is a number of the type's kind, and of integers in its range."""
    kind = ELEMENTS[dtype].kind
    if kind == "b":
        return isinstance(number, bool)
    if number is None or isinstance(number, bool):
        return False
    if kind in "iu":
        info = np.iinfo(dtype)
        return isinstance(number, int) and info.min <= number <= info.max
    return kind == "c" or not isinstance(number, complex)


def _unpacked(data: dict[str, Any], dtype: str, size: int, place: str) -> NDArray[Any]:
    """Never unfolds more than the declared size."""
    element = ELEMENTS[dtype]
    expected = size * element.itemsize
    if data.get("bytes", expected) != expected:
        raise RecipeError(f"{place}.bytes", f"{expected}, the size of its shape", f"{data['bytes']!r:.60}")
    try:
        unfolding = zlib.decompressobj()
        raw = unfolding.decompress(base64.b64decode(data["zlib"], validate=True), expected + 1)
    except (ValueError, TypeError, binascii.Error, zlib.error) as error:
        raise RecipeError(f"{place}.zlib", "base64 of zlib's bytes", f"{error}") from None
    if len(raw) != expected or not unfolding.eof or unfolding.unused_data:
        came = f"{len(raw)}" if unfolding.eof else "more, or an end that is missing"
        raise RecipeError(f"{place}.zlib", f"{expected} bytes unfolded", came)
    memory = np.frombuffer(bytearray(raw), element.memory.newbyteorder("<")).astype(
        element.memory, copy=False
    )
    if element.kind == "b" and memory.view(np.uint8).max(initial=0) > 1:
        raise RecipeError(f"{place}.zlib", "bytes 0 and 1 for bool", "others")
    return memory.view(element.dtype)
