"""Floating-point instructions of verify.cuda.ptx against exact rational arithmetic, rounded once."""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.cuda.ptx.sources import Case, case_ids, check, combinations, evaluated, operands_of
from verify.cuda.ptx import UnsupportedPtx

ONE, TWO, THREE = "{d}, {0}", "{d}, {0}, {1}", "{d}, {0}, {1}, {2}"
NAN = 0x7FFFFFFF
#: Bits of the significand, and the exponent of the smallest normal number.
FORMATS = {"f32": (24, -126), "f64": (53, -1022)}
CODES = {"f32": "<fI", "f64": "<dQ"}
#: What NaNs compare equal to here: double precision leaves the payload open.
ANY_NAN = "nan"


def number(bits: int, kind: str) -> float:
    code = CODES[kind]
    return float(struct.unpack(code[:2], struct.pack(f"<{code[2]}", bits))[0])


def bits_of(value: float, kind: str) -> int:
    """The bits of a number that the type has; single precision's one NaN."""
    if math.isnan(value):
        return NAN if kind == "f32" else 0x7FF8 << 48
    code = CODES[kind]
    return int(struct.unpack(f"<{code[2]}", struct.pack(code[:2], value))[0])


def nearest(exact: Fraction, kind: str, zero: float = 0.0) -> float:
    """The number of that type nearest to a rational, ties to even; `zero` is what an exact zero becomes."""
    if exact == 0:
        return zero
    digits, lowest = FORMATS[kind]
    size = abs(exact)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    exponent -= Fraction(2) ** exponent > size
    quantum = Fraction(2) ** (max(exponent, lowest) - digits + 1)
    rounded = round(size / quantum) * quantum
    beyond = rounded >= Fraction(2) ** (2 - lowest)
    return math.copysign(math.inf if beyond else float(rounded), 1 if exact > 0 else -1)


def total(x: float, y: float, kind: str) -> float:
    if not (math.isfinite(x) and math.isfinite(y)):
        return x + y
    return nearest(Fraction(x) + Fraction(y), kind, x + y)


def product(x: float, y: float, kind: str) -> float:
    if not (math.isfinite(x) and math.isfinite(y)):
        return x * y
    return nearest(Fraction(x) * Fraction(y), kind, math.copysign(0.0, x) * math.copysign(1.0, y))


def fused(x: float, y: float, z: float, kind: str) -> float:
    if not (math.isfinite(x) and math.isfinite(y)):
        return x * y + z
    if not math.isfinite(z):
        return z
    zero = math.copysign(0.0, x) * math.copysign(1.0, y)
    exact = Fraction(x) * Fraction(y)
    return nearest(exact + Fraction(z), kind, zero + z if exact == 0 else 0.0)


def quotient(x: float, y: float, kind: str) -> float:
    if math.isnan(x) or math.isnan(y) or (math.isinf(x) and math.isinf(y)) or (x == 0 == y):
        return math.nan
    sign = math.copysign(1.0, x) * math.copysign(1.0, y)
    if math.isinf(x) or y == 0:
        return sign * math.inf
    return sign * 0.0 if math.isinf(y) else nearest(Fraction(x) / Fraction(y), kind, sign * 0.0)


def root(x: float, kind: str) -> float:
    """The square root to 200 digits, which is never halfway between two numbers, rounded."""
    if math.isnan(x) or x < 0:
        return math.nan
    if x == 0 or math.isinf(x):
        return x
    shift = 1400
    return nearest(Fraction(math.isqrt(int(Fraction(x) * 4**shift)), 2**shift), kind)


def lesser(x: float, y: float) -> float:
    if math.isnan(x) or math.isnan(y):
        return y if math.isnan(x) else x
    return min(x, y) if x != y else min(x, y, key=lambda zero: math.copysign(1.0, zero))


def greater(x: float, y: float) -> float:
    return -lesser(-x, -y)


