"""Laws by position at the ends of lanes, tiles, blocks, grids and shards: each element once, with the CPU's bits."""

from itertools import pairwise, starmap

import numpy as np
import pytest

import refinit
from refinit.arrays.walks import axes
from refinit.streams.counter.cuda import elementwise
from tests.cuda.far_places import BLOCK
from tests.cuda.standins import BACKWARDS, Backwards, WritingOnce, block_by_block, same, same_view
from tests.tables.cases import NORMAL, UNIFORM, each_dtype
from tests.tables.counter_streams import FAR_TRUNCATION, NARROW_TRUNCATION, WIDE_TRUNCATION, at_fill
from tests.tables.places import MATRICES, TENSORS, Place, array_at, contiguous, dtype_of
from verify.cuda.executors import CAPABILITY, PtxDevice, ptx_of
from verify.cuda.kernels import CAPABILITIES

#: One call of each kind of kernel.
CALLS = (UNIFORM[1], NORMAL[1], *WIDE_TRUNCATION[:2], *NARROW_TRUNCATION[:1], *FAR_TRUNCATION[:1])
KINDS = ("uniform", "normal", "inner", "central", "narrow", "tail")


def filled(call):
    """A call at the last fill of a key."""

    def fill(tensor):
        call.on(refinit, tensor, at_fill(2**32 - 1, 0x0123456789ABCDEF))

    return fill


def test_the_calls_are_of_all_kinds():
    for call, kind in zip(CALLS, KINDS, strict=True):
        used = [same(filled(call), place, "float32") for place in (contiguous(9), contiguous(9, offset=1))]
        names = [[name for name, *_ in one.launches] for one in used]
        assert names == [[f"wide_{kind}_float32"], [f"each_{kind}_float32"]]


def sizes(dtype):
    """Elements at the ends of lanes, tiles and blocks of either kind of kernel."""
    block = BLOCK // dtype_of(dtype).itemsize
    ends = (1, 8, 16, 32, 64, 128, 256, block, 2 * block)
    return sorted({size for end in ends for size in (end - 1, end, end + 1)} - {0})


@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS))
def test_sizes(call, dtype):
    for size in sizes(dtype):
        writes_once(filled(call), contiguous(size), dtype)
    for size in (1, 255, 256, 257, 513):
        writes_once(filled(call), contiguous(size, offset=1), dtype)


def writes_once(fill, place, dtype):
    """Also: exactly the bytes of the array are written, each once."""
    used = same(fill, place, dtype, WritingOnce())
    mine = np.zeros(place.room * dtype_of(dtype).itemsize, np.uint8)
    of_array = array_at(mine.data, place, dtype)
    of_array[...] = np.full(of_array.dtype.itemsize, 1, np.uint8).view(of_array.dtype)[0]
    assert (used.writes == mine).all()


@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS))
def test_layouts(call, dtype):
    for place in (
        *MATRICES,
        *TENSORS,
        Place("runs", (5, 520), (544, 1)),
        Place("runs-odd", (5, 520), (537, 1), 1),
    ):
        writes_once(filled(call), place, dtype)
    for index in BACKWARDS:
        same_view(filled(call), (45, 50), index, dtype)
        same_view(filled(call), (45, 50), index, dtype, Backwards(sanitize=True))


def cuts(shape, edges):
    """The blocks between these edges of each axis."""
    axes = [[0, *some, length] for length, some in zip(shape, edges, strict=True)]
    pieces = [list(starmap(slice, pairwise(ends))) for ends in axes]
    return [
        tuple(pieces[axis][at] for axis, at in enumerate(place)) for place in np.ndindex(*map(len, pieces))
    ]


SHARDS = (
    ((5000,), ((1, 16, 63, 64, 700, 4097),)),
    ((7, 1100), ((2, 3), (5, 513, 1099))),
    ((6, 5, 70), ((1,), (3,), (33,))),
    ((2, 3, 2, 3, 20), ((1,), (2,), (1,), (1,), (16,))),
)


@pytest.mark.parametrize(("shape", "edges"), SHARDS, ids=str)
@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS))
def test_shards_in_every_axis_make_the_whole(call, dtype, shape, edges):
    whole = np.empty(shape, dtype_of(dtype))
    filled(call)(whole)
    assert block_by_block(filled(call), shape, cuts(shape, edges), dtype).tobytes() == whole.tobytes()


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex128"])
def test_more_runs_and_elements_than_a_launch_takes(dtype, monkeypatch):
    """Two runs and 64 elements here, 65535 and 2**31 there."""
    monkeypatch.setattr(elementwise, "GRID_Y_LIMIT", 2)
    monkeypatch.setattr(axes, "INDEX_LIMIT", 64)
    fill, launched = filled(NORMAL[1]), {}
    for place in (Place("runs", (5, 520), (544, 1)), Place("both", (20, 17), (111, 3), 7), TENSORS[-3]):
        launched[place.name] = len(same(fill, place, dtype).launches)
    assert launched["runs"] == 3
    assert min(launched.values()) > 1


@pytest.mark.parametrize("capability", [one for one in CAPABILITIES if one != CAPABILITY], ids=str)
@pytest.mark.parametrize(("call", "dtype"), each_dtype(CALLS, ("float16", "bfloat16", "float32", "float64")))
def test_code_for_other_devices_gives_the_same_bits(call, dtype, capability):
    for place in (contiguous(9001), contiguous(300, offset=1)):
        unchecked = PtxDevice()
        unchecked.text_of = lambda kernel: ptx_of(kernel, capability)
        same(filled(call), place, dtype, unchecked)
