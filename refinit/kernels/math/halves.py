"""float32 to and from the bits of float16 and bfloat16, rounding to nearest even, with integers only.

Integer arithmetic vectorises on every CPU and calls no compiler runtime, unlike LLVM's own conversions.
"""

from numpy import float32, int32, uint16, uint32

from .intrinsics import bits_of_float32, core, float32_of_bits


@core
def bfloat16_bits(x):
    """float32 -> bfloat16 bits, nearest even; nan -> the quiet nan 0x7FC0."""
    bits = bits_of_float32(x)
    rounded = (bits + uint32(0x7FFF) + ((bits >> uint32(16)) & uint32(1))) >> uint32(16)
    return uint16(uint32(0x7FC0) if x != x else rounded)


@core
def float32_of_bfloat16(bits):
    """bfloat16 bits -> float32, exact."""
    return float32_of_bits(uint32(uint32(bits) << uint32(16)))


@core
def float16_bits(x):
    """float32 -> float16 bits, nearest even, subnormals kept; nan -> the quiet nan 0x7E00 with its sign."""
    bits = bits_of_float32(x)
    sign = (bits >> uint32(16)) & uint32(0x8000)
    magnitude = bits & uint32(0x7FFFFFFF)
    # from 2**-14 on: move the exponent bias from 127 to 15, round at bit 13 (65520 and more carry into infinity)
    odd = (magnitude >> uint32(13)) & uint32(1)
    normal = uint32(magnitude - uint32((127 - 15) << 23) + uint32(0xFFF) + odd) >> uint32(13)
    # below: one ulp of [1/2, 1) is the subnormal unit 2**-24, so the float adder rounds for us
    shifted = float32(float32_of_bits(magnitude) + float32(0.5))
    subnormal = uint32(bits_of_float32(shifted) - uint32(0x3F000000))
    result = normal if magnitude >= uint32(0x38800000) else subnormal
    result = uint32(0x7C00) if magnitude >= uint32(0x47800000) else result
    result = uint32(0x7E00) if magnitude > uint32(0x7F800000) else result
    return uint16(sign | result)


@core
def float32_of_float16(bits):
    """float16 bits -> float32, exact."""
    wide = uint32(bits)
    sign = uint32((wide & uint32(0x8000)) << uint32(16))
    exponent = wide & uint32(0x7C00)
    mantissa = wide & uint32(0x3FF)
    shifted = uint32((wide & uint32(0x7FFF)) << uint32(13))
    normal = float32_of_bits(uint32(shifted + uint32((127 - 15) << 23)))
    # by an integer conversion and not by scaling a float32 subnormal: that would vanish under flush-to-zero
    subnormal = float32(float32(int32(mantissa)) * float32(2.0**-24))
    special = float32_of_bits(uint32(shifted | uint32(0x7F800000)))  # infinity and nan keep their mantissa
    value = subnormal if exponent == uint32(0) else normal
    value = special if exponent == uint32(0x7C00) else value
    return float32_of_bits(bits_of_float32(value) | sign)


@core
def equal_halves(a, b):
    """Whether two bit patterns (neither nan) are the same number: 0 and -0 are."""
    return a == b or (uint32(a) | uint32(b)) & uint32(0x7FFF) == uint32(0)


@core
def identity(x):
    """A number that memory holds as it is computed."""
    return x


@core
def equal(a, b):
    """Whether two such numbers are equal."""
    return a == b
