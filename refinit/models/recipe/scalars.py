"""Numbers in JSON: exact, with nan and the infinities as strings, complex ones as pairs of parts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

#: What JSON has no numbers for.  Where a number may stand, these strings are numbers.
SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def number_to_json(value: Any) -> Any:
    """A Python or NumPy number as JSON has it."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, complex):
        return {"real": number_to_json(value.real), "imag": number_to_json(value.imag)}
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def number_from_json(value: Any) -> Any:
    """The number, or None where it is none."""
    if isinstance(value, str):
        return SPECIAL.get(value)
    if isinstance(value, dict) and set(value) == {"real", "imag"}:
        parts = [number_from_json(value[key]) for key in ("real", "imag")]
        return complex(*parts) if all(type(part) in (float, int) for part in parts) else None
    return value if isinstance(value, (bool, int, float)) else None
