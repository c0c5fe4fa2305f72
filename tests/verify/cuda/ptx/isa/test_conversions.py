"""cvt and mov of verify.cuda.ptx against Python, NumPy and ml_dtypes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.cuda.ptx.isa.test_floats import NAN, bits_of, nearest, number
from tests.verify.cuda.ptx.sources import (
    Case,
    case_ids,
    check,
    combinations,
    cut,
    evaluated,
    operands_of,
    over,
)
from verify.cuda.ptx import UnsupportedPtx

ONE = "{d}, {0}"


def resized() -> Iterator[Case]:
    """Between integers: cut, or extended by the source's sign; registers are at least 16 bits wide."""
    for source, width, value in over((8, 16, 32, 64)):
        for target, wide, _ in over((8, 16, 32, 64)):
            registers = f"b{max(width, 16)}", f"b{max(wide, 16)}"
            yield Case(
                f"cvt.{target}.{source} {ONE}",
                registers[:1],
                registers[1],
                _resize(value, width, target, wide),
            )


def _resize(value: Callable[[int], int], width: int, target: str, wide: int) -> Callable[[int], int]:
    def reference(bits: int) -> int:
        result = cut(value(cut(bits, width)), wide)
        if target == "s8":
            result = cut(result - 256 if result > 127 else result, 16)
        return result

    return reference


def from_integers() -> Iterator[Case]:
    for source, width, value in over((16, 32, 64)):
        for kind in ("f32", "f64"):

            def reference(bits: int, value: Callable[[int], int] = value, kind: str = kind) -> int:
                return bits_of(nearest(Fraction(value(bits)), kind), kind)

            yield Case(f"cvt.rn.{kind}.{source} {ONE}", (f"b{width}",), kind, reference)


ROUNDINGS = {"rni": round, "rzi": math.trunc, "rmi": math.floor, "rpi": math.ceil}


def to_integers() -> Iterator[Case]:
    for target, width, _ in over((16, 32, 64)):
        for kind in ("f32", "f64"):
            for name in ROUNDINGS:
                yield Case(
                    f"cvt.{name}.{target}.{kind} {ONE}",
                    (kind,),
                    f"b{width}",
                    _whole(name, kind, target, width),
                )


def _whole(name: str, kind: str, target: str, width: int) -> Callable[[int], int]:
    lowest = -(1 << (width - 1)) if target[0] == "s" else 0
    highest = lowest + (1 << width) - 1

    def reference(bits: int) -> int:
        value = number(bits, kind)
        if math.isnan(value):
            # PTX ISA, cvt: 0, unless the source is .f64 or the destination has 64 bits.
            return 1 << (width - 1) if kind == "f64" or width == 64 else 0
        if math.isinf(value):
            return cut(highest if value > 0 else lowest, width)
        return cut(min(max(ROUNDINGS[name](value), lowest), highest), width)

    return reference


def to_whole_floats() -> Iterator[Case]:
    for kind in ("f32", "f64"):
        for name, function in ROUNDINGS.items():

            def reference(bits: int, kind: str = kind, function: Callable[[float], int] = function) -> int:
                value = number(bits, kind)
                if math.isnan(value):
                    return NAN if kind == "f32" else bits | 1 << 51
                return bits if math.isinf(value) else bits_of(math.copysign(function(value), value), kind)

            yield Case(f"cvt.{name}.{kind}.{kind} {ONE}", (kind,), kind, reference)


def half(dtype: type, bits: int) -> int:
    value = number(bits, "f32")
    with np.errstate(over="ignore"):
        return (
            0x7FFF
            if math.isnan(value)
            else int(np.array([value], np.float32).astype(dtype).view(np.uint16)[0])
        )


def halved() -> Iterator[Case]:
    for kind, dtype in (("f16", np.float16), ("bf16", ml_dtypes.bfloat16)):

        def reference(bits: int, dtype: type = dtype) -> int:
            return half(dtype, bits)

        def pair(upper: int, lower: int, dtype: type = dtype) -> int:
            return half(dtype, upper) << 16 | half(dtype, lower)

        def back(bits: int, dtype: type = dtype) -> int:
            value = float(np.array([bits], np.uint16).view(dtype).astype(np.float32)[0])
            return bits_of(value, "f32")

        yield Case(f"cvt.rn.{kind}.f32 {ONE}", ("f32",), "b16", reference)
        yield Case(f"cvt.rn.{kind}x2.f32 {{d}}, {{0}}, {{1}}", ("f32", "f32"), "b32", pair)
        yield Case(f"cvt.f32.{kind} {ONE}", ("b16",), "f32", back)


def between_floats() -> Iterator[Case]:
    def narrowed(bits: int) -> int:
        value = number(bits, "f64")
        return bits_of(nearest(Fraction(value), "f32", value) if math.isfinite(value) else value, "f32")

    def saturated(bits: int) -> int:
        value = number(bits, "f32")
        return bits_of(min(value, 1.0) if value > 0 else 0.0, "f32")

    yield Case(f"cvt.rn.f32.f64 {ONE}", ("f64",), "f32", narrowed)
    yield Case(f"cvt.sat.f32.f32 {ONE}", ("f32",), "f32", saturated)


