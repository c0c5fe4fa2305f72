"""What the lint of verify.cuda.ptx says about kernels that contain it, and nothing about those that do not."""

from __future__ import annotations

import pytest

from tests.verify.cuda.ptx.sources import INDEX, kernel, pointer
from verify.cuda.ptx.__main__ import main
from verify.cuda.ptx.lint import lint

CLEAN = (
    INDEX
    + pointer("%d1", "out")
    + """
fma.rn.f32 %f1, %f2, %f3, %f4;
mul.rn.f32 %f1, %f1, %f2;
st.global.v4.f32 [%d1], {%f1, %f1, %f1, %f1};
st.global.f32 [%d1], %f1;
"""
)
DIRTY = """
.local .align 8 .b8 spilled[24];
.shared .align 8 .b8 own[100];
mul.f32 %f1, %f2, %f3;
add.f32 %f1, %f1, %f3;
sub.f64 %g1, %g2, %g3;
add.s32 %r1, %r2, %r3;
ex2.approx.ftz.f32 %f1, %f2;
cvt.f64.f32 %g1, %f1;
st.local.v4.f32 [spilled], {%f1, %f1, %f1, %f1};
st.shared.v2.f32 [own], {%f1, %f1};
st.global.b16 [%d1], %h1;
bar.sync 0;
red.global.add.u32 [%d1], %r1;
"""


def test_a_clean_kernel():
    (facts,) = lint(kernel(CLEAN)).values()
    assert (facts.float64, facts.approximations, facts.contractible, facts.unsupported) == ((), (), (), "")
    assert (facts.local_bytes, facts.shared_bytes, facts.barriers, facts.atomics) == (0, 0, 0, 0)
    assert facts.widest_store == 16
    assert dict(facts.stores) == {16: 1, 4: 1}
    assert facts.opcodes["mov.u32"] == 3
    assert facts.opcodes.total() == 12


def test_a_dirty_kernel():
    (facts,) = lint(kernel(DIRTY)).values()
    assert [inst.opcode for inst in facts.contractible] == ["mul.f32", "add.f32", "sub.f64"]
    assert [inst.opcode for inst in facts.approximations] == ["ex2.approx.ftz.f32"]
    assert [inst.opcode for inst in facts.float64] == ["sub.f64", "cvt.f64.f32"]
    assert (facts.local_bytes, facts.shared_bytes, facts.barriers, facts.atomics) == (24, 100, 1, 1)
    assert (facts.widest_store, facts.unsupported) == (2, "")
    assert kernel(DIRTY).splitlines()[facts.contractible[0].line - 1] == "mul.f32 %f1, %f2, %f3;"


def test_what_the_executor_refuses_is_said():
    (facts,) = lint(kernel("shfl.sync.down.b32 %r1|%p1, %r2, 16, 31, -1;")).values()
    assert facts.unsupported.startswith("line ")
    assert "shfl.sync" in facts.unsupported


def test_the_command_prints_each_kernel(tmp_path, capsys):
    path = tmp_path / "two.ptx"
    path.write_text(kernel(CLEAN, name="clean") + kernel(DIRTY, name="dirty").partition("64\n")[2])
    assert main([str(path)]) == 0
    printed = capsys.readouterr().out
    clean, dirty = printed.split("dirty:")
    for line in ("float64: none", "approximations: none", "contractible: none", "widest store: 16 bytes"):
        assert line in clean
    assert "contractible: 3 (line" in dirty
    assert "local memory: 24 bytes; shared memory: 100 bytes" in dirty
    assert "1 ex2.approx.ftz.f32" in dirty


@pytest.mark.parametrize("text", ["nonsense", None], ids=["no PTX", "no file"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path, capsys, text):
    path = tmp_path / "wrong.ptx"
    if text is not None:
        path.write_text(text)
    assert main([str(path)]) == 2
    assert str(path) in capsys.readouterr().out
