"""Fills of more elements than any memory here holds, compared with the CPU's by pieces."""

import pytest

from tests.cuda.far_places import Sampled, fill, found_and_expected, shown
from tests.tables.cases import NORMAL, UNIFORM, each_dtype
from tests.tables.counter_streams import NARROW_TRUNCATION, WIDE_TRUNCATION
from verify.cuda.ptx.memory.allocations import POISON

CALLS = (UNIFORM[1], NORMAL[1], WIDE_TRUNCATION[0], NARROW_TRUNCATION[0])


@pytest.mark.parametrize("skip", [0, 1], ids=["aligned", "at an odd place"])
@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS))
def test_beyond_2_to_the_33_elements(call, dtype, skip):
    device = Sampled(dtype)
    with shown(device, skip) as array:
        fill(call, array)
    kinds = {name.partition("_")[0] for name, *_ in device.launches}
    assert kinds == ({"each"} if skip and dtype != "complex128" else {"wide"})
    for found, expected in found_and_expected(device, call, dtype, skip):
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS[:2], ("float32", "bfloat16", "complex128")))
def test_strides_that_reach_beyond(call, dtype):
    """Two elements apart: the last lies 2**34 elements on."""
    device = Sampled(dtype, apart=2)
    with shown(device) as array:
        fill(call, array)
    for found, expected in found_and_expected(device, call, dtype):
        assert found.tobytes() == expected.tobytes()
    for memory in device.held.arrays:
        assert set(memory[1::2].tobytes()) <= {POISON}
