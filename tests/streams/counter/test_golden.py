"""The counter stream is the committed one: on this machine, CPU and compiler as on every other."""

import json

import pytest

from tests.tables import counter_streams
from tests.tables.cases import each_dtype
from tests.tables.counter_streams import FILE, FROZEN, digest, first_values, orthogonal_normals, shapes

GOLDEN = json.loads(FILE.read_text())
FIRST = {str(call): call for call in FROZEN}


def needs_its_dtype(dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="NumPy has no bfloat16 of its own")


@pytest.mark.parametrize(("call", "dtype"), each_dtype(FROZEN))
def test_the_stream_is_the_committed_one(call, dtype):
    needs_its_dtype(dtype)
    committed = GOLDEN["streams"].get(str(call), {}).get(dtype)
    assert committed, f"a new call or dtype: {GOLDEN['write']} adds it to {FILE.name}"
    wrong = [shape for shape in shapes(call) if digest(call, shape, dtype) != committed[str(shape)]]
    assert not wrong, f"values or generator state differ from the committed ones on {wrong}"


@pytest.mark.parametrize("name", GOLDEN["first"])
def test_the_first_values_of_key_0_are_the_committed_ones(name):
    for dtype, values in GOLDEN["first"][name].items():
        needs_its_dtype(dtype)
        assert first_values(FIRST[name], dtype) == values


@pytest.mark.parametrize("dtype", GOLDEN["orthogonal_normals"])
def test_the_normals_behind_orthogonal_are_the_committed_ones(dtype):
    for shape, hashed in GOLDEN["orthogonal_normals"][dtype].items():
        assert orthogonal_normals(tuple(json.loads(f"[{shape[1:-1]}]")), dtype) == hashed


def test_the_file_says_what_writes_it():
    assert f"python -m {counter_streams.__name__}" == GOLDEN["write"]


def test_the_file_holds_just_the_cases_of_the_table():
    """A call that is dropped, or renamed, leaves nothing behind."""
    expected = {str(call): {d: list(map(str, shapes(call))) for d in call.dtypes} for call in FROZEN}
    held = {
        name: {d: list(hashes) for d, hashes in by_dtype.items()}
        for name, by_dtype in GOLDEN["streams"].items()
    }
    assert held == expected, f"write {FILE.name} anew: {GOLDEN['write']}"
