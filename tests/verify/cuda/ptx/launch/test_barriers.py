"""Barriers and shared memory: blocks run region by region, and what is not ordered by a barrier is a race."""

from __future__ import annotations

import numpy as np
import pytest

from tests.verify.cuda.ptx.sources import INDEX, kernel, pointer
from verify.cuda.ptx import DivergentBarrier, Memory, Violations, run

BOTH_WAYS = pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
#: Reverse a block through shared memory; {barrier} stands between writing and reading.
REVERSED = (
    INDEX
    + pointer("%d1", "out")
    + """
.shared .align 4 .b8 own[1024];
mov.u64 %d2, own;
mad.wide.u32 %d3, %r2, 4, %d2;
st.shared.b32 [%d3], %r3;
{barrier}
sub.s32 %r4, %r1, %r2;
sub.s32 %r4, %r4, 1;
mad.wide.u32 %d4, %r4, 4, %d2;
ld.shared.b32 %r5, [%d4];
mad.lo.s64 %d1, %d0, 4, %d1;
st.global.b32 [%d1], %r5;
"""
)
#: The sum of a block's indices in out[block], by halves: a loop around a barrier, with local memory across it.
SUMMED = (
    INDEX
    + pointer("%d1", "out")
    + """
.extern .shared .align 4 .b8 dynamic[];
.local .align 4 .b8 kept[8];
mov.u64 %d5, kept;
mov.u64 %d2, dynamic;
mad.wide.u32 %d3, %r2, 4, %d2;
st.shared.b32 [%d3], %r3;
st.local.b32 [%d5], %r2;
shr.u32 %r6, %r1, 1;
$halves:
bar.sync 0;
ld.local.b32 %r8, [%d5];
setp.ge.u32 %p1, %r8, %r6;
@%p1 bra $skip;
mad.wide.u32 %d4, %r6, 4, %d3;
ld.shared.b32 %r7, [%d4];
ld.shared.b32 %r5, [%d3];
add.s32 %r5, %r5, %r7;
st.shared.b32 [%d3], %r5;
$skip:
shr.u32 %r6, %r6, 1;
setp.ne.u32 %p2, %r6, 0;
@%p2 bra $halves;
setp.ne.u32 %p3, %r2, 0;
@%p3 bra $end;
ld.shared.b32 %r5, [%d2];
mad.wide.u32 %d1, %r0, 4, %d1;
st.global.b32 [%d1], %r5;
$end:
"""
)


def launched(body, size, grid, block, **options):
    memory, values = Memory(), np.zeros(size, np.uint32)
    run(kernel(body), None, grid, block, [memory.output(values).pointer()], memory, **options)
    return values


@BOTH_WAYS
@pytest.mark.parametrize("sanitize", [False, True], ids=["plain", "sanitized"])
@pytest.mark.parametrize("spelling", ["bar.sync 0;", "barrier.sync 0;", "barrier.sync.aligned 0;"])
def test_all_threads_write_before_any_reads(backwards, sanitize, spelling):
    body = REVERSED.format(barrier=spelling)
    values = launched(body, 192, 3, 64, sanitize=sanitize, backwards=backwards)
    assert np.array_equal(values.reshape(3, 64), np.arange(192).reshape(3, 64)[:, ::-1])


@BOTH_WAYS
def test_without_the_barrier_threads_race(backwards):
    with pytest.raises(Violations) as caught:
        launched(REVERSED.format(barrier=""), 64, 1, 64, backwards=backwards)
    problems = {violation.problem for violation in caught.value.violations}
    assert problems <= {"races with another thread", "reads what nobody has written"}
    assert caught.value.violations[0].address.startswith("shared + ")


@BOTH_WAYS
@pytest.mark.parametrize("sanitize", [False, True], ids=["plain", "sanitized"])
def test_registers_and_local_memory_live_across_barriers_in_a_loop(backwards, sanitize):
    values = launched(SUMMED, 5, 5, 128, shared=512, sanitize=sanitize, backwards=backwards)
    assert values.tolist() == np.arange(640).reshape(5, 128).sum(axis=1).tolist()


