"""The table of what is proven of CUDA kernels: complete, current, and nothing in it that no check has shown."""

import json

import pytest

from docs import rungs
from docs.readme import block
from refinit.float8 import FLOAT8
from refinit.initializers.registry import ALL, INITIALIZERS
from refinit.streams.all_kernels import CUDA_KERNELS


@pytest.fixture
def proofs():
    return json.loads(rungs.FILE.read_text())


def test_the_table_is_made_of_the_proofs(proofs):
    assert block(rungs.PAGE.read_text(), "rungs") == rungs.table(proofs), "run `make readme`"


def test_nothing_is_missing(proofs):
    executed = (
        "add calls to tests/cuda/test_matrix.py and run `make cuda-check`, which says how to write rungs.json"
    )
    assert rungs.gaps(proofs) == [], executed
    assert proofs["devices"] == ["sm_80", "sm_90", "sm_100"]


def test_every_cell_says_how_it_is_proven_or_that_it_is_refused(proofs):
    rows = [line.split("|")[1:-1] for line in rungs.table(proofs).splitlines() if line.startswith("| `")]
    assert {name.strip().strip("`") for name, *_ in rows} >= set(INITIALIZERS)
    cells = {cell.strip() for _, *row in rows for cell in row}
    assert cells <= {"L P S", "L P≈ S≈", "L P≈", "L P", "refused"}
    assert {dtype for _, dtypes in rungs.COLUMNS for dtype in dtypes} == set(ALL) - set(FLOAT8)


def kernel_and(rung, **changes):
    note = {
        "rung": rung,
        "kernel": "wide_normal_float32",
        "device": "sm_90",
        "kernels": ["wide_normal_float32"],
    }
    return note | {"function": "normal_", "dtype": "float32"} | changes


def test_notes_are_gathered():
    notes = [
        kernel_and("lint"),
        kernel_and("lint", device="sm_80"),
        kernel_and("lint", kernel="each_normal_float32"),
    ]
    notes += [kernel_and("ptx"), kernel_and("ptx", kernels=["each_normal_float32"], exact=False)]
    proofs = rungs.condensed([*notes, kernel_and("simulator")])
    assert proofs == {
        "devices": ["sm_80", "sm_90"],
        "linted": ["wide_normal_float32"],
        "simulated": ["wide_normal_float32"],
        "executed": {
            "counter normal_": {
                "float32": {"kernels": ["each_normal_float32", "wide_normal_float32"], "exact": False}
            }
        },
    }
    assert rungs.cell(proofs, "counter", "normal_", ("float32",), ("float32",)) == "P≈"
    assert rungs.cell(proofs, "counter", "normal_", ("int8",), ("float32",)) == "refused"


@pytest.mark.parametrize("rung", ["linted", "simulated"])
def test_a_kernel_without_a_rung_is_named(proofs, rung):
    name = proofs[rung].pop()
    assert any(name in gap for gap in rungs.gaps(proofs))


def test_a_function_that_was_not_executed_is_named(proofs):
    del proofs["executed"]["counter sparse_"]["float16"]
    assert "counter sparse_ was not executed for float16" in rungs.gaps(proofs)


def test_proofs_of_other_checks_are_refused(tmp_path, capsys):
    notes = [{"rung": "lint", "kernel": name, "device": "sm_90"} for name in CUDA_KERNELS]
    (tmp_path / "few.json").write_text(json.dumps(notes))
    assert rungs.main([str(tmp_path / "few.json")]) == 1
    assert "was not executed" in capsys.readouterr().err
