"""Shard.flat of CUDA arrays: ranges of the flattened tensor make the device's whole, by one fill number."""

from itertools import pairwise

import numpy as np
import pytest

import refinit
from refinit import CounterGenerator, Shard
from tests.cuda.standins import checked, on
from tests.tables.places import dtype_of

CALLS = {
    "uniform_": ({}, (5, 3, 70)),
    "normal_": ({"std": 0.5}, (7, 300)),
    "trunc_normal_": ({}, (900,)),
    "kaiming_normal_": ({"mode": "fan_out"}, (9, 4, 5)),
    "sparse_": ({"sparsity": 0.4}, (12, 9)),
    "orthogonal_": ({}, (9, 4, 2)),
    "constant_": ({"val": 3}, (7, 11)),
    "eye_": ({}, (8, 11)),
    "dirac_": ({"groups": 2}, (6, 3, 3)),
}
FIXED = {"constant_", "eye_", "dirac_"}


def filled(name, tensor):
    source = CounterGenerator(31)
    keywords = {} if name in FIXED else {"generator": source}
    assert getattr(refinit, name)(tensor, **CALLS[name][0], **keywords) is tensor
    assert source.fill_number == (name not in FIXED)


@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", CALLS)
def test_ranges_make_the_whole(name, dtype):
    shape = CALLS[name][1]
    whole, memory = (np.full(np.prod(shape), 77, dtype_of(dtype)) for _ in range(2))
    with on(checked(), whole) as shown:
        filled(name, shown(whole.reshape(shape)))
    ends = 0, 1, 14, 15, 15, len(whole) // 2, len(whole) - 3, len(whole)
    with on(checked(), memory) as shown:
        for start, stop in pairwise(ends):
            filled(name, Shard.flat(shown(memory[start:stop]), shape, start))
    assert memory.tobytes() == whole.tobytes()


@pytest.mark.parametrize("name", CALLS)
def test_memory_with_strides_is_written_at_its_places_only(name):
    shape = CALLS[name][1]
    expected, found = (np.full(2 * np.prod(shape), 77, np.float32) for _ in range(2))
    count = int(np.prod(shape)) - 20
    whole = np.empty(np.prod(shape), np.float32)
    with on(checked(), whole) as shown:
        filled(name, shown(whole.reshape(shape)))
    expected[5::2][:count] = whole[13 : 13 + count]
    with on(checked(), found) as shown:
        filled(name, Shard.flat(shown(found[5::2][:count]), shape, 13))
    assert found.tobytes() == expected.tobytes()
