"""Launches: grids, arguments, memory of every width."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from tests.verify.cuda.ptx.sources import INDEX, kernel, pointer
from verify.cuda.ptx import Memory, Trapped, array_arguments, run
from verify.cuda.ptx.compile.executable import compiled

BOTH_MODES = pytest.mark.parametrize("sanitize", [False, True], ids=["plain", "sanitized"])


@BOTH_MODES
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_every_special_register_in_three_dimensions(sanitize, backwards):
    grid, block = (3, 2, 4), (5, 2, 3)
    names = [f"%{name}.{axis}" for name in ("tid", "ctaid", "ntid", "nctaid") for axis in "xyz"]
    lines = [pointer("%d1", "out"), "mov.u32 %r20, 0;"]
    lines += [f"mov.u32 %r{place}, {name};" for place, name in enumerate(names)]
    for part, size in ((3, 9), (0, 6)):
        for axis in (2, 1, 0):
            lines.append(f"mad.lo.s32 %r20, %r20, %r{size + axis}, %r{part + axis};")
    lines.append("mad.wide.u32 %d2, %r20, 48, %d1;")
    lines += [f"st.global.b32 [%d2+{4 * place}], %r{place};" for place in range(12)]
    memory, values = Memory(), np.zeros((4, 2, 3, 3, 2, 5, 12), np.uint32)
    run(
        kernel("\n".join(lines)),
        None,
        grid,
        block,
        [memory.output(values).pointer()],
        memory,
        sanitize=sanitize,
        backwards=backwards,
    )
    z, y, x, tz, ty, tx = np.indices(values.shape[:-1])
    sizes = [np.full_like(x, size) for size in (*block, *grid)]
    assert np.array_equal(values, np.stack([tx, ty, tz, x, y, z, *sizes], axis=-1))


@BOTH_MODES
def test_every_lane_knows_its_place(sanitize):
    body = (
        INDEX
        + pointer("%d1", "out")
        + "mov.u32 %r4, %laneid;\nmad.lo.s64 %d1, %d0, 4, %d1;\nst.global.b32 [%d1], %r4;"
    )
    memory, values = Memory(), np.zeros(80, np.uint32)
    run(kernel(body), None, 1, 80, [memory.output(values).pointer()], memory, sanitize=sanitize)
    assert values.tolist() == [place % 32 for place in range(80)]


ACCESSES = [
    ("ld.global.u8 %h1", "st.global.u8", "%h1", np.uint8, 1),
    ("ld.global.s8 %h1", "st.global.b16", "%h1", np.int16, 1),
    ("ld.global.u8 %r4", "st.global.b32", "%r4", np.uint32, 1),
    ("ld.global.s16 %d4", "st.global.b64", "%d4", np.int64, 1),
    ("ld.global.b16 %h1", "st.global.b16", "%h1", np.uint16, 1),
    ("ld.global.f32 %f1", "st.global.f32", "%f1", np.float32, 1),
    ("ld.global.b64 %d4", "st.global.b64", "%d4", np.uint64, 1),
    ("ld.global.v2.b64 {%d4, %d5}", "st.global.v2.b64", "{%d4, %d5}", np.uint64, 2),
    (
        "ld.global.ca.v4.f32 {%f1, %f2, %f3, %f4}",
        "st.global.cs.v4.f32",
        "{%f1, %f2, %f3, %f4}",
        np.float32,
        4,
    ),
    ("ld.global.nc.v4.b32 {%r4, %r5, %r6, %r7}", "st.global.wt.v4.b32", "{%r4, %r5, %r6, %r7}", np.uint32, 4),
    ("ld.global.v4.u8 {%h1, %h2, %h3, %h4}", "st.global.v4.u8", "{%h1, %h2, %h3, %h4}", np.uint8, 4),
    ("ld.v4.b16 {%h1, %h2, %h3, %h4}", "st.v4.b16", "{%h1, %h2, %h3, %h4}", np.uint16, 4),
    (
        "ld.global.v8.f32 {%f1, %f2, %f3, %f4, %f5, %f6, %f7, %f8}",
        "st.global.v8.f32",
        "{%f1, %f2, %f3, %f4, %f5, %f6, %f7, %f8}",
        np.float32,
        8,
    ),
]


@BOTH_MODES
@pytest.mark.parametrize(
    ("load", "store", "registers", "kind", "count"), ACCESSES, ids=[access[0] for access in ACCESSES]
)
def test_loads_and_stores_of_every_width(load, store, registers, kind, count, sanitize):
    """A narrow load into a wide register is extended by the sign of the load's type."""
    source = {"u8": np.uint8, "s8": np.int8, "s16": np.int16}.get(load.split()[0].rpartition(".")[2], kind)
    operands = np.frombuffer(np.random.default_rng(1).bytes(4 * count * np.dtype(source).itemsize), source)
    operands, memory = np.nan_to_num(operands), Memory()
    values = np.zeros(4 * count, kind)
    size, wide = count * operands.itemsize, count * values.itemsize
    body = INDEX + pointer("%d1", "out") + pointer("%d2", "given")
    body += f"mad.lo.s64 %d2, %d0, {size}, %d2;\nmad.lo.s64 %d1, %d0, {wide}, %d1;\n"
    body += f"{load}, [%d2];\n{store} [%d1], {registers};"
    arguments = [memory.output(values).pointer(), memory.input(operands).pointer()]
    run(kernel(body, ".param .u64 out, .param .u64 given"), None, 2, 2, arguments, memory, sanitize=sanitize)
    assert np.array_equal(values, operands.astype(kind))


