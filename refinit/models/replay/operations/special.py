"""Functions that NumPy lacks, by scipy, which is imported when they are used."""

from __future__ import annotations

from typing import Any

from ...._fork import undivided


def erf(x: Any) -> Any:
    """The error function."""
    with undivided():
        from scipy.special import erf as function
    return function(x)


def erfinv(x: Any) -> Any:
    """Its inverse; outside of [-1, 1] nan, as torch has it."""
    with undivided():
        from scipy.special import erfinv as function
    return function(x)