def moved() -> Iterator[Case]:
    yield Case("mov.b64 {d}, {{{0}, {1}}}", ("b32", "b32"), "b64", lambda x, y: y << 32 | x)
    yield Case("mov.b64 {d}, {{{0}, {1}}}", ("f32", "f32"), "b64", lambda x, y: y << 32 | x)
    yield Case("mov.b32 {d}, {{{0}, {1}}}", ("b16", "b16"), "b32", lambda x, y: y << 16 | x)
    yield Case("mov.b64 {{_, {d}}}, {0}", ("b64",), "b32", lambda x: x >> 32)
    yield Case("mov.b64 {{{d}, %r30}}, {0}", ("b64",), "b32", lambda x: cut(x, 32))
    yield Case("mov.b32 {{%h1, {d}}}, {0}", ("b32",), "b16", lambda x: x >> 16)
    four = ("b16", "b16", "b16", "b16")
    joined = "mov.b64 {d}, {{{0}, {1}, {2}, {3}}}"
    yield Case(joined, four, "b64", lambda a, b, c, d: d << 48 | c << 32 | b << 16 | a)
    yield Case("mov.b32 {d}, {0}", ("f32",), "b32", lambda x: x)
    yield Case("mov.b32 {d}, 0fBF800000", ("f32",), "f32", lambda x: 0xBF800000)
    yield Case("mov.f64 {d}, 0d3FF921FB54442D19", ("f64",), "f64", lambda x: 0x3FF921FB54442D19)


PARTS = (resized, from_integers, to_integers, halved, between_floats, moved)
CASES = [case for part in PARTS for case in part()]
WHOLE_FLOATS = list(to_whole_floats())


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
def test_edges(case):
    check(case, combinations(case))


@pytest.mark.parametrize("case", WHOLE_FLOATS, ids=case_ids(WHOLE_FLOATS))
def test_rounding_to_whole_numbers_keeps_the_sign_of_zero(case):
    check(
        case,
        [
            bits
            for bits in combinations(case)
            if case.result == "f32" or not math.isnan(number(bits[0], "f64"))
        ],
    )


FEW = [*halved(), *between_floats(), *from_integers(), *to_integers()]


@pytest.mark.parametrize("case", FEW, ids=case_ids(FEW))
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_any_operands(case, data):
    check(case, data.draw(operands_of(case)))


def test_single_precision_becomes_double_exactly():
    case = Case(f"cvt.f64.f32 {ONE}", ("f32",), "f64", lambda x: bits_of(number(x, "f32"), "f64"))
    check(case, [operands for operands in combinations(case) if not math.isnan(number(operands[0], "f32"))])


@pytest.mark.parametrize("kind", ["f16", "bf16"])
def test_every_half_of_a_sweep_rounds_to_nearest_even(kind):
    """Every half, and both neighbours of each midpoint between two."""
    dtype = np.float16 if kind == "f16" else ml_dtypes.bfloat16
    values = (
        np.arange(0, 0x7C00 if kind == "f16" else 0x7F80, 37).astype(np.uint16).view(dtype).astype(np.float32)
    )
    middle = ((values[:-1].astype(np.float64) + values[1:]) / 2).astype(np.float32).view(np.uint32)
    near = np.concatenate([values.view(np.uint32), middle - 1, middle, middle + 1]).tolist()
    check(
        Case(f"cvt.rn.{kind}.f32 {ONE}", ("f32",), "b16", lambda bits: half(dtype, bits)),
        [(x,) for x in near],
    )


REFUSED = [
    ("cvt.f32.s32 {d}, {0}", "b32", "f32"),
    ("cvt.rz.f32.f64 {d}, {0}", "f64", "f32"),
    ("cvt.sat.s8.s32 {d}, {0}", "b32", "b16"),
    ("cvt.s32.f32 {d}, {0}", "f32", "b32"),
    ("cvt.ftz.f32.f32 {d}, {0}", "f32", "f32"),
    ("cvt.rn.relu.f16.f32 {d}, {0}", "f32", "b16"),
    ("cvt.rna.tf32.f32 {d}, {0}", "f32", "b32"),
    ("cvt.f64.f16 {d}, {0}", "b16", "f64"),
    ("mov.b32 {d}, {0}", "b64", "b32"),
    ("mov.u32 {d}, %clock", "b32", "b32"),
    ("mov.u32 {d}, unknown", "b32", "b32"),
    ("mov.u32 {d}, 4294967296", "b32", "b32"),
]


@pytest.mark.parametrize(("text", "kind", "result"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_what_is_not_covered_is_refused_with_its_line(text, kind, result):
    with pytest.raises(UnsupportedPtx, match=r"^line \d+: "):
        evaluated(Case(text, (kind,), result, lambda x: 0), [(0,)])
