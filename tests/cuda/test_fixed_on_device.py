"""constant_, eye_ and dirac_ on devices: the bits of the same fills of NumPy arrays."""

import math

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import refinit
from refinit import Shard
from refinit.arrays.walks import axes, patterns
from refinit.devices import device as devices
from refinit.streams.fixed import cuda as fixed
from tests.cuda.standins import (
    BACKWARDS,
    AtAddress,
    Far,
    WritingOnce,
    block_by_block,
    checked,
    on,
    same,
    same_view,
)
from tests.tables.cases import EVERY
from tests.tables.places import MATRICES, PLACES, TENSORS, Place, contiguous, dtype_of

EYE_TYPES = tuple(name for name in EVERY if name not in {"uint16", "uint32", "uint64"})
VALUES = {
    **dict.fromkeys(("float16", "bfloat16", "float32", "float64"), (-2.7, -0.0, math.nan, math.inf, 1e-7)),
    **dict.fromkeys(("complex64", "complex128"), (1.5 - 2.5j, complex(-0.0, math.inf), 3)),
    **dict.fromkeys(("int8", "int16", "int32", "int64"), (-7, 100)),
    **dict.fromkeys(("uint8", "uint16", "uint32"), (200, -1)),
    "uint64": (2**64 - 3,),
    "bool": (True, 0),
}
#: Runs with gaps between them: of many bytes and of few, at all places within sixteen bytes.
GAPS = (
    Place("gaps", (7, 150), (151, 1), 1),
    Place("gaps-aligned", (7, 150), (160, 1)),
    Place("gaps-narrow", (9, 5), (6, 1), 1),
    Place("gaps-both", (3, 5, 80), (1000, 90, 1), 3),
    Place("deep", (2, 3, 2, 3, 4), (600, 130, 50, 14, 3), 1),
)


def three(tensor):
    return refinit.constant_(tensor, 3)


@pytest.mark.parametrize("dtype", EVERY)
def test_constants_fill_any_place_and_nothing_else(dtype):
    for place in (*PLACES, *GAPS):
        same(three, place, dtype)


@pytest.mark.parametrize("dtype", EVERY)
def test_constants_are_the_numbers_that_numpy_arrays_get(dtype):
    for value in VALUES[dtype]:
        for place in (contiguous(21, offset=1), Place("step", (20,), (3,), 2)):
            same(lambda tensor, value=value: refinit.constant_(tensor, value), place, dtype)


