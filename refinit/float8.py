"""The 8-bit floating types, as codes: no processor and not NumPy has them, and only constants are written in them.

Names, rounding and what lies beyond the largest value are torch's, which follow arXiv:2209.05433 (e4m3fn, e5m2),
arXiv:2206.02915 (fnuz) and the OCP specification of microscaling formats (e8m0fnu).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_SIGN = 0x80


@dataclass(frozen=True)
class Float8:
    """A sign bit, an exponent and ``mantissa`` bits; value = mantissa 2^(exponent - bias), the hidden bit aside.

    ``greatest``: the code of the largest finite value. ``beyond``: that of what rounds to more, and of infinity.
    ``nan``: that of nan. ``has_infinity``, ``has_minus_zero``: whether there are these.
    """

    mantissa: int
    bias: int
    greatest: int
    beyond: int
    nan: int
    has_infinity: bool = False
    has_minus_zero: bool = True

    def value(self, code: int) -> float:
        """Of a code without its sign; that of infinity is what would follow the largest."""
        exponent, mantissa = divmod(code, 1 << self.mantissa)
        hidden = 1 << self.mantissa if exponent else 0
        return math.ldexp(hidden + mantissa, max(exponent, 1) - self.bias - self.mantissa)

    @cached_property
    def values(self) -> list[float]:
        """What the codes from 0 to the one after the largest finite value hold, or would."""
        return [self.value(code) for code in range(self.greatest + 2)]

    @property
    def max(self) -> float:
        """The largest finite value."""
        return self.value(self.greatest)

    @property
    def lowest(self) -> float:
        """The least finite value."""
        return -self.max

    def code(self, number: float) -> int:
        """The nearest code, of two the even one, to a number that float32 holds."""
        sign = _SIGN if math.copysign(1.0, number) < 0 else 0
        if math.isnan(number):
            return self.nan | sign
        code = self._nearest(abs(number))
        if code > self.greatest:
            code = self.beyond
        if code >= _SIGN or (code == 0 and not self.has_minus_zero):
            return code
        return sign | code

    def _nearest(self, magnitude: float) -> int:
        code = bisect_left(self.values, magnitude)
        if code == len(self.values) or self.values[code] == magnitude:
            return code
        middle = (self.values[code - 1] + self.values[code]) / 2
        return code - code % 2 if magnitude == middle else code - (magnitude < middle)


@dataclass(frozen=True)
class PowerOfTwo:
    """e8m0fnu: code c holds 2^(c - 127), 255 nan; there is no sign and no zero, whose code is that of the least."""

    max: float = 2.0**127
    lowest: float = 2.0**-127
    has_infinity: bool = False

    def code(self, number: float) -> int:
        """The exponent, rounded up from 1.5 on, of a number that float32 holds."""
        bits = int(np.float32(number).view(np.uint32))
        exponent, mantissa = bits >> 23 & 0xFF, bits & 0x7FFFFF
        half = 1 << 22
        if exponent == 0xFF:
            return exponent
        return exponent + (mantissa >= half if exponent else mantissa > half)


FLOAT8: dict[str, Float8 | PowerOfTwo] = {
    "float8_e4m3fn": Float8(3, 7, greatest=0x7E, beyond=0x7E, nan=0x7F),
    "float8_e5m2": Float8(2, 15, greatest=0x7B, beyond=0x7C, nan=0x7F, has_infinity=True),
    "float8_e4m3fnuz": Float8(3, 8, greatest=0x7F, beyond=0x80, nan=0x80, has_minus_zero=False),
    "float8_e5m2fnuz": Float8(2, 16, greatest=0x7F, beyond=0x80, nan=0x80, has_minus_zero=False),
    "float8_e8m0fnu": PowerOfTwo(),
}


def float8_code(name: str, number: complex) -> int:
    """The code of a number in the type of that name, by way of float32, as torch converts."""
    with np.errstate(all="ignore"):
        return FLOAT8[name].code(float(np.float32(number.real)))
