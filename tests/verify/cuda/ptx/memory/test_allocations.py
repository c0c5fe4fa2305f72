"""Fills by vector stores, and blocks sampled out of fills that are too large to hold."""

from __future__ import annotations

import numpy as np
import pytest

from tests.verify.cuda.ptx.sources import INDEX, kernel, pointer
from verify.cuda.ptx import Memory, Unwritten, Violations, run

#: Four float32 in one store at element 4 i, if there are so many.
FILL = (
    INDEX
    + pointer("%d1", "out")
    + """
ld.param.u64 %d2, [size];
shl.b64 %d3, %d0, 2;
setp.ge.u64 %p1, %d3, %d2;
@%p1 ret;
cvt.rn.f32.u64 %f1, %d3;
shl.b64 %d4, %d3, 2;
add.s64 %d5, %d1, %d4;
{store}
"""
)
ASSEMBLY = "{\n.reg .b32 unused;\nst.global.cs.v4.f32 [%d5], {%f1, %f1, %f1, %f1};\n}"
FILL_PARAMETERS = ".param .u64 out, .param .u64 size"
WIDE = FILL.format(store=ASSEMBLY).replace(
    "mad.lo.s32 %r3, %r0, %r1, %r2;\ncvt.u64.u32 %d0, %r3;",
    "mul.wide.u32 %d0, %r0, %r1;\ncvt.u64.u32 %d6, %r2;\nadd.s64 %d0, %d0, %d6;",
)


@pytest.mark.parametrize("sanitize", [False, True], ids=["plain", "sanitized"])
@pytest.mark.parametrize(
    "store", [ASSEMBLY, "st.global.v4.f32 [%d5], {%f1, %f1, %f1, %f1};"], ids=["asm", "plain"]
)
def test_a_fill_by_vector_stores(sanitize, store):
    memory, values = Memory(), np.zeros(4096, np.float32)
    arguments = [memory.output(values).pointer(), values.size]
    run(
        kernel(FILL.format(store=store), FILL_PARAMETERS),
        "kernel",
        5,
        256,
        arguments,
        memory,
        sanitize=sanitize,
    )
    assert np.array_equal(values, np.arange(4096) // 4 * 4)


def test_blocks_sampled_out_of_a_fill_that_nothing_can_hold():
    """2**33 + 8 elements: the first, those around 2**32 elements, and the last, at 64-bit addresses."""
    size, memory = 2**33 + 8, Memory()
    last = -(-size // 1024) - 1
    windows = [(0, 1024), (2**32, 2**32 + 1024), (1024 * last, size)]
    out = memory.sampled(np.float32, size, windows)
    blocks = [0, 2**32 // 1024 - 1, 2**32 // 1024, last]
    run(kernel(WIDE, FILL_PARAMETERS), None, last + 1, 256, [out.pointer(), size], memory, blocks=blocks)
    for (start, stop), values in zip(windows, out.arrays, strict=True):
        assert np.array_equal(values, (np.arange(start, stop) // 4 * 4).astype(np.float32))


def test_an_index_of_32_bits_is_found_out_by_a_sample():
    size = 2**33
    memory = Memory()
    out = memory.sampled(np.float32, size, [(2**32 + 1024, 2**32 + 2048)])
    narrow = WIDE.replace(
        "shl.b64 %d3, %d0, 2;", "cvt.u32.u64 %r6, %d0;\nshl.b32 %r6, %r6, 2;\ncvt.u64.u32 %d3, %r6;"
    )
    arguments, block = [out.pointer(), size], 2**32 // 1024 + 1
    with pytest.raises(Unwritten, match=f"1024 elements are never written, the first is {2**32 + 1024}"):
        run(kernel(narrow, FILL_PARAMETERS), None, size // 1024, 256, arguments, memory, blocks=[block])


def test_sampled_memory_is_not_read_elsewhere_and_ends_where_it_ends():
    memory = Memory()
    out = memory.sampled(np.float32, 64, [(0, 32)])
    body = pointer("%d1", "out") + "ld.global.b32 %r4, [%d1+128];\nst.global.b32 [%d1+256], %r4;"
    with pytest.raises(Violations) as caught:
        run(kernel(body), None, 1, 1, [out.pointer()], memory)
    problems = [violation.problem for violation in caught.value.violations]
    assert problems == ["reads what the sampled memory does not hold", "outside every allocation"]


@pytest.mark.parametrize("windows", [[(1, 32)], [(0, 31)], [(32, 16)], [(0, 16), (8, 32)], [(0, 65)]])
def test_windows_lie_at_whole_vectors_in_order(windows):
    with pytest.raises(ValueError, match="expected"):
        Memory().sampled(np.float32, 64, windows)


def test_sampled_memory_needs_the_sanitizer():
    memory = Memory()
    out = memory.sampled(np.float32, 64, [(0, 32)])
    with pytest.raises(ValueError, match="sanitize=True"):
        run(kernel(""), None, 1, 1, [out.pointer()], memory, sanitize=False)