@pytest.mark.parametrize("dtype", ["bool", "float16", "float32", "complex64", "complex128"])
def test_dense_arrays_of_any_length_at_any_place_take_one_launch(dtype):
    itemsize = dtype_of(dtype).itemsize
    lengths = {*range(18), *range(255, 258), 4096 // itemsize - 1, 4096 // itemsize, 4096 // itemsize + 1}
    for offset in range(0, 17, 3):
        for length in sorted(lengths):
            launches = same(three, contiguous(length, offset=offset), dtype).launches
            assert [name for name, _, _ in launches] == ["wide_constant"] * (length > 0)


@pytest.mark.parametrize(
    ("shape", "strides"),
    [((40,), (2,)), ((40,), (5,)), ((4, 20), (40, 2)), ((4, 20), (41, 2)), ((4, 3, 2), (21, 7, 3))],
)
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_numbers_lie_at_multiples_of_their_parts(dtype, shape, strides):
    """Strides count parts."""
    part = dtype_of(dtype).itemsize // 2
    for skew in (0, 1):
        host, other = (np.full(300, 7, f"u{part}") for _ in range(2))
        steps = [stride * part for stride in strides]
        views = [as_strided(base[skew : 298 + skew].view(dtype), shape, steps) for base in (host, other)]
        refinit.constant_(views[0], 1 - 2j)
        with on(checked(), other) as shown:
            refinit.constant_(shown(views[1]), 1 - 2j)
        assert host.tobytes() == other.tobytes()


@pytest.mark.parametrize("index", BACKWARDS, ids=str)
@pytest.mark.parametrize("dtype", ["uint8", "bfloat16", "float64", "complex128"])
def test_constants_walk_backwards(dtype, index):
    same_view(three, (20, 50), index, dtype)


def test_arrays_turned_round_are_as_dense_as_before():
    device = same_view(three, (20, 50), (slice(None, None, -1), slice(None, None, -1)), "float32")
    assert device.launches == [("wide_constant", (1, 1), 256)]


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32", "float64", "complex128"])
def test_every_byte_is_written_once(dtype):
    for place in (*PLACES, *GAPS):
        device = same(three, place, dtype, WritingOnce())
        assert device.writes.sum() == math.prod(place.shape) * dtype_of(dtype).itemsize


@pytest.mark.parametrize("dtype", EYE_TYPES)
def test_identities(dtype):
    for place in (*MATRICES, *GAPS[:3]):
        same(refinit.eye_, place, dtype)


@pytest.mark.parametrize("dtype", EVERY)
def test_dirac_kernels(dtype):
    for place in TENSORS:
        for groups in range(1, place.shape[0] + 1):
            if len(place.shape) in {3, 4, 5} and place.shape[0] % groups == 0 and 0 not in place.shape:
                same(lambda tensor, groups=groups: refinit.dirac_(tensor, groups), place, dtype)


@pytest.mark.parametrize("index", BACKWARDS, ids=str)
@pytest.mark.parametrize("dtype", ["bool", "complex64"])
def test_patterns_walk_backwards(dtype, index):
    same_view(refinit.eye_, (45, 50), index, dtype)
    same_view(refinit.dirac_, (45, 50, 3), index, dtype)


@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_blocks_make_the_whole(dtype):
    """Blocks without, with a part of, and with several groups' diagonals; the centre in one, or in none."""
    for shape, call in (
        ((12, 7), refinit.eye_),
        ((7, 12), refinit.eye_),
        ((12, 3, 5), lambda tensor: refinit.dirac_(tensor, 4)),
        ((12, 3, 5), lambda tensor: refinit.dirac_(tensor, 12)),
        ((6, 8, 4, 2), lambda tensor: refinit.dirac_(tensor, 2)),
    ):
        blocks = [()]
        for length in shape:
            pieces = [slice(at, min(at + 5, length)) for at in range(0, length, 5)]
            blocks = [(*block, piece) for block in blocks for piece in pieces]
        whole = call(np.empty(shape, dtype))
        assert block_by_block(call, shape, blocks, dtype).tobytes() == whole.tobytes()


def test_a_pattern_is_zeros_and_one_launch_for_all_ones():
    for call, place in (
        (refinit.eye_, contiguous(40, 50)),
        (lambda tensor: refinit.dirac_(tensor, 4), contiguous(40, 5, 3, 3)),
    ):
        names = [name for name, _, _ in same(call, place, "float32").launches]
        assert names == ["wide_constant", "diagonal_32"]


def test_a_value_that_does_not_fit_is_refused_before_anything_is_launched():
    device, array = checked(), np.full(3, 5, np.int8)
    with on(device, array) as shown, pytest.raises(RuntimeError, match="without overflow"):
        refinit.constant_(shown(array), 300)
    assert not device.launches
    assert (array == 5).all()


@pytest.mark.parametrize("most", [4, 7, 64])
def test_fills_too_large_for_one_launch_take_several(most, monkeypatch):
    for module in (axes, patterns, fixed):
        monkeypatch.setattr(module, "INDEX_LIMIT", most)
    monkeypatch.setattr(patterns, "_LAUNCH_BYTES", 16 * (most - 2))
    for place in (*MATRICES, *GAPS):
        same(three, place, "float32", WritingOnce())
    for place in MATRICES:
        same(refinit.eye_, place, "float64")
    for place in (contiguous(24, 3, 5), contiguous(24, 13, 3)):
        for groups in (1, 2, 3, 8, 24):
            same(lambda tensor, groups=groups: refinit.dirac_(tensor, groups), place, "float32")


def test_diagonals_far_out_are_where_they_belong():
    """Rows and columns beyond 32 bits, near a group's first and last row."""
    group = 2**33 + 5
    shape = (6 * group, 2**40, 3)
    for row, column in ((0, 0), (group - 4, group - 9), (5 * group - 3, 0), (5 * group - 3, group - 7)):
        found, expected = (np.full((9, 11, 3), 7, np.float32) for _ in range(2))
        with on(checked(), found) as shown:
            refinit.dirac_(Shard(shown(found), shape, (row, column, 0)), 6)
        refinit.dirac_(Shard(expected, shape, (row, column, 0)), 6)
        assert found.tobytes() == expected.tobytes()
        assert expected.any()


@pytest.mark.parametrize("skew", [0, 12])
@pytest.mark.parametrize("size", [2**33 + 7, 2**35 + 3])
def test_dense_arrays_beyond_32_bits(size, skew):
    """Bytes; the second size takes more than one launch."""
    device = Far(sanitize=True)
    held = device.memory.sampled(np.uint8, size + 32, [(0, 4096), ((size - 4096) // 32 * 32, size + 32)])
    with devices.reached_by(lambda place: device):
        refinit.constant_(AtAddress(held.address + skew, (size,), (1,)), 77)
    first, last = held.arrays
    assert (first[skew:] == 77).all()
    assert (last[: skew - 32] == 77).all()
    assert not {77} & {*first[:skew].tolist(), *last[skew - 32 :].tolist()}
    assert len(device.launches) == -(-size // 2**34)


def test_strided_arrays_beyond_32_bits():
    """Every second byte of 2^34: four launches, of which only the last reaches the end."""
    size, device = 2**34, Far(sanitize=True)
    held = device.memory.sampled(np.uint8, size, [(0, 1024), (size - 1024, size)])
    with devices.reached_by(lambda place: device):
        refinit.constant_(AtAddress(held.address, (size // 2,), (2,)), 77)
    for array in held.arrays:
        assert (array[::2] == 77).all()
        assert not (array[1::2] == 77).any()
    assert len(device.launches) == 4
