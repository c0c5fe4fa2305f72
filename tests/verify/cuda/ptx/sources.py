"""Hand-written PTX for the tests of verify.cuda.ptx: whole kernels, and one instruction applied to many operands."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from verify.cuda.ptx import Memory, run

HEADER = ".version 9.5\n.target sm_90a\n.address_size 64\n"
REGISTERS = """
.reg .pred %p<8>;
.reg .b16 %h<16>;
.reg .b32 %r<32>;
.reg .b64 %d<32>;
.reg .f32 %f<16>;
.reg .f64 %g<16>;
"""
#: The global index of a thread in one dimension, in %d0.
INDEX = """
mov.u32 %r0, %ctaid.x;
mov.u32 %r1, %ntid.x;
mov.u32 %r2, %tid.x;
mad.lo.s32 %r3, %r0, %r1, %r2;
cvt.u64.u32 %d0, %r3;
"""
WIDTHS = {"pred": 1, "b16": 16, "b32": 32, "b64": 64, "f32": 32, "f64": 64}
#: The registers of each type that operands are put into, and the one the result comes from.
PREFIXES = {"pred": "%p", "b16": "%h", "b32": "%r", "b64": "%d", "f32": "%f", "f64": "%g"}
MOST_COMBINATIONS = 1500


def kernel(body: str, parameters: str = ".param .u64 out", name: str = "kernel", before: str = "") -> str:
    """A module with one kernel; the kernel's first line is line 4 without anything before it."""
    return f"{HEADER}{before}.visible .entry {name}({parameters})\n{{{REGISTERS}{body}\nret;\n}}\n"


def pointer(register: str, parameter: str) -> str:
    """Load a pointer into a register."""
    return f"ld.param.u64 {register}, [{parameter}];\ncvta.to.global.u64 {register}, {register};\n"


