"""Constants large enough for the threads and for stores past the cache, written by whole lines of 64 bytes."""

import numpy as np
import pytest

import refinit
from refinit.streams.fixed import host as fixed

VALUES = {
    "float16": 0.3,
    "float32": -0.7,
    "float64": 0.1,
    "complex64": 1 - 2j,
    "complex128": 3 + 4j,
    "int8": -5,
    "bool": True,
}


@pytest.mark.parametrize("streamed", [False, True], ids=["cached", "streamed"])
@pytest.mark.parametrize("dtype", VALUES)
def test_every_byte_inside_and_none_outside(dtype, streamed, monkeypatch):
    monkeypatch.setattr(fixed, "_LARGE_BYTES", 0)
    monkeypatch.setattr(fixed, "_STREAMED_BYTES", 0 if streamed else 1 << 60)
    itemsize = np.dtype(dtype).itemsize
    for bytes_before in range(0, 72, np.dtype(dtype).alignment):
        for size in (0, 1, 2, 63, 64, 65, 1000):
            memory = np.full(bytes_before + size * itemsize + 64, 0xA5, np.uint8)
            inside = memory[bytes_before : bytes_before + size * itemsize]
            refinit.constant_(inside.view(dtype), VALUES[dtype])
            assert inside.tobytes() == np.full(size, VALUES[dtype], dtype).tobytes()
            assert (memory[:bytes_before] == 0xA5).all()
            assert (memory[bytes_before + size * itemsize :] == 0xA5).all()


@pytest.mark.parametrize("megabytes", [16, 33])
def test_at_the_sizes_where_it_is_done(megabytes):
    w = refinit.empty((megabytes << 18) + 3)
    refinit.constant_(w, 0.25)
    assert (w == 0.25).all()