LINEAR = (
    pointer("%d1", "out")
    + """
mov.u32 %r0, %tid.x;
mov.u32 %r1, %tid.y;
mov.u32 %r2, %tid.z;
mov.u32 %r3, %ntid.x;
mov.u32 %r4, %ntid.y;
mov.u32 %r5, %ctaid.x;
mad.lo.s32 %r6, %r2, %r4, %r1;
mad.lo.s32 %r6, %r6, %r3, %r0;
mad.lo.s32 %r6, %r5, 24, %r6;
"""
)


@BOTH_WAYS
@pytest.mark.parametrize("barrier", ["", "bar.sync 0;"], ids=["no barrier", "barrier"])
def test_the_order_of_threads_and_blocks(barrier, backwards):
    """Each thread leaves its index in the same place: what stays there is the last one's."""
    body = LINEAR + barrier + "atom.global.exch.b32 %r7, [%d1], %r6;"
    memory, values = Memory(), np.full(1, 99, np.uint32)
    run(kernel(body), None, 3, (4, 2, 3), [memory.inout(values).pointer()], memory, backwards=backwards)
    assert values[0] == (0 if backwards else 71)


@pytest.mark.parametrize("sanitize", [False, True], ids=["plain", "sanitized"])
def test_every_thread_of_a_three_dimensional_block_has_its_own_registers(sanitize):
    """They begin as zeros in every block, and live across barriers."""
    body = LINEAR + "add.s32 %r9, %r9, %r6;\nbar.sync 0;\nadd.s32 %r9, %r9, 1;\nbar.sync 0;\n"
    body += "mad.wide.u32 %d1, %r6, 4, %d1;\nst.global.b32 [%d1], %r9;"
    assert launched(body, 72, 3, (4, 2, 3), sanitize=sanitize).tolist() == list(range(1, 73))


def test_a_missing_barrier_in_the_loop_is_a_race():
    with pytest.raises(Violations) as caught:
        launched(SUMMED.replace("bar.sync 0;", ""), 5, 5, 128, shared=512)
    assert "races with another thread" in {violation.problem for violation in caught.value.violations}


def test_dynamic_shared_memory_is_as_large_as_the_launch_says():
    body = pointer("%d1", "out") + "mov.u32 %r9, %dynamic_smem_size;\nst.global.b32 [%d1], %r9;"
    assert launched(body, 1, 1, 1, shared=508).tolist() == [508]
    with pytest.raises(Violations, match="outside every allocation at 0x"):
        launched(SUMMED, 5, 5, 128, shared=508)
    with pytest.raises(ValueError, match="shared memory"):
        launched(SUMMED, 5, 5, 128, shared=1 << 20)


def test_each_block_finds_its_own_shared_memory_unwritten():
    """Only block 0 writes, so what block 1 reads is nobody's."""
    body = REVERSED.format(barrier="bar.sync 0;")
    only_first = "setp.eq.u32 %p1, %r0, 0;\n@%p1 st.shared.b32"
    with pytest.raises(Violations) as caught:
        launched(body.replace("st.shared.b32", only_first), 8, 2, 4)
    assert {violation.problem for violation in caught.value.violations} == {"reads what nobody has written"}
    assert {violation.block for violation in caught.value.violations} == {(1, 0, 0)}


@pytest.mark.parametrize(
    ("barrier", "places"),
    [
        (
            "setp.eq.u32 %p1, %r2, 3;\n@%p1 bra $after;\nbar.sync 0;\n$after:\n",
            r"1 at the end.*7 at line \d+",
        ),
        ("setp.lt.u32 %p1, %r2, 5;\n@%p1 bar.sync 0;", r"3 at the end, the first \(5, 0, 0\); 5 at line"),
        (
            "setp.lt.u32 %p1, %r2, 5;\n@%p1 bra $other;\nbar.sync 0;\nbra $after;\n$other:\nbar.sync 0;\n$after:\n",
            r"3 at line \d+ \(bar.sync 0\), the first \(5, 0, 0\); 5 at line",
        ),
        (
            "setp.eq.u32 %p1, %r2, 7;\n@%p1 ret;\nbar.sync 0;",
            r"1 at the end, the first \(7, 0, 0\); 7 at line",
        ),
    ],
    ids=["branched around", "predicated", "two barriers", "returned"],
)
@pytest.mark.parametrize("sanitize", [False, True], ids=["plain", "sanitized"])
def test_a_barrier_that_part_of_a_block_misses(barrier, places, sanitize):
    body = INDEX + pointer("%d1", "out") + barrier
    with pytest.raises(DivergentBarrier, match=r"block \(1, 0, 0\): .*" + places):
        launched(body, 1, 2, 8, blocks=[1], sanitize=sanitize)


