"""Elementwise operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .special import erf, erfinv

_Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """``function(*operands)``, of arrays of the computed type.

    ``floats``: whether integers become float32 first (sqrt, div); ``result``: its type where it is not the operands'.
    ``wide``: computed in float64, because math libraries differ; ``rounded``: operands that, if numbers or 0-d
    arrays, are first rounded to the others' half type (else they stay float32); ``skipped``: those with no part in
    the type.
    """

    function: Callable[..., Any]
    floats: bool = False
    result: str | None = None
    wide: bool = False
    rounded: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()


def _sign(x: _Array) -> _Array:
    return np.subtract(x > 0, x < 0, dtype=x.dtype)  # of nan: 0, as torch has it


def _clamped(x: _Array, low: _Array | None, high: _Array | None) -> _Array:
    for bound, beyond in ((low, np.less), (high, np.greater)):
        if bound is not None:
            x = np.where(beyond(x, bound) | (bound != bound), bound, x)  # noqa: PLR0124 - a nan is a bound, too
    return x


def _add(x: _Array, y: _Array, alpha: Any = 1) -> Any:
    return x + (y if alpha == 1 else y * x.dtype.type(alpha))


def _subtract(x: _Array, y: _Array, alpha: Any = 1) -> Any:
    return x - (y if alpha == 1 else y * x.dtype.type(alpha))


def _power(x: _Array, y: _Array) -> Any:
    """torch multiplies for the exponent 2, and divides for -1; in all others math libraries differ."""
    exponent = y.flat[0] if y.size and not any(y.strides) else None
    if exponent == 2:
        return x * x
    if exponent == -1 and x.dtype.kind in "fc":
        return 1 / x
    return np.power(x, y) if x.dtype.kind in "iub" else np.power(x.astype(np.result_type(x, np.float64)), y)


def _wide(function: Callable[..., Any]) -> Rule:
    return Rule(function, floats=True, wide=True)


_LIBRARY = ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "tanh")
RULES: Mapping[str, Rule] = {
    "neg": Rule(np.negative),
    "abs": Rule(np.abs),
    "sign": Rule(_sign),
    "square": Rule(lambda x: x * x),
    "sqrt": Rule(np.sqrt, floats=True),  # torch's is MKL's, which does not always round to nearest
    "rsqrt": Rule(lambda x: 1 / np.sqrt(x), floats=True),
    "reciprocal": Rule(lambda x: 1 / x, floats=True),
    "floor": Rule(np.floor),
    "ceil": Rule(np.ceil),
    "round": Rule(np.rint),
    "trunc": Rule(np.trunc),
    "logical_not": Rule(np.logical_not, result="bool"),
    "bitwise_not": Rule(np.bitwise_not),
    **{name: _wide(getattr(np, name)) for name in _LIBRARY},
    "sigmoid": _wide(lambda x: 1 / (1 + np.exp(-x))),
    "erf": _wide(erf),
    "erfinv": _wide(erfinv),
    "add": Rule(_add, rounded=(0, 1)),
    "sub": Rule(_subtract, rounded=(0, 1)),
    "rsub": Rule(lambda x, y, alpha=1: _subtract(y, x, alpha), rounded=(0, 1)),
    "mul": Rule(np.multiply, rounded=(0,)),
    "div": Rule(np.divide, floats=True, rounded=(0,)),
    "minimum": Rule(np.minimum),
    "maximum": Rule(np.maximum),
    "pow": Rule(_power, rounded=(0, 1)),
    **{
        name: Rule(function, result="bool", rounded=(0, 1))
        for name, function in {
            "eq": np.equal,
            "ne": np.not_equal,
            "lt": np.less,
            "le": np.less_equal,
            "gt": np.greater,
            "ge": np.greater_equal,
            "logical_and": np.logical_and,
            "logical_or": np.logical_or,
            "logical_xor": np.logical_xor,
        }.items()
    },
    "bitwise_and": Rule(np.bitwise_and),
    "bitwise_or": Rule(np.bitwise_or),
    "bitwise_xor": Rule(np.bitwise_xor),
    "clamp": Rule(_clamped),
    "clamp_min": Rule(lambda x, low: _clamped(x, low, None)),
    "clamp_max": Rule(lambda x, high: _clamped(x, None, high)),
    "where": Rule(np.where, skipped=(0,)),
    "masked_fill": Rule(lambda x, mask, value: np.where(mask, value, x), skipped=(1,)),
}
