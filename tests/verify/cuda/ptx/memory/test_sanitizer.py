"""Each violation that the sanitizer of verify.cuda.ptx reports, by a kernel that commits it and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from tests.verify.cuda.ptx.sources import INDEX, kernel, pointer
from verify.cuda.ptx import Memory, Unwritten, Violations, run

OUT = INDEX + pointer("%d1", "out")
#: The address of the thread's own float32 in %d3.
OWN = OUT + "mad.lo.s64 %d3, %d0, 4, %d1;\n"


def launch(body, memory, *allocations, grid=1, block=4, offset=0, **options):
    parameters = ", ".join(f".param .u64 {name}" for name in ("out", "other")[: len(allocations)])
    run(
        kernel(body, parameters),
        None,
        grid,
        block,
        [allocation.pointer(offset) for allocation in allocations],
        memory,
        **options,
    )


def violations(body, memory, *allocations, **options):
    with pytest.raises(Violations) as caught:
        launch(body, memory, *allocations, **options)
    return caught.value.violations


def one_violation(body, memory, *allocations, **options):
    (violation,) = violations(body, memory, *allocations, **options)
    return violation


def test_a_right_kernel_passes_and_its_output_is_there():
    memory, values = Memory(), np.zeros(8, np.float32)
    launch(OWN + "cvt.rn.f32.u64 %f1, %d0;\nst.global.f32 [%d3], %f1;", memory, memory.output(values), grid=2)
    assert values.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


def test_a_store_behind_the_end_is_named_by_kernel_thread_and_instruction():
    memory, values = Memory(), np.zeros(5, np.float32)
    body = OWN + "st.global.b32 [%d3], %r3;"
    violation = violations(body, memory, memory.output(values), grid=2, block=3)[0]
    assert (violation.kernel, violation.problem) == ("kernel", "outside every allocation")
    assert (violation.block, violation.thread) == ((1, 0, 0), (2, 0, 0))
    assert (violation.instruction, violation.address) == ("st.global.b32 [%d3], %r3", hex((1 << 44) + 20))
    assert kernel(body).splitlines()[violation.line - 1] == "st.global.b32 [%d3], %r3;"
    assert str(violation).startswith(
        f"kernel: block (1, 0, 0) thread (2, 0, 0): line {violation.line}: st.global.b32"
    )
    assert values.tolist() == np.arange(5, dtype=np.int32).view(np.float32).tolist()


def test_threads_and_blocks_are_named_in_three_dimensions():
    body = OWN + "mov.u32 %r4, %tid.z;\nmov.u32 %r5, %ctaid.y;\nand.b32 %r4, %r4, %r5;\n"
    body += "setp.ne.u32 %p1, %r4, 0;\nmov.u32 %r6, %tid.x;\nsetp.eq.and.u32 %p1, %r6, 1, %p1;\n"
    memory = Memory()
    violation = one_violation(
        body + "@%p1 st.global.b32 [0], %r1;",
        memory,
        memory.inout(np.zeros(1, np.float32)),
        grid=(1, 2),
        block=(2, 1, 2),
    )
    assert (violation.block, violation.thread) == ((0, 1, 0), (1, 0, 1))


@pytest.mark.parametrize("distance", [-4, 16, 1 << 33, -(1 << 44)])
def test_a_load_outside_is_reported_and_gives_zero(distance):
    memory, values = Memory(), np.full(4, 7, np.uint32)
    body = OUT + f"add.s64 %d2, %d1, {distance};\nld.global.b32 %r4, [%d2];\nst.global.b32 [%d1], %r4;"
    assert one_violation(body, memory, memory.inout(values), block=1).problem == "outside every allocation"
    assert values.tolist() == [0, 7, 7, 7]


def test_a_vector_that_reaches_over_the_end_is_outside():
    memory = Memory()
    body = OUT + "st.global.v4.b32 [%d1], {%r1, %r1, %r1, %r1};"
    assert "outside" in one_violation(body, memory, memory.output(np.zeros(3, np.uint32)), block=1).problem


@pytest.mark.parametrize(
    ("store", "skew"),
    [
        ("st.global.b16 [%d1], %h1;", 1),
        ("st.global.b32 [%d1], %r1;", 2),
        ("st.global.b64 [%d1], %d2;", 4),
        ("st.global.v2.b32 [%d1], {%r1, %r1};", 4),
        ("st.global.v4.b32 [%d1], {%r1, %r1, %r1, %r1};", 8),
        ("st.global.v4.b64 [%d1], {%d2, %d2, %d2, %d2};", 16),
    ],
)
def test_an_access_must_be_aligned_to_its_whole_width(store, skew):
    memory = Memory()
    skewed = memory.inout(np.zeros(64, np.uint8), skew=skew)
    assert one_violation(OUT + store, memory, skewed, block=1).problem == "not aligned to its width"
    launch(OUT + store, memory, memory.inout(np.zeros(64, np.uint8), skew=32), block=1)


def test_an_output_is_written_once():
    memory = Memory()
    body = OWN + "st.global.b32 [%d3], %r1;\nst.global.b32 [%d3], %r2;"
    reports = violations(body, memory, memory.output(np.zeros(4, np.float32)))
    assert [violation.problem for violation in reports] == ["writes again what may be written once"] * 4
    launch(body, memory, memory.inout(np.zeros(4, np.float32)))


def test_the_real_parts_of_complex_numbers_are_written_one_by_one():
    memory = Memory()
    body = OUT + "mad.lo.s64 %d3, %d0, 8, %d1;\nst.global.b32 [%d3], %r1;\nst.global.b32 [%d3+4], %r1;"
    launch(body, memory, memory.output(np.zeros(4, np.complex64)))


def test_every_element_of_an_output_must_be_written():
    memory = Memory()
    with pytest.raises(Unwritten, match="allocation 0: 2 elements are never written, the first is 4"):
        launch(OWN + "st.global.b32 [%d3], %r1;", memory, memory.output(np.zeros(6, np.float32)))


def test_two_launches_may_write_an_output_together_but_not_twice():
    memory, body = Memory(), OWN + "st.global.b32 [%d3], %r1;"
    out = memory.output(np.zeros(8, np.float32))
    launch(body, memory, out, complete=False)
    with pytest.raises(Violations, match="writes again"):
        launch(body, memory, out, complete=False)
    memory = Memory()
    out = memory.output(np.zeros(8, np.float32))
    launch(body, memory, out, complete=False)
    launch(body, memory, out, offset=16)


def test_an_input_is_not_written():
    memory, values = Memory(), np.zeros(4, np.float32)
    reports = violations(OWN + "st.global.b32 [%d3], %r1;", memory, memory.input(values))
    assert {violation.problem for violation in reports} == {"writes to an input"}
    assert not values.any()


def test_an_output_is_not_read_before_it_is_written():
    memory = Memory()
    body = OWN + "ld.global.b32 %r4, [%d3];\nst.global.b32 [%d3], %r4;"
    reports = violations(body, memory, memory.output(np.zeros(4, np.float32)))
    assert {violation.problem for violation in reports} == {"reads what nobody has written"}
    launch(body, memory, memory.inout(np.zeros(4, np.float32)))
    launch(OWN + "st.global.b32 [%d3], %r4;\nld.global.b32 %r4, [%d3];", *_output(memory := Memory()))


def _output(memory):
    return memory, memory.output(np.zeros(4, np.float32))


def test_the_constant_cache_is_for_inputs():
    body, memory = OWN + "ld.global.nc.b32 %r4, [%d3];", Memory()
    reports = violations(body, memory, memory.inout(np.zeros(4, np.float32)))
    assert {violation.problem for violation in reports} == {
        "reads through the constant cache what is no input"
    }
    launch(body, memory, memory.input(np.zeros(4, np.float32)))


@pytest.mark.parametrize("name", ["ld.shared.b32 %r4, [%d1];", "st.shared.b32 [%d1], %r4;"])
def test_global_memory_is_not_shared_memory(name):
    memory = Memory()
    reports = violations(OUT + name, memory, memory.inout(np.zeros(4, np.float32)), block=1)
    assert [violation.problem for violation in reports] == ["outside every allocation"]


def test_shared_memory_is_not_global_memory():
    body = ".shared .align 4 .b8 own[16];\nmov.u64 %d1, own;\ncvta.shared.u64 %d1, %d1;\n"
    memory = Memory()
    violation = one_violation(body + "st.global.b32 [%d1], %r1;", memory, memory.inout(np.zeros(1)), block=1)
    assert violation.problem == "in the wrong address space"
    launch(body + "st.b32 [%d1], %r1;\nld.b32 %r1, [%d1];", memory, memory.inout(np.zeros(1)), block=1)


@pytest.mark.parametrize(("offset", "width"), [(16, "b8"), (14, "b32"), (-4, "b32"), (1, "b16")])
@pytest.mark.parametrize("space", ["local", "shared"])
def test_local_and_shared_memory_have_their_sizes(space, offset, width):
    register = {"b8": "%h1", "b16": "%h1", "b32": "%r1"}[width]
    body = (
        f".{space} .align 16 .b8 own[16];\nmov.u64 %d1, own;\nst.{space}.{width} [%d1+{offset}], {register};"
    )
    memory = Memory()
    violation = one_violation(body, memory, memory.inout(np.zeros(1)), block=1)
    assert "outside" in violation.problem or "aligned" in violation.problem
    assert violation.instruction.startswith(f"st.{space}")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("st.global.b32 [%d1], %r3;", ""),
        ("ld.global.b32 %r4, [%d1];", "@%p1 st.global.b32 [%d1], %r3;"),
        ("@%p1 st.global.b32 [%d1], %r3;", "ld.global.b32 %r4, [%d1];"),
        ("red.global.add.u32 [%d1], 1;", "@%p1 ld.global.b32 %r4, [%d1];"),
        ("red.global.add.u32 [%d1], 1;", "@%p1 st.global.b32 [%d1], %r4;"),
    ],
    ids=["write write", "read write", "write read", "atomic read", "atomic write"],
)
@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (2, 2)], ids=["one block", "two blocks", "both"])
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_threads_that_touch_the_same_element_race(first, second, shape, backwards):
    """Thread 1 of all (%p1), whichever block it is in, does the second thing."""
    memory = Memory()
    body = OUT + f"setp.eq.u32 %p1, %r3, 1;\n{first}\n{second}"
    out = memory.inout(np.zeros(1, np.float32))
    reports = violations(body, memory, out, grid=shape[0], block=shape[1], backwards=backwards)
    assert {violation.problem for violation in reports} == {"races with another thread"}
    assert all(", with " in violation.other for violation in reports)


def test_reads_by_many_and_atomics_by_many_do_not_race():
    memory = Memory()
    body = OUT + "ld.global.b32 %r4, [%d1];\nred.global.add.u32 [%d1+4], 1;"
    values = np.zeros(2, np.uint32)
    launch(body, memory, memory.inout(values), grid=3, block=5)
    assert values.tolist() == [0, 15]


def test_an_earlier_reader_is_not_forgotten_when_the_writer_reads_last():
    """Threads 0 and 1 read, thread 1 writes: the race is with thread 0."""
    memory = Memory()
    body = OUT + "ld.global.b32 %r4, [%d1];\nsetp.eq.u32 %p1, %r3, 1;\n@%p1 st.global.b32 [%d1], %r4;"
    violation = one_violation(body, memory, memory.inout(np.zeros(1, np.float32)), block=2)
    assert violation.thread == (1, 0, 0)
    assert violation.other == ", with block (0, 0, 0) several threads"


def test_an_endless_loop_ends():
    memory = Memory()
    body = OUT + "$again:\nadd.s32 %r4, %r4, 1;\nst.global.b32 [%d1], %r4;\nbra.uni $again;"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("verify.cuda.ptx.compile.translate.MAX_BACKWARD_BRANCHES", 1000)
        violation = one_violation(body, memory, memory.inout(np.zeros(1, np.uint32)), block=1)
    assert violation.problem == "branches backwards without end"
    assert memory.allocations[0].arrays[0][0] == 1001


def test_many_violations_are_counted():
    memory = Memory()
    with pytest.raises(Violations, match="12 more") as caught:
        launch(OUT + "st.global.b32 [0], %r1;", memory, memory.inout(np.zeros(1)), block=32)
    assert (caught.value.count, len(caught.value.violations)) == (32, 20)


def test_arrays_that_overlap_are_refused():
    memory, values = Memory(), np.zeros(8)
    memory.input(values[:4])
    memory.input(values)
    with pytest.raises(ValueError, match="separate arrays"):
        memory.output(values[3:])
    with pytest.raises(ValueError, match="contiguous"):
        memory.input(np.zeros(8)[::2])
