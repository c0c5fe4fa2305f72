"""The committed hashes of torch's streams hold where torch is absent, old, or of another platform."""

import json
from types import SimpleNamespace

import pytest

import refinit
from tests.tables import streams
from tests.tables.places import array_at, memory
from tests.tables.streams import FILE, STREAM_CALLS, digest, dtypes, places, seed_of
from verify.cases.case import Case
from verify.checks.hashes import needs_libm
from verify.subjects.environment import environment

MADE = json.loads(FILE.read_text())
GOLDEN = MADE["streams"]
CASES = [pytest.param(call, dtype, id=f"{call}-{dtype}") for call in STREAM_CALLS for dtype in dtypes(call)]


def another_librarys(call, place, dtype):
    """Whether the bits hang on the C library's log, log1p, sin and cos, and this one is not that of the hashes."""
    layout = "contiguous" if place.name == "contiguous" else "sliced"
    needed = call.random and needs_libm(
        Case(call.function, place.shape, dtype, call.parameters, layout=layout)
    )
    return needed and environment().libc != MADE["libc"]


@pytest.mark.parametrize(("call", "dtype"), CASES)
def test_the_stream_is_the_committed_one(call, dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="NumPy has no bfloat16 of its own")
    committed = GOLDEN.get(str(call), {}).get(dtype)
    assert committed, f"a new call or dtype: {MADE['write']} adds it to {FILE.name}"
    wrong = []
    for place in places(call):
        buffer, generator = memory(place, dtype), refinit.Generator().manual_seed(seed_of(place))
        call.on(refinit, array_at(buffer, place, dtype), generator)
        same = digest(call, buffer, bytes(generator.get_state())) == committed[str(place)]
        if not same and not another_librarys(call, place, dtype):
            wrong.append(str(place))
    assert not wrong, f"values or generator state differ from torch 2.13's on {wrong}"


def test_hashes_that_hang_on_the_c_library_are_known(monkeypatch):
    """See "Which bits are promised" in README.md: the rest holds everywhere."""
    monkeypatch.setattr(f"{__name__}.environment", lambda: SimpleNamespace(libc="another"))
    excused = {
        (call.function, dtype)
        for call in STREAM_CALLS
        for dtype in dtypes(call)
        if all(another_librarys(call, place, dtype) for place in places(call))
    }
    assert ("normal_", "float64") in excused
    assert not {name for name, _ in excused} & {"uniform_", "xavier_uniform_", "kaiming_uniform_", "eye_"}
    assert not {dtype for _, dtype in excused} & {"float32", "float16", "bfloat16", "complex64"}


def test_the_file_says_what_writes_it():
    assert f"python -m {streams.__name__}" == MADE["write"]


def test_hashes_come_from_a_reference_machine_only(monkeypatch):
    monkeypatch.setattr(streams, "environment", lambda: SimpleNamespace(doubts=("torch 2.4 is not 2.13",)))
    before = FILE.read_bytes()
    with pytest.raises(SystemExit, match=r"torch 2\.4 is not 2\.13"):
        streams.main()
    assert FILE.read_bytes() == before


def test_the_file_holds_just_the_cases_of_the_table():
    table = {str(call): {d: [str(p) for p in places(call)] for d in dtypes(call)} for call in STREAM_CALLS}
    committed = {call: {d: list(hashes) for d, hashes in found.items()} for call, found in GOLDEN.items()}
    assert committed == table, "write the file anew from torch: python -m tests.tables.streams"


def test_no_two_calls_share_a_name():
    assert len({str(call) for call in STREAM_CALLS}) == len(STREAM_CALLS)
