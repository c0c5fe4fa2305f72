"""The committed hashes of torch's streams hold where torch is absent, old, or of another platform."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

import refinit
from tests.paths import ROOT
from tests.tables import streams
from tests.tables.places import array_at, memory
from tests.tables.streams import FILE, STREAM_CALLS, digest, dtypes, places, seed_of
from verify.cases.case import Case
from verify.checks import hashes
from verify.checks.hashes import libm_divergence
from verify.subjects.environment import environment

MADE = json.loads(FILE.read_text())
GOLDEN = MADE["streams"]
NORMAL = next(call for call in STREAM_CALLS if str(call) == "normal_()")
CASES = [pytest.param(call, dtype, id=f"{call}-{dtype}") for call in STREAM_CALLS for dtype in dtypes(call)]


def libm_cause(call, place, dtype):
    """Why this machine may have other bits there, by its C library's functions, or nothing."""
    layout = "contiguous" if place.name == "contiguous" else "sliced"
    case = Case(call.function, place.shape, dtype, call.parameters, layout=layout)
    # hashed without its values, and its blocks leave no normal in the state
    if call.function == "orthogonal_":
        return ""
    # one hash for both values and state
    return libm_divergence(case, state=False) or libm_divergence(case, values=False)


@pytest.mark.parametrize(("call", "dtype"), CASES)
def test_the_stream_is_the_committed_one(call, dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="NumPy has no bfloat16 of its own")
    committed = GOLDEN.get(str(call), {}).get(dtype)
    assert committed, f"a new call or dtype: {MADE['write']} adds it to {FILE.name}"
    wrong, diverged, causes = [], [], set()
    for place in places(call):
        buffer, generator = memory(place, dtype), refinit.Generator().manual_seed(seed_of(place))
        call.on(refinit, array_at(buffer, place, dtype), generator)
        same = digest(call, buffer, bytes(generator.get_state())) == committed[str(place)]
        if not same:
            cause = libm_cause(call, place, dtype)
            (diverged if cause else wrong).append(str(place))
            causes.add(cause)
    assert not wrong, f"values or generator state differ from torch 2.13's on {wrong}"
    if diverged:
        pytest.xfail(f"known divergence of {'; '.join(causes)}: {diverged}")


def reals(place, dtype):
    return math.prod(place.shape) * (2 if dtype.startswith("complex") else 1)


def test_hashes_that_hang_on_the_c_library_are_known(monkeypatch):
    """See "Which bits are promised" in README.md: the rest holds everywhere."""
    here = replace(environment(), libm=("log", "log1p", "sin", "cos"))
    monkeypatch.setattr(hashes, "environment", lambda: here)
    known = {
        (call.function, dtype, place.name != "contiguous" or reals(place, dtype) < 16)
        for call in STREAM_CALLS
        for dtype in dtypes(call)
        for place in places(call)
        if libm_cause(call, place, dtype)
    }
    assert ("normal_", "float64", False) in known
    assert ("normal_", "float32", True) in known
    assert ("sparse_", "complex128", False) in known
    functions = {"normal_", "trunc_normal_", "xavier_normal_", "kaiming_normal_", "sparse_"}
    assert {function for function, *_ in known} == functions
    blocks = {dtype for _, dtype, serial in known if not serial}
    assert blocks == {"float64", "complex128"}


def test_where_the_c_library_agrees_nothing_is_excused(monkeypatch):
    monkeypatch.setattr(hashes, "environment", lambda: replace(environment(), libm=()))
    for call, dtype in (case.values for case in CASES):
        assert not any(libm_cause(call, place, dtype) for place in places(call))


def test_without_fma_the_machine_is_named_and_nothing_fails(without_fma):
    """normal_() of every type by glibc's functions for such a processor: float64 and complex128 differ."""
    name = f"{__file__}::{test_the_stream_is_the_committed_one.__name__}"
    cases = [f"{name}[normal_()-{dtype}]" for dtype in NORMAL.dtypes]
    command = [sys.executable, "-m", "pytest", "-q", "-rx", "-p", "no:cacheprovider", *cases]
    done = subprocess.run(command, cwd=ROOT, env=without_fma, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 xfailed" in done.stdout
    assert done.stdout.count("known divergence of C library: ") == 2


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
