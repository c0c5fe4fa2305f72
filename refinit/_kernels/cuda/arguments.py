"""The arguments of a launch, as a kernel receives them."""

import ctypes
from functools import cache
from typing import Any

from .table import KERNELS

_TYPES: dict[str, Any] = {
    "u64": ctypes.c_uint64,
    "i64": ctypes.c_int64,
    "u32": ctypes.c_uint32,
    "i32": ctypes.c_int32,
    "f32": ctypes.c_float,
    "f64": ctypes.c_double,
}
#: Whose numbers need not be what is kept: an address or a stride may wrap, a float is rounded.
_INEXACT = ("u64", "f32", "f64")


@cache
def _layout(kernel: str) -> Any:
    """A structure with one field for each argument, a tuple being an array."""
    kinds = KERNELS[kernel].arguments
    fields = [(f"argument_{n}", _TYPES[_type(kind)] * (_length(kind) or 1)) for n, kind in enumerate(kinds)]
    return type(kernel, (ctypes.Structure,), {"_fields_": fields})


def _type(kind):
    return kind if isinstance(kind, str) else kind[0]


def _length(kind):
    """Of a tuple; None for a number."""
    return None if isinstance(kind, str) else kind[1]


def converted(kernel: str, arguments) -> ctypes.Structure:
    """The arguments in the types that the table states, in one piece of memory, where parameters lie in order.

    Raises
    ------
    TypeError
        If there are more or fewer than the table has, also within a tuple.
    OverflowError
        If an integer does not fit; those of u64 wrap instead.
    """
    kinds = KERNELS[kernel].arguments
    if [len(one) if isinstance(one, tuple) else None for one in arguments] != [*map(_length, kinds)]:
        raise TypeError(f"expected the arguments {kinds} of kernel {kernel}, got {arguments!r}")
    groups = [one if isinstance(one, tuple) else (one,) for one in arguments]
    values = _layout(kernel)(*groups)
    for n, (kind, group) in enumerate(zip(kinds, groups, strict=True)):
        if _type(kind) not in _INEXACT and tuple(getattr(values, f"argument_{n}")) != group:
            raise OverflowError(f"expected {kind} as argument {n} of kernel {kernel}, got {arguments[n]!r}")
    return values


@cache
def offsets(kernel: str) -> tuple[int, ...]:
    """Where each parameter begins in what ``converted`` gives; each element of a tuple is one."""
    layout = _layout(kernel)
    return tuple(
        getattr(layout, field).offset + ctypes.sizeof(kind._type_) * k
        for field, kind in layout._fields_
        for k in range(kind._length_)
    )


def round_keys(key: int) -> tuple[int, ...]:
    """The twenty round keys of Philox, as ``_core/philox.py`` has them; a kernel reads them as constants."""
    weyl = 0x9E3779B9, 0xBB67AE85
    halves = key & 0xFFFFFFFF, key >> 32
    return tuple((halves[i % 2] + i // 2 * weyl[i % 2]) & 0xFFFFFFFF for i in range(20))
