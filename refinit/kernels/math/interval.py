"""A uniform on the unit interval to one on [low, high), as torch does it on both of its streams."""

from .intrinsics import core, fma


@core
def spread(u, low, width):
    """u * width + low with one rounding: torch's builds contract it, and half the results show it."""
    return fma(u, width, low)


@core
def below(value, low, high):
    """``low`` where rounding has reached the excluded bound, else ``value``."""
    return low if value == high else value
