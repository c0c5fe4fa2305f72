"""The committed hashes of torch's streams hold where torch is absent, old, or of another platform."""

import json
import platform

import pytest

import refinit
from tests.places import array_at, memory
from tests.streams import FILE, STREAM_CALLS, digest, dtypes, places, seed_of

GOLDEN = json.loads(FILE.read_text())["streams"]
CASES = [pytest.param(call, dtype, id=f"{call}-{dtype}") for call in STREAM_CALLS for dtype in dtypes(call)]


def needs_glibc(call):
    """Normals of float64 and of scattered elements use the C library's double log, log1p, sin and cos."""
    return "normal" in call.function or call.function == "sparse_"


@pytest.mark.parametrize(("call", "dtype"), CASES)
def test_the_stream_is_the_committed_one(call, dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="NumPy has no bfloat16 of its own")
    if needs_glibc(call) and platform.libc_ver()[0] != "glibc":
        pytest.skip("the hashes hold where log, log1p, sin and cos of doubles are glibc's (DESIGN section 3)")
    wrong = []
    for place in places(call):
        buffer, generator = memory(place, dtype), refinit.Generator().manual_seed(seed_of(place))
        call.on(refinit, array_at(buffer, place, dtype), generator)
        if digest(call, buffer, bytes(generator.get_state())) != GOLDEN[str(call)][dtype][str(place)]:
            wrong.append(str(place))
    assert not wrong, f"values or generator state differ from torch 2.13's on {wrong}"


def test_the_file_holds_just_the_cases_of_the_table():
    table = {str(call): {d: [str(p) for p in places(call)] for d in dtypes(call)} for call in STREAM_CALLS}
    committed = {call: {d: list(hashes) for d, hashes in found.items()} for call, found in GOLDEN.items()}
    assert committed == table, "write the file anew from torch: python -m tests.streams"


def test_no_two_calls_share_a_name():
    assert len({str(call) for call in STREAM_CALLS}) == len(STREAM_CALLS)
