"""The number formats verify knows: their NumPy dtypes, precision, and how a real number is rounded to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Format:
    """A dtype by name; `precision` counts significant bits, `real` names the dtype of one real component."""

    name: str
    kind: Literal["real", "complex", "integer", "bool"]
    real: str
    precision: int

    @property
    def epsilon(self) -> float:
        """Distance from 1 to the next larger value."""
        return 2.0 ** (1 - self.precision)

    @property
    def is_half(self) -> bool:
        """Two bytes wide: few enough values that exact cell masses can be listed."""
        return self.real in ("float16", "bfloat16")


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format("float16", "real", "float16", 11),
        Format("bfloat16", "real", "bfloat16", 8),
        Format("float32", "real", "float32", 24),
        Format("float64", "real", "float64", 53),
        Format("complex64", "complex", "float32", 24),
        Format("complex128", "complex", "float64", 53),
        Format("int8", "integer", "int8", 7),
        Format("int16", "integer", "int16", 15),
        Format("int32", "integer", "int32", 31),
        Format("int64", "integer", "int64", 63),
        Format("uint8", "integer", "uint8", 8),
        Format("uint16", "integer", "uint16", 16),
        Format("uint32", "integer", "uint32", 32),
        Format("uint64", "integer", "uint64", 64),
        Format("bool", "bool", "bool", 1),
    )
}
REAL = ("float16", "bfloat16", "float32", "float64")
FLOATING = (*REAL, "complex64", "complex128")
ANY = tuple(FORMATS)


class FormatMissing(ImportError):
    """A format needs an optional package that is not installed."""


@cache
def numpy_dtype(name: str) -> np.dtype[Any]:
    """The NumPy dtype of that name; bfloat16 comes from ml_dtypes."""
    if name != "bfloat16":
        return np.dtype(name)
    try:
        import ml_dtypes
    except ImportError as error:
        raise FormatMissing("bfloat16 needs the package ml_dtypes: pip install ml_dtypes") from error
    bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return bfloat16


def rounded(value: float, real: str) -> float:
    """`value` as torch stores a bound: to float32 first for half types, then to the nearest of `real`."""
    dtype = numpy_dtype(real)
    if real in ("float16", "bfloat16"):
        return float(np.float32(value).astype(dtype))
    return float(np.asarray(value, np.float64).astype(dtype))


def inner_bounds(low: float, high: float, real: str) -> tuple[float, float]:
    """The smallest value of a format that is at least `low`, and the largest that is at most `high`."""
    if real in ("float16", "bfloat16"):
        every = all_values(real)
        return float(every[every >= low][0]), float(every[every <= high][-1])
    dtype = numpy_dtype(real).type
    first, last = dtype(low), dtype(high)
    first = first if float(first) >= low else np.nextafter(first, dtype(np.inf))
    last = last if float(last) <= high else np.nextafter(last, dtype(-np.inf))
    return float(first), float(last)


def components(values: npt.NDArray[Any]) -> Reals:
    """All elements in C order as float64, a complex one as its real and imaginary part."""
    flat = np.ascontiguousarray(values).reshape(-1)
    if flat.dtype.kind == "c":
        flat = flat.view(flat.real.dtype)
    return flat.astype(np.float64)


def bit_patterns(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """The bytes of each element, one row each, in C order: equal rows mean equal bits, also for nan and -0."""
    flat = np.ascontiguousarray(values).reshape(-1)
    return flat.view(np.uint8).reshape(flat.size, flat.dtype.itemsize)


@cache
def all_values(real: str) -> Reals:
    """Every finite value of a two-byte format, ascending, zero once."""
    patterns = np.arange(2**16, dtype=np.uint16)
    with np.errstate(invalid="ignore"):  # signalling nans among the patterns
        values = patterns.view(numpy_dtype(real)).astype(np.float64)
    return np.unique(values[np.isfinite(values)])