def arithmetic(kind: str) -> Iterator[Case]:
    def case(text: str, function: Callable[..., float]) -> Case:
        count = text.count("{") - 1

        def reference(*bits: int) -> int:
            return bits_of(function(*(number(operand, kind) for operand in bits)), kind)

        return Case(text, (kind,) * count, kind, reference)

    yield case(f"add.rn.{kind} {TWO}", lambda x, y: total(x, y, kind))
    yield case(f"sub.rn.{kind} {TWO}", lambda x, y: total(x, -y, kind))
    yield case(f"mul.rn.{kind} {TWO}", lambda x, y: product(x, y, kind))
    yield case(f"div.rn.{kind} {TWO}", lambda x, y: quotient(x, y, kind))
    yield case(f"rcp.rn.{kind} {ONE}", lambda x: quotient(1.0, x, kind))
    yield case(f"fma.rn.{kind} {THREE}", lambda x, y, z: fused(x, y, z, kind))
    yield case(f"mad.rn.{kind} {THREE}", lambda x, y, z: fused(x, y, z, kind))
    yield case(f"sqrt.rn.{kind} {ONE}", lambda x: root(x, kind))
    yield case(f"min.{kind} {TWO}", lesser)
    yield case(f"max.{kind} {TWO}", greater)


def signs(kind: str) -> Iterator[Case]:
    top = 1 << (31 if kind == "f32" else 63)
    yield Case(f"neg.{kind} {ONE}", (kind,), kind, lambda x: x ^ top)
    yield Case(f"abs.{kind} {ONE}", (kind,), kind, lambda x: x & ~top)
    yield Case(f"copysign.{kind} {TWO}", (kind, kind), kind, lambda x, y: x & top | y & ~top)
    yield Case(f"selp.{kind} {THREE}", (kind, kind, "pred"), kind, lambda x, y, p: x if p else y)


def comparisons(kind: str) -> Iterator[Case]:
    def case(name: str, condition: Callable[[float, float], bool], of_nan: bool) -> Case:
        def reference(*bits: int) -> int:
            x, y = (number(operand, kind) for operand in bits)
            return int(of_nan if math.isnan(x) or math.isnan(y) else condition(x, y))

        return Case(f"setp.{name}.{kind} {TWO}", (kind, kind), "pred", reference)

    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        yield case(name, getattr(operator, name), of_nan=False)
        yield case(f"{name}u", getattr(operator, name), of_nan=True)
    yield case("num", lambda x, y: True, of_nan=False)
    yield case("nan", lambda x, y: False, of_nan=True)


CASES = [case for kind in FORMATS for part in (arithmetic, signs, comparisons) for case in part(kind)]


def checked(case: Case, operands: list[tuple[int, ...]]) -> None:
    """As `check`, with double precision's NaNs all alike, and its signalling ones left out."""
    if case.result != "f64" or case.reference.__name__ == "<lambda>":
        return check(case, operands)
    for operand_bits, bits in zip(operands, evaluated(case, operands), strict=True):
        expected = case.reference(*operand_bits)
        expected_value, value = number(expected, "f64"), number(bits, "f64")
        same = bits == expected or (math.isnan(expected_value) and math.isnan(value))
        assert same, f"{case.text}: {[*map(hex, operand_bits)]} gives {value!r}, not {expected_value!r}"
    return None


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
def test_edges(case):
    checked(case, combinations(case))


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_any_operands(case, data):
    checked(case, data.draw(operands_of(case)))


def test_a_product_and_a_sum_with_stated_roundings_are_not_fused():
    """(1 + 2**-12)**2 - (1 + 2**-11): 0 with two roundings, 2**-24 with one."""
    x, z = bits_of(1 + 2**-12, "f32"), bits_of(-(1 + 2**-11), "f32")
    kinds = ("f32", "f32")
    two = Case("mul.rn.f32 {d}, {0}, {0};\nadd.rn.f32 {d}, {d}, {1}", kinds, "f32", lambda x, z: 0)
    assert evaluated(two, [(x, z)]) == [0]
    case = Case("fma.rn.f32 {d}, {0}, {0}, {1}", kinds, "f32", lambda x, z: 0)
    assert evaluated(case, [(x, z)]) == [bits_of(2**-24, "f32")]


