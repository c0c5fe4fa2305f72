"""Which of four regimes a truncated normal law belongs to, and its parameters there.

``streams/counter/math/regimes.py`` has the layout of the parameters.  ``decimal`` gives the same digits on every
platform, which the C library's erf, exp and log do not.
"""

from __future__ import annotations

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import lru_cache
from typing import NamedTuple

from ....dtypes import ELEMENTS, Element
from .fits import FLOAT32, FLOAT64, Accuracy, narrow_fit, tail_fit
from .normal_tail import tail_ratio, upper

CONTEXT = Context(
    prec=38,  # two words of libmpdec
    rounding=ROUND_HALF_EVEN,
    Emin=-999999,
    Emax=999999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, InvalidOperation, Overflow],
)


class TruncationParameters(NamedTuple):
    """``regime``: "inner", "central", "tail" or "narrow"; its parameters; the smallest and the largest value."""

    regime: str
    parameters: tuple[float, ...]
    lowest: float
    highest: float


@lru_cache(maxsize=256)
def truncation_parameters(mean: float, std: float, lo: float, hi: float, name: str) -> TruncationParameters:
    """N(mean, std^2) given that it lies in [lo, hi], for elements of type ``name``.

    Parameters
    ----------
    mean, std, lo, hi
        Finite mean, std > 0, lo <= hi; the bounds may be infinite.
    name
        "float32", "float64", "float16" or "bfloat16".

    Raises
    ------
    ValueError
        If the type has no value in [lo, hi], or its arithmetic cannot hold mean, std or hi - lo where it needs them.
    """
    element = ELEMENTS[name]
    lowest, highest = element.within(lo, hi, "[a, b]")
    real = element.computed
    accuracy = FLOAT64 if real.itemsize == 8 else FLOAT32
    with localcontext(CONTEXT):
        regime, numbers = _regime(Decimal(mean), Decimal(std), Decimal(lo), Decimal(hi), accuracy)
        parameters = (lowest, highest, *(_rounded(number, real) for number in numbers))
    return TruncationParameters(regime, parameters, lowest, highest)


def _rounded(number: Decimal, real: Element) -> float:
    """Return the nearest number of the arithmetic type, a finite one."""
    if abs(number) > Decimal(real.max):
        raise ValueError(
            f"expected mean, std and b - a of at most {real.max:g}, which {real.name} holds, got {float(number):g}"
        )
    return real.rounded(float(number)) + 0.0


def _regime(
    mean: Decimal, std: Decimal, lo: Decimal, hi: Decimal, accuracy: Accuracy
) -> tuple[str, list[Decimal]]:
    """Return the regime and its parameters after the first two."""
    alpha, beta, near, width = (lo - mean) / std, (hi - mean) / std, lo, hi - lo
    if -alpha > beta:  # the mirror image
        alpha, beta, near, width, std = -beta, -alpha, hi, -width, -std
    sigmas = abs(width / std)
    is_tail = alpha >= accuracy.far
    if is_tail:
        above = tail_ratio(alpha, beta, sigmas)
        inside = 1 - above
    else:
        above = upper(beta)
        inside = upper(alpha) - above
    if above >= inside:
        outside = min(above, 4 * inside) / inside if inside > 0 else Decimal(4)
        return "narrow", [near, width, *narrow_fit(alpha, sigmas, outside, accuracy)]
    if is_tail:
        step = inside / accuracy.words
        return "tail", [near, std / (2 * alpha), step, above + step / 2, *tail_fit(alpha, above, accuracy)]
    regime = "inner" if above >= accuracy.outer else "central"
    half = inside / accuracy.words
    return regime, [mean, std, 2 * half, 2 * (1 - upper(alpha)) + half, 2 * above + half]
