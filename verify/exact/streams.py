"""What a random stream adds to a law: its grid, its largest normal, and what becomes of an excluded end."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import Literal


@dataclass(frozen=True)
class Stream:
    """A stream by name.

    `end` says what a uniform value that rounds to the excluded upper bound becomes: the lower bound or the largest
    value below. `bits` and `bits_double` count the random bits behind a radius of the normal law.
    """

    name: str
    end: Literal["low", "below"]
    bits: int = 24
    bits_double: int = 53

    def largest_normal(self, real: str, blocked: bool) -> float:
        """No normal value of the stream lies farther from its mean, in standard deviations.

        Torch's serial path (fewer than 16 elements, or scattered ones) draws in double for every dtype.
        """
        bits = self.bits if blocked and real != "float64" else self.bits_double
        return sqrt(2.0 * bits * log(2.0))


TORCH = Stream("torch", end="low")