@pytest.mark.parametrize("name", ["add", "sub", "mul"])
@pytest.mark.parametrize("kind", ["f32", "f64"])
def test_what_ptxas_may_contract_is_refused_unless_asked_for(name, kind):
    opcode = f"{name}.{kind}"
    case = Case(f"{opcode} {TWO}", (kind, kind), kind, lambda x, y: 0)
    operands = [(bits_of(1.5, kind), bits_of(0.25, kind))]
    with pytest.raises(UnsupportedPtx, match=r"line \d+: ptxas may contract this: " + opcode):
        evaluated(case, operands)
    rounded = Case(f"{name}.rn.{kind} {TWO}", (kind, kind), kind, lambda x, y: 0)
    assert evaluated(case, operands, allow=[opcode]) == evaluated(rounded, operands)


FUNCTIONS = {
    "ex2.approx": math.exp2 if hasattr(math, "exp2") else lambda x: 2.0**x,
    "lg2.approx.ftz": math.log2,
    "sin.approx": math.sin,
    "cos.approx.ftz": math.cos,
    "rsqrt.approx": lambda x: 1 / math.sqrt(x),
    "sqrt.approx.ftz": math.sqrt,
    "rcp.approx": lambda x: 1 / x,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_approximations_are_refused_unless_asked_for(name):
    case = Case(f"{name}.f32 {ONE}", ("f32",), "f32", lambda x: 0)
    values = [0.5, 1.25, 3.0]
    operands = [(bits_of(value, "f32"),) for value in values]
    with pytest.raises(UnsupportedPtx, match="approximate"):
        evaluated(case, operands)
    results = [number(bits, "f32") for bits in evaluated(case, operands, allow=[f"{name}.f32"])]
    assert results == pytest.approx([FUNCTIONS[name](value) for value in values], rel=2**-23)


def test_the_double_reciprocal_that_logarithms_refine_is_asked_for_by_name_and_flushes():
    case = Case(f"rcp.approx.ftz.f64 {ONE}", ("f64",), "f64", lambda x: 0)
    operands = [(bits_of(value, "f64"),) for value in (3.0, -0.75, 2.0**1023, 5e-324)]
    with pytest.raises(UnsupportedPtx, match="approximate"):
        evaluated(case, operands)
    results = [number(bits, "f64") for bits in evaluated(case, operands, allow=["rcp.approx.ftz.f64"])]
    assert results == [1 / 3.0, -1 / 0.75, 0.0, math.inf]


def test_flushing_is_refused_unless_asked_for_and_flushes_operands_and_results():
    case = Case(f"mul.rn.ftz.f32 {TWO}", ("f32", "f32"), "f32", lambda x, y: 0)
    tiny, half = bits_of(-(2.0**-126), "f32"), bits_of(0.5, "f32")
    operands = [(tiny, half), (1, bits_of(2.0**100, "f32")), (half, half)]
    with pytest.raises(UnsupportedPtx, match="flushes subnormals"):
        evaluated(case, operands)
    results = evaluated(case, operands, allow=["mul.rn.ftz.f32"])
    assert results == [0x80000000, 0, bits_of(0.25, "f32")]


REFUSED = [
    "add.rz.f32 {d}, {0}, {1}",
    "fma.rm.f32 {d}, {0}, {1}, {1}",
    "min.NaN.f32 {d}, {0}, {1}",
    "add.rn.sat.f32 {d}, {0}, {1}",
    "tanh.approx.f32 {d}, {0}",
    "div.f32 {d}, {0}, {1}",
    "add.rn.f16 {d}, {0}, {1}",
    "setp.lt.ftz.f32 {d}, {0}, {1}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_other_roundings_and_modifiers_are_refused(text):
    with pytest.raises(UnsupportedPtx, match=text.split()[0]):
        evaluated(Case(text, ("f32", "f32"), "f32", lambda x, y: 0, (text.split()[0],)), [(0, 0)])
