"""The arguments of a launch, as a kernel receives them."""

import ctypes
from functools import cache
from typing import Any, NamedTuple

from ..math.philox_constants import ROUNDS, WEYL
from .table import KERNELS

_TYPES: dict[str, Any] = {
    "u64": ctypes.c_uint64,
    "i64": ctypes.c_int64,
    "u32": ctypes.c_uint32,
    "i32": ctypes.c_int32,
    "f32": ctypes.c_float,
    "f64": ctypes.c_double,
}
#: Whose numbers may be changed by the conversion: an address or a stride may wrap, a float is rounded.
_INEXACT = ("u64", "f32", "f64")


class _Layout(NamedTuple):
    """A kernel's arguments: a structure with a field for each, a tuple being an array."""

    structure: Any
    #: Of tuples; None for a number.
    lengths: list[int | None]
    #: Number and field of those that must come out as they are.
    exact: list[tuple[int, str]]


@cache
def _layout(kernel: str) -> _Layout:
    kinds = [(kind, None) if isinstance(kind, str) else kind for kind in KERNELS[kernel].arguments]
    fields = [(f"argument_{n}", _TYPES[kind] * (length or 1)) for n, (kind, length) in enumerate(kinds)]
    return _Layout(
        type(kernel, (ctypes.Structure,), {"_fields_": fields}),
        [length for _, length in kinds],
        [(n, fields[n][0]) for n, (kind, _) in enumerate(kinds) if kind not in _INEXACT],
    )


def converted(kernel: str, arguments) -> ctypes.Structure:
    """The arguments in the types that the table states, in one piece of memory, where parameters lie in order.

    Raises
    ------
    TypeError
        If there are more or fewer than the table has, also within a tuple.
    OverflowError
        If an integer does not fit; those of u64 wrap instead.
    """
    layout = _layout(kernel)
    if [len(value) if isinstance(value, tuple) else None for value in arguments] != layout.lengths:
        raise TypeError(
            f"expected the arguments {KERNELS[kernel].arguments} of kernel {kernel}, got {arguments!r}"
        )
    groups = [value if isinstance(value, tuple) else (value,) for value in arguments]
    values = layout.structure(*groups)
    for n, field in layout.exact:
        if getattr(values, field)[:] != [*groups[n]]:
            kind = KERNELS[kernel].arguments[n]
            raise OverflowError(f"expected {kind} as argument {n} of kernel {kernel}, got {arguments[n]!r}")
    return values


@cache
def offsets(kernel: str) -> tuple[int, ...]:
    """Where each parameter begins in what ``converted`` gives; each element of a tuple is one."""
    structure = _layout(kernel).structure
    return tuple(
        getattr(structure, field).offset + ctypes.sizeof(kind._type_) * k
        for field, kind in structure._fields_
        for k in range(kind._length_)
    )


def round_keys(key: int) -> tuple[int, ...]:
    """The twenty round keys of Philox, as ``kernels/math/philox.py`` has them; a kernel reads them as constants."""
    words = key & 0xFFFFFFFF, key >> 32
    return tuple(
        (word + step * weyl) & 0xFFFFFFFF
        for step in range(ROUNDS)
        for word, weyl in zip(words, WEYL, strict=True)
    )
