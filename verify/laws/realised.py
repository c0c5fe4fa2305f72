"""The law of one real component as a format and a stream realise it."""

from __future__ import annotations

from functools import lru_cache

from ..cases.formats import Format
from .elements import (
    Continuous,
    ElementLaw,
    Realised,
    component_law,
    excluded_end,
    interval,
    spread,
    support,
    truncation_slack,
)
from .half import realise_half
from .reference import TruncatedNormal
from .streams import Stream


@lru_cache(maxsize=256)
def realise(law: ElementLaw, form: Format, stream: Stream, largest_normal: float) -> Realised:
    """The law of one real component of a weight of that format drawn from that stream."""
    law = component_law(law, form)
    if form.is_half:
        return realise_half(law, form, stream, largest_normal)
    return realise_fine(law, form, stream, largest_normal)


def realise_fine(law: ElementLaw, form: Format, stream: Stream, largest_normal: float) -> Continuous:
    """The law of an element of four or eight bytes."""
    low, high = support(law, form, stream, largest_normal)
    # float32: 24-bit grid of the uniforms, rounding of the result; 2**-20 leaves room for both in every moment.
    grid = 2.0**-20 if form.real == "float32" else 2.0**-40
    sigma, (first, last) = spread(law), interval(law)
    rounding = form.epsilon * max(abs(max(first, low)), abs(min(last, high))) + grid * sigma
    slack, away = rounding / sigma + 2.0**-22, sigma
    if isinstance(law, TruncatedNormal):
        slack = truncation_slack(law, rounding, stream)
        # Squares are taken around the middle of the interval, from which tails lie far.
        away = max(sigma, abs(max(law.low, min(law.mean, law.high)) - (law.low + law.high) / 2.0))
    return Continuous(
        lowest=low,
        highest=high,
        excluded=excluded_end(law, form, stream),
        slack=slack,
        mean_slack=rounding,
        square_slack=4.0 * rounding * away + grid * sigma**2,
        law=law,
    )