@dataclass(frozen=True)
class Case:
    """An instruction with {0}, {1}, ... for operands and {d} for its result, and the function of bits it is."""

    text: str
    kinds: tuple[str, ...]
    result: str
    reference: Callable[..., int]
    allow: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its name in a report."""
        return f"{self.text.split()[0]}-{'-'.join(self.kinds)}-{self.text.partition(' ')[2]}"


def case_ids(cases: Sequence[Case]) -> list[str]:
    """Unique names for a parametrised test."""
    return [case.id for case in cases]


def instruction_kernel(case: Case) -> str:
    """Each thread reads its operands as 64-bit words, and writes the result as one."""
    lines = [INDEX, pointer("%d1", "out"), pointer("%d2", "operands")]
    lines.append(f"mad.lo.s64 %d3, %d0, {8 * len(case.kinds)}, %d2;")
    names = []
    for place, kind in enumerate(case.kinds):
        lines.append(f"ld.global.u64 %d4, [%d3+{8 * place}];")
        names.append(f"{PREFIXES[kind]}{5 + place if kind != 'pred' else 1 + place}")
        lines.append(_narrowed(kind, names[-1]))
    target = f"{PREFIXES[case.result]}{12 if case.result != 'pred' else 7}"
    lines += [case.text.format(*names, d=target) + ";", _widened(case.result, target)]
    lines += ["shl.b64 %d0, %d0, 3;", "add.s64 %d1, %d1, %d0;", "st.global.u64 [%d1], %d4;"]
    return kernel("\n".join(lines), ".param .u64 out, .param .u64 operands")


def _narrowed(kind: str, name: str) -> str:
    if kind == "pred":
        return f"setp.ne.s64 {name}, %d4, 0;"
    return (
        f"mov.b64 {name}, %d4;" if WIDTHS[kind] == 64 else f"cvt.u{WIDTHS[kind]}.u64 %{_scratch(kind, name)}"
    )


def _scratch(kind: str, name: str) -> str:
    return f"{name[1:]}, %d4;" if kind != "f32" else f"r31, %d4;\nmov.b32 {name}, %r31;"


def _widened(kind: str, name: str) -> str:
    if kind == "pred":
        return f"selp.b64 %d4, 1, 0, {name};"
    if kind == "f32":
        return f"mov.b32 %r31, {name};\ncvt.u64.u32 %d4, %r31;"
    return f"mov.b64 %d4, {name};" if WIDTHS[kind] == 64 else f"cvt.u64.u{WIDTHS[kind]} %d4, {name};"


def evaluated(case: Case, operands: Sequence[tuple[int, ...]], **options: Any) -> list[int]:
    """The results' bits for each tuple of operands' bits."""
    words = np.array(operands, np.uint64).reshape(len(operands), len(case.kinds))
    results = np.zeros(len(operands), np.uint64)
    memory = Memory()
    arguments = [memory.output(results).pointer(), memory.input(np.ascontiguousarray(words)).pointer()]
    options = {"sanitize": False, "allow": case.allow, **options}
    run(instruction_kernel(case), "kernel", len(operands), 1, arguments, memory, **options)
    return [int(word) for word in results]


def check(case: Case, operands: Sequence[tuple[int, ...]]) -> None:
    """Compare the executor with the reference, and say for which operands they differ."""
    for bits, result in zip(operands, evaluated(case, operands), strict=True):
        expected = case.reference(*bits)
        assert result == expected, f"{case.text}: {[*map(hex, bits)]} gives {result:#x}, not {expected:#x}"


def edges(kind: str) -> list[int]:
    """Bits where instructions of that type go wrong."""
    if kind == "pred":
        return [0, 1]
    if kind in {"f32", "f64"}:
        return float_edges(kind)
    width = WIDTHS[kind]
    near = {0, 1, 2, 5, 31, 32, 33, 63, 64, 255, 256, 0x7531, 0x8F0A3C65, 0x0123456789ABCDEF}
    near |= {(1 << power) + step for power in (width // 2, width - 1, width) for step in (-2, -1, 0, 1)}
    return sorted({number & ((1 << width) - 1) for number in near})


def float_edges(kind: str) -> list[int]:
    """Zeros, units, halves, the smallest and largest numbers, infinities, NaNs, whole numbers at integers' ends."""
    dtype, word = (np.float32, np.uint32) if kind == "f32" else (np.float64, np.uint64)
    info = np.finfo(dtype)
    numbers = [0.0, 1, 1.5, 0.5, 2.5, 1 / 3, 3, info.eps, 1 + info.eps, info.tiny, info.smallest_subnormal]
    numbers += [
        info.max,
        np.inf,
        127.5,
        255.5,
        32767.5,
        65536,
        2.0**31,
        2.0**32,
        2.0**63,
        2.0**64,
        1e30,
        1e-30,
    ]
    bits = np.array([*numbers, *(-number for number in numbers)], dtype).view(word).tolist()
    quiet = [0x7FC00001, 0xFFC00000, 0x7F800001] if kind == "f32" else [0x7FF8 << 48, 0xFFF8 << 48]
    return [*map(int, bits), *quiet]


def combinations(case: Case) -> list[tuple[int, ...]]:
    """Every combination of edges, or as many as are quick, chosen by a fixed seed."""
    everything = list(itertools.product(*map(edges, case.kinds)))
    if len(everything) <= MOST_COMBINATIONS:
        return everything
    return random.Random(1).sample(everything, MOST_COMBINATIONS)


def operands_of(case: Case) -> st.SearchStrategy[list[tuple[int, ...]]]:
    """Lists of operands: edges, and anything."""

    def bits(kind: str) -> st.SearchStrategy[int]:
        return st.sampled_from(edges(kind)) | st.integers(0, (1 << WIDTHS[kind]) - 1)

    return st.lists(st.tuples(*map(bits, case.kinds)), min_size=1, max_size=10)


def signed(bits: int, width: int) -> int:
    """The number in two's complement."""
    return bits - (1 << width) if bits >> (width - 1) else bits


def cut(number: int, width: int) -> int:
    """The lower bits of a number."""
    return number & ((1 << width) - 1)


def over(widths: Sequence[int], signs: str = "us") -> Iterator[tuple[str, int, Callable[[int], int]]]:
    """Integer types: name, width, and the number that bits are."""
    for width in widths:
        for sign in signs:
            yield f"{sign}{width}", width, (lambda b, w=width: signed(b, w)) if sign == "s" else int
