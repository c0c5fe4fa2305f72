"""What the loops need to know of an element type: how to encode a computed value, and how to read one back."""

from typing import NamedTuple

from numpy import float32, float64, uint16

from ..math.halves import bfloat16_bits, equal, float32_of_bfloat16, same, same_half
from . import half_conversions


class Element(NamedTuple):
    """``memory``: type of a stored element; ``real``: the type arithmetic is done in (torch's "opmath")."""

    memory: object
    real: object
    encode: object
    decode: object
    equal: object  # as numbers


ELEMENTS = {
    "float32": Element(float32, float32, same, same, equal),
    "float64": Element(float64, float64, same, same, equal),
    "float16": Element(uint16, float32, half_conversions.encode, half_conversions.decode, same_half),
    "bfloat16": Element(uint16, float32, bfloat16_bits, float32_of_bfloat16, same_half),
}
