"""The formats of numbers in memory: how a loop encodes a value that it has computed, and reads one back."""

from typing import NamedTuple

from numpy import float32, float64, uint16

from ..math.halves import bfloat16_bits, equal, equal_halves, float32_of_bfloat16, identity
from . import half_conversions


class Format(NamedTuple):
    """``memory``: type of a stored element; ``real``: the type arithmetic is done in (torch's "opmath")."""

    memory: object
    real: object
    encode: object
    decode: object
    equal: object  # as numbers


FORMATS = {
    "float32": Format(float32, float32, identity, identity, equal),
    "float64": Format(float64, float64, identity, identity, equal),
    "float16": Format(uint16, float32, half_conversions.encode, half_conversions.decode, equal_halves),
    "bfloat16": Format(uint16, float32, bfloat16_bits, float32_of_bfloat16, equal_halves),
}