@BOTH_MODES
def test_each_type_of_argument_arrives(sanitize):
    kinds = ["u8", "s16", "u32", "f32", "f64", "u64", "b32"]
    registers = ["%h1", "%h2", "%r4", "%f1", "%g1", "%d4", "%r5"]
    arguments = [200, -3, np.uint32(7), 1.5, -2.25, (1 << 63) + 1, np.float32(0.5)]
    parameters = ", ".join([".param .u64 out", *(f".param .{kind} p{i}" for i, kind in enumerate(kinds))])
    body = pointer("%d1", "out")
    for place, (kind, register) in enumerate(zip(kinds, registers, strict=True)):
        body += f"ld.param.{kind} {register}, [p{place}];\nst.global.{kind} [%d1+{8 * place}], {register};\n"
    memory, values = Memory(), np.zeros(56, np.uint8)
    run(
        kernel(body, parameters),
        None,
        1,
        1,
        [memory.inout(values).pointer(), *arguments],
        memory,
        sanitize=sanitize,
    )
    views = [np.uint8, np.int16, np.uint32, np.float32, np.float64, np.uint64, np.float32]
    results = [values[8 * place :].view(view)[0] for place, view in enumerate(views)]
    assert results == arguments


WRONG = [("u32", 1.5), ("f32", 1), ("f32", np.int32(1)), ("u64", np.uint32(1)), ("b8", b"ab"), ("b32", 0.5)]


@pytest.mark.parametrize(("kind", "argument"), WRONG, ids=[f"{kind} {value!r}" for kind, value in WRONG])
def test_an_argument_of_another_type_is_refused(kind, argument):
    with pytest.raises(TypeError, match=rf"expected \d bytes as .{kind} for p, got"):
        run(kernel("", f".param .{kind} p"), None, 1, 1, [argument], Memory())


def test_the_number_of_arguments_is_checked():
    with pytest.raises(ValueError, match="expected 1 arguments, got 2"):
        run(kernel(""), None, 1, 1, [1, 2], Memory())


@pytest.mark.parametrize(
    ("grid", "block", "tuning"),
    [
        (0, 1, ""),
        (1, 1025, ""),
        (1, (32, 32, 2), ""),
        (1, (1, 1, 65), ""),
        ((1, 65536), 1, ""),
        (1, 129, ".maxntid 64, 2"),
        (1, 64, ".reqntid 128"),
        ((1, 1, 1, 1), 1, ""),
    ],
)
def test_a_launch_beyond_the_limits_is_refused(grid, block, tuning):
    text = kernel("").replace("out)", f"out) {tuning}")
    with pytest.raises(ValueError, match="expected"):
        run(text, None, grid, block, [0], Memory())


def test_a_kernel_that_was_forgotten_is_compiled_again():
    for _ in range(3):
        run(kernel(INDEX), None, 1, 1, [0], Memory())
        compiled.cache_clear()
        gc.collect()


@BOTH_MODES
def test_predicates_guard_instructions_and_branches_both_ways(sanitize):
    """10 where the index is below 3, else 20; and 1 or 2 more by a branch."""
    body = INDEX + pointer("%d1", "out") + "mad.lo.s64 %d1, %d0, 4, %d1;\nsetp.lt.u32 %p1, %r3, 3;\n"
    body += "@%p1 mov.u32 %r4, 10;\n@!%p1 mov.u32 %r4, 20;\n@!%p1 bra $above;\nadd.s32 %r4, %r4, 1;\nbra.uni $end;\n"
    body += "$above:\nadd.s32 %r4, %r4, 2;\n$end:\nst.global.b32 [%d1], %r4;"
    memory, values = Memory(), np.zeros(5, np.uint32)
    run(kernel(body), None, 1, 5, [memory.output(values).pointer()], memory, sanitize=sanitize)
    assert values.tolist() == [11, 11, 11, 22, 22]


@BOTH_MODES
def test_trap_ends_the_launch(sanitize):
    with pytest.raises(Trapped, match="kernel: a thread"):
        run(kernel("trap;"), None, 1, 1, [0], Memory(), sanitize=sanitize)


@pytest.mark.parametrize("blocks", [[4], [-1], range(2, 5)], ids=repr)
def test_blocks_beyond_the_grid_are_refused(blocks):
    with pytest.raises(ValueError, match="expected blocks below 4"):
        run(kernel(""), None, 4, 1, [0], Memory(), blocks=blocks)


def test_a_numba_array_has_seven_parameters_in_one_dimension():
    memory, values = Memory(), np.zeros((3, 5), np.float32)
    place = memory.output(values).pointer()
    assert array_arguments(place, (3, 5), 4) == [0, 0, 15, 4, place, 3, 5, 20, 4]
    assert array_arguments(place, (15,), 4) == [0, 0, 15, 4, place, 15, 4]
    assert array_arguments(place, (5, 3), 4, (4, 20)) == [0, 0, 15, 4, place, 5, 3, 4, 20]
