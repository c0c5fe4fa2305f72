"""Integer instructions of verify.cuda.ptx against Python's integers."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.cuda.ptx.sources import Case, case_ids, check, combinations, cut, operands_of, over, signed


def quotient(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def divided(a: int, b: int, width: int, kind: str, name: str) -> int:
    """Where PTX leaves it open (0 as divisor, the lowest number by -1) the executor gives -1."""
    lowest = kind[0] == "s" and a == -(1 << (width - 1)) and b == -1
    if b == 0 or lowest:
        return cut(-1, width)
    whole = quotient(a, b)
    return cut(whole if name == "div" else a - whole * b, width)


def extracted(a: int, position: int, length: int, width: int, sign: bool) -> int:
    """The loop of the PTX ISA."""
    position, length = position & 255, length & 255
    top = min(position + length - 1, width - 1)
    fill = a >> top & 1 if sign and length else 0
    bits = [a >> (position + i) & 1 if i < length and position + i < width else fill for i in range(width)]
    return sum(bit << i for i, bit in enumerate(bits))


def inserted(a: int, b: int, position: int, length: int, width: int) -> int:
    """The loop of the PTX ISA."""
    position, length = position & 255, length & 255
    for i in range(length):
        if position + i < width:
            b = b & ~(1 << (position + i)) | (a >> i & 1) << (position + i)
    return b


def permuted(a: int, b: int, selector: int) -> int:
    pool = (b << 32 | a).to_bytes(8, "little")
    result = 0
    for place in range(4):
        digit = selector >> 4 * place & 15
        byte = pool[digit & 7]
        result |= (255 * (byte >> 7) if digit & 8 else byte) << 8 * place
    return result


def shifted(a: int, n: int, width: int, kind: str, name: str) -> int:
    number = signed(a, width) if kind[0] == "s" else a
    return cut(number << n if name == "shl" else number >> n, width)


def funnel(low: int, high: int, n: int, side: str, mode: str) -> int:
    n = n & 31 if mode == "wrap" else min(n, 32)
    pair = high << 32 | low
    return cut(pair << n >> 32 if side == "l" else pair >> n, 32)


def looked_up(a: int, b: int, c: int, table: int) -> int:
    rows = [4 * (a >> i & 1) + 2 * (b >> i & 1) + (c >> i & 1) for i in range(32)]
    return sum((table >> row & 1) << i for i, row in enumerate(rows))


LOGIC = {"and": operator.and_, "or": operator.or_, "xor": operator.xor}
CONDITIONS = {name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
UNSIGNED_CONDITIONS = {"lo": operator.lt, "ls": operator.le, "hi": operator.gt, "hs": operator.ge}
ONE, TWO, THREE = "{d}, {0}", "{d}, {0}, {1}", "{d}, {0}, {1}, {2}"


def arithmetic(kind: str, w: int, number: Callable[[int], int]) -> Iterator[Case]:
    """Arithmetic on one type: Python's on the numbers that the bits are, cut to the result's width."""
    b = f"b{w}"

    def case(text: str, function: Callable[..., int], kinds: tuple[str, ...] = (b, b), wide: int = w) -> Case:
        return Case(text, kinds, f"b{wide}", lambda *bits: cut(function(*map(number, bits)), wide))

    yield case(f"add.{kind} {TWO}", operator.add)
    yield case(f"sub.{kind} {TWO}", operator.sub)
    yield case(f"min.{kind} {TWO}", min)
    yield case(f"max.{kind} {TWO}", max)
    yield case(f"div.{kind} {TWO}", lambda x, y: divided(x, y, w, kind, "div"))
    yield case(f"rem.{kind} {TWO}", lambda x, y: divided(x, y, w, kind, "rem"))
    yield case(f"mul.lo.{kind} {TWO}", operator.mul)
    yield case(f"mul.hi.{kind} {TWO}", lambda x, y: x * y >> w)
    yield case(f"mad.lo.{kind} {THREE}", lambda x, y, z: x * y + z, (b, b, b))
    yield case(f"mad.hi.{kind} {THREE}", lambda x, y, z: (x * y >> w) + z, (b, b, b))
    if w < 64:
        yield case(f"mul.wide.{kind} {TWO}", operator.mul, (b, b), 2 * w)
        wide = lambda x, y, z: cut(number(x) * number(y) + z, 2 * w)  # noqa: E731 - z is not of the type
        yield Case(f"mad.wide.{kind} {THREE}", (b, b, f"b{2 * w}"), f"b{2 * w}", wide)
    if kind[0] == "s":
        yield case(f"abs.{kind} {ONE}", abs, (b,))
        yield case(f"neg.{kind} {ONE}", operator.neg, (b,))


def comparisons(kind: str, w: int, number: Callable[[int], int]) -> Iterator[Case]:
    b = f"b{w}"

    def case(name: str, condition: Callable[[int, int], bool]) -> Case:
        text = f"setp.{name}.{kind} {TWO}"
        return Case(text, (b, b), "pred", lambda x, y: int(condition(number(x), number(y))))

    conditions = {**CONDITIONS, **(UNSIGNED_CONDITIONS if kind[0] == "u" else {})}
    yield from (case(name, condition) for name, condition in conditions.items())
    yield Case(f"selp.{kind} {THREE}", (b, b, "pred"), b, lambda x, y, p: x if p else y)


def shift(kind: str, w: int, name: str) -> Case:
    text = f"{name}.{kind} {TWO}"
    return Case(text, (f"b{w}", "b32"), f"b{w}", lambda x, n: shifted(x, min(n, w), w, kind, name))


def bitwise(w: int) -> Iterator[Case]:
    b = f"b{w}"
    yield from (Case(f"{name}.{b} {TWO}", (b, b), b, op) for name, op in LOGIC.items())
    yield Case(f"not.{b} {ONE}", (b,), b, lambda x: cut(~x, w))
    yield shift(b, w, "shl")
    yield from (shift(kind, w, "shr") for kind in (b, f"u{w}", f"s{w}"))


def fields(w: int) -> Iterator[Case]:
    b, kinds = f"b{w}", (f"b{w}", "b32", "b32")
    yield Case(f"bfe.u{w} {THREE}", kinds, b, lambda a, p, n: extracted(a, p, n, w, False))
    yield Case(f"bfe.s{w} {THREE}", kinds, b, lambda a, p, n: extracted(a, p, n, w, True))
    yield Case(f"bfi.{b} {THREE}, {{3}}", (b, *kinds), b, lambda x, y, p, n: inserted(x, y, p, n, w))
    yield Case(f"brev.{b} {ONE}", (b,), b, lambda x: int(f"{x:0{w}b}"[::-1], 2))
    yield Case(f"popc.{b} {ONE}", (b,), "b32", int.bit_count)
    yield Case(f"clz.{b} {ONE}", (b,), "b32", lambda x: w - x.bit_length())


def words() -> Iterator[Case]:
    three = ("b32", "b32", "b32")
    yield Case(f"prmt.b32 {THREE}", three, "b32", permuted)
    for side, mode in itertools.product("lr", ("wrap", "clamp")):
        yield Case(f"shf.{side}.{mode}.b32 {THREE}", three, "b32", partial(funnel, side=side, mode=mode))
    for table in (0x00, 0x1E, 0x96, 0xCA, 0xE8, 0xFF):
        yield Case(f"lop3.b32 {THREE}, {table:#x}", three, "b32", partial(looked_up, table=table))


def predicates() -> Iterator[Case]:
    yield from (Case(f"{name}.pred {TWO}", ("pred", "pred"), "pred", op) for name, op in LOGIC.items())
    yield Case(f"not.pred {ONE}", ("pred",), "pred", lambda x: 1 - x)
    kinds = ("b32", "b32", "pred")
    yield Case(f"setp.lt.and.u32 {THREE}", kinds, "pred", lambda x, y, p: int(x < y and p))
    yield Case(f"setp.lt.or.u32 {THREE}", kinds, "pred", lambda x, y, p: int(x < y or p))
    yield Case(f"setp.lt.xor.u32 {THREE}", kinds, "pred", lambda x, y, p: int((x < y) != p))
    yield Case("setp.eq.and.b32 {d}, {0}, {1}, !{2}", kinds, "pred", lambda x, y, p: int(x == y and not p))


TYPES = list(over((16, 32, 64)))
CASES = [
    *(case for kind in TYPES for case in (*arithmetic(*kind), *comparisons(*kind))),
    *(case for width in (16, 32, 64) for case in bitwise(width)),
    *(case for width in (32, 64) for case in fields(width)),
    *words(),
    *predicates(),
]


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
def test_edges(case):
    check(case, combinations(case))


@pytest.mark.parametrize("case", CASES, ids=case_ids(CASES))
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_any_operands(case, data):
    check(case, data.draw(operands_of(case)))


IMMEDIATES = [
    Case("add.s32 {d}, {0}, -5", ("b32",), "b32", lambda x: cut(x - 5, 32)),
    Case("and.b64 {d}, {0}, 4294967295", ("b64",), "b64", lambda x: cut(x, 32)),
    Case("prmt.b32 {d}, {0}, 0, 0x7773U", ("b32",), "b32", lambda x: x >> 24),
    Case("xor.b32 {d}, {0}, 0xFFFFFFFF", ("b32",), "b32", lambda x: cut(~x, 32)),
    Case("mov.u64 {d}, -1", ("b64",), "b64", lambda x: (1 << 64) - 1),
    Case("mov.pred {d}, -1", ("pred",), "pred", lambda x: 1),
]


@pytest.mark.parametrize("case", IMMEDIATES, ids=case_ids(IMMEDIATES))
def test_immediate_operands(case):
    check(case, combinations(case))