@pytest.mark.parametrize("space", ["shared", "local"])
@pytest.mark.parametrize("sanitize", [False, True], ids=["plain", "sanitized"])
def test_variables_lie_apart_and_aligned(space, sanitize):
    body = f".{space} .align 2 .b8 a[6];\n.{space} .align 8 .b8 b[8];\n" + pointer("%d1", "out")
    body += f"mov.u64 %d2, a;\nmov.u64 %d3, b;\nst.{space}.b16 [%d2+4], 7;\nst.{space}.b64 [%d3], 0;\n"
    body += f"ld.{space}.b16 %r4, [%d2+4];\nst.global.b32 [%d1], %r4;"
    assert launched(body, 1, 1, 1, sanitize=sanitize).tolist() == [7]


@BOTH_WAYS
def test_atomics_on_shared_memory_count_each_thread_once(backwards):
    body = (
        INDEX
        + pointer("%d1", "out")
        + """
    .shared .align 4 .b8 counts[16];
    mov.u64 %d2, counts;
    setp.lt.u32 %p1, %r2, 4;
    mad.wide.u32 %d4, %r2, 4, %d2;
    @%p1 st.shared.b32 [%d4], 0;
    bar.sync 0;
    and.b32 %r4, %r3, 3;
    mad.wide.u32 %d3, %r4, 4, %d2;
    atom.shared.add.u32 %r5, [%d3], 1;
    bar.sync 0;
    mad.wide.u32 %d1, %r2, 4, %d1;
    @%p1 ld.shared.b32 %r6, [%d4];
    @%p1 red.global.add.u32 [%d1], %r6;
    """
    )
    memory, values = Memory(), np.zeros(4, np.uint32)
    run(kernel(body), None, 3, 50, [memory.inout(values).pointer()], memory, backwards=backwards)
    assert values.tolist() == np.bincount(np.arange(150) % 4).tolist()


ATOMICS = {
    "add.u32": (5, 7, 12),
    "and.b32": (0b1100, 0b1010, 0b1000),
    "or.b32": (0b1100, 0b1010, 0b1110),
    "xor.b32": (0b1100, 0b1010, 0b0110),
    "min.s32": (5, 2**32 - 7, 2**32 - 7),
    "max.s32": (5, 2**32 - 7, 5),
    "min.u32": (5, 2**32 - 7, 5),
    "max.u32": (5, 2**32 - 7, 2**32 - 7),
    "exch.b32": (5, 7, 7),
}


@pytest.mark.parametrize("order", ["", ".relaxed.gpu"], ids=["plain", "relaxed"])
@pytest.mark.parametrize("name", ATOMICS)
def test_an_atomic_changes_memory_and_returns_what_was_there(name, order):
    old, operand, new = ATOMICS[name]
    body = (
        pointer("%d1", "out")
        + f"atom{order}.global.{name} %r4, [%d1], {operand};\nst.global.b32 [%d1+4], %r4;"
    )
    memory, values = Memory(), np.array([old, 0], np.uint32)
    run(kernel(body), None, 1, 1, [memory.inout(values).pointer()], memory)
    assert values.tolist() == [new, old]


@pytest.mark.parametrize(("expected", "after"), [(5, 9), (6, 5)], ids=["equal", "unequal"])
def test_compare_and_swap(expected, after):
    body = (
        pointer("%d1", "out") + f"atom.global.cas.b64 %d2, [%d1], {expected}, 9;\nst.global.b64 [%d1+8], %d2;"
    )
    memory, values = Memory(), np.array([5, 0], np.uint64)
    run(kernel(body), None, 1, 1, [memory.inout(values).pointer()], memory)
    assert values.tolist() == [after, 5]


def test_fences_do_nothing():
    body = "membar.gl;\nmembar.cta;\nmembar.sys;\nfence.acq_rel.gpu;\nfence.sc.cta;\n"
    memory = Memory()
    run(kernel(body), None, 1, 1, [memory.inout(np.zeros(1)).pointer()], memory)
