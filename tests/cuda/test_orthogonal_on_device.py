"""orthogonal_ on devices: the reflectors of the CPU, rounded otherwise; the same bits in any block and layout."""

import math
from contextlib import contextmanager
from itertools import pairwise

import ml_dtypes
import numpy as np
import pytest

import refinit
from refinit.devices import device as devices
from refinit.generators.counter_generator import CounterGenerator
from refinit.streams.counter.kernels.cuda.table import SIDE
from tests.cuda.standins import BACKWARDS, AtAddress, Backwards, block_by_block, checked, on
from tests.tables.cases import REALS
from tests.tables.places import MATRICES, SENTINEL, TENSORS, array_at, dtype_of
from verify.cuda.executors import PtxDevice, SimDevice

SINGLE, DOUBLE = "float32", "float64"
HALVES = ("float16", "bfloat16")
SMALL = (
    *(
        (1, 1),
        (2, 1),
        (1, 3),
        (2, 2),
        (3, 2),
        (2, 3),
        (5, 64),
        (64, 5),
        (63, 62),
        (64, 64),
        (65, 63),
        (65, 65),
    ),
    *((70, 130), (130, 70), (128, 128), (4, 5, 6), (30, 2, 3, 3), (7, 1, 1)),
)
#: Beyond one part of a sum, and beyond sixteen; two panels, and more.
LARGE = ((256, 256), (300, 200), (200, 300), (257, 3, 43), (1000, 300), (5000, 66), (3, 9000))
#: In eps: what streams/counter/cuda/orthogonal.py says of the distance to the CPU, and what tests/streams/counter/
#: haar/test_values.py says of Q^T Q.
CLOSE, ORTHONORMAL = 10, 25
BOTH = pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])


def generator():
    return CounterGenerator(20240229)


def on_host(shape, dtype, gain=1.0):
    return refinit.orthogonal_(np.empty(shape, dtype_of(dtype)), gain, generator=generator())


def on_device(shape, dtype, gain=1.0, device=None):
    found = np.full(math.prod(shape), np.nan, dtype_of(dtype)).reshape(shape)
    with on(device or PtxDevice(), found) as shown:
        refinit.orthogonal_(shown(found), gain, generator=generator())
    return found


def eps_of(dtype):
    return float(np.finfo(dtype).eps)


def assert_close(found, expected, gain=1.0):
    __tracebackhide__ = True
    distance = np.abs(found.astype(np.float64) - expected.astype(np.float64)).max()
    assert distance <= CLOSE * eps_of(found.dtype) * abs(gain)


def assert_orthonormal(found):
    __tracebackhide__ = True
    q = found.reshape(len(found), -1).astype(np.float64)
    q = q.T if q.shape[0] < q.shape[1] else q
    assert np.abs(q.T @ q - np.eye(q.shape[1])).max() <= ORTHONORMAL * eps_of(found.dtype)


@BOTH
@pytest.mark.parametrize("shape", SMALL, ids=str)
def test_small_matrices_are_close_to_those_of_the_cpu_and_every_access_is_sound(shape, dtype):
    found = on_device(shape, dtype, device=checked())
    assert_close(found, on_host(shape, dtype))
    assert_orthonormal(found)


@BOTH
@pytest.mark.parametrize("shape", LARGE, ids=str)
def test_larger_matrices_are_close_to_those_of_the_cpu(shape, dtype):
    found = on_device(shape, dtype)
    assert_close(found, on_host(shape, dtype))
    assert_orthonormal(found)


@BOTH
def test_many_seeds_and_shapes_stay_within_the_stated_distance(dtype):
    """The most that was seen of thousands is 4 eps, and 10 are stated."""
    draw = np.random.default_rng(20261128)
    for _ in range(60):
        shape, seed = tuple(draw.integers(1, 140, 2).tolist()), int(draw.integers(2**63))
        found, expected = np.empty(shape, dtype), np.empty(shape, dtype)
        with on(PtxDevice(), found) as shown:
            refinit.orthogonal_(shown(found), generator=CounterGenerator(seed))
        refinit.orthogonal_(expected, generator=CounterGenerator(seed))
        assert_close(found, expected)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("shape", [(66, 5), (5, 66), (3, 4, 5)], ids=str)
def test_half_types_are_the_float32_ones_rounded_once(shape, half):
    expected = on_device(shape, SINGLE, 0.7).astype(dtype_of(half))
    assert on_device(shape, half, 0.7, checked()).tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("shape", [(70, 66), (66, 70), (129, 5, 13), (64, 64)], ids=str)
def test_neither_the_order_of_threads_nor_blocks_changes_a_bit(shape, dtype):
    assert (
        on_device(shape, dtype, device=Backwards(sanitize=True)).tobytes()
        == on_device(shape, dtype).tobytes()
    )


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("place", [p for p in (*MATRICES, *TENSORS) if 0 not in p.shape], ids=str)
def test_any_place_gets_the_bits_of_dense_memory_and_nothing_else_is_written(place, dtype):
    found, expected = (np.full(place.room * dtype_of(dtype).itemsize, SENTINEL, np.uint8) for _ in range(2))
    with on(checked(), found.view(dtype_of(dtype))) as shown:
        refinit.orthogonal_(shown(array_at(found.data, place, dtype)), generator=generator())
    array_at(expected.data, place, dtype)[...] = on_device(place.shape, dtype)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("index", BACKWARDS, ids=str)
def test_views_walked_backwards(index):
    base = np.full((20, 45), np.nan, np.float32)
    with on(checked(), base) as shown:
        refinit.orthogonal_(shown(base[index]), generator=generator())
    assert base[index].tobytes() == on_device(base[index].shape, SINGLE).tobytes()


def cut(shape, *places):
    """Blocks between these places of each axis."""
    blocks = [()]
    for length, inner in zip(shape, places, strict=True):
        edges = [0, *inner, length]
        blocks = [(*b, slice(*edge)) for b in blocks for edge in pairwise(edges)]
    return blocks


@BOTH
@pytest.mark.parametrize(
    ("shape", "places"),
    [
        ((70, 70), ([3], [1, 63, 64, 65])),
        ((140, 133), ([64, 130], [5, 64, 100, 128])),
        ((90, 300), ([1, 64, 70], [13])),
        ((300, 9, 8), ([299], [2, 8], [1, 5])),
        ((5, 6, 7), ([2, 4], [1, 3], [6])),
        ((300, 3), ([256], [1])),
    ],
    ids=str,
)
def test_blocks_have_the_bits_of_the_whole(shape, places, dtype):
    def fill(tensor):
        refinit.orthogonal_(tensor, 0.7, generator=generator())

    found = block_by_block(fill, shape, cut(shape, *places), dtype)
    assert found.tobytes() == on_device(shape, dtype, 0.7).tobytes()


@BOTH
@pytest.mark.parametrize("gain", [2.5, -1, 0, math.sqrt(2), 1e-3, math.inf, 1e-45])
def test_gain_multiplies_the_rounded_factor(gain, dtype):
    with np.errstate(all="ignore"):
        expected = on_device((30, 20), dtype) * np.dtype(dtype).type(gain)
    found = on_device((30, 20), dtype, gain)
    assert ((found == expected) | (np.isnan(found) & np.isnan(expected))).all()


def test_each_fill_takes_a_number_and_one_that_fails_gives_it_back():
    class Full(PtxDevice):
        @contextmanager
        def scratch(self, size):
            raise MemoryError
            yield size

    fills, first, second = CounterGenerator(1), np.zeros((5, 3), SINGLE), np.zeros((5, 3), SINGLE)
    with on(Full(), first) as shown, pytest.raises(MemoryError):
        refinit.orthogonal_(shown(first), generator=fills)
    assert fills.fill_number == 0
    assert not first.any()
    for array in (first, second):
        with on(PtxDevice(), array) as shown:
            refinit.orthogonal_(shown(array), generator=fills)
    assert fills.fill_number == 2
    assert_close(second, refinit.orthogonal_(np.empty((5, 3), SINGLE), generator=advanced(1)))


def advanced(fills):
    advanced = CounterGenerator(1)
    for _ in range(fills):
        refinit.normal_(np.empty(1), generator=advanced)
    return advanced


class Noting(PtxDevice):
    """It runs nothing, and notes what it is asked for."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    @contextmanager
    def scratch(self, size):
        self.sizes.append(size)
        yield 1 << 40

    def run(self, kernel, grid, block, arguments):
        pass


def noted(shape, dtype, block=None):
    """The device after a fill of memory that is not there: of the first block of this shape, or of the whole."""
    device = Noting()
    tensor = AtAddress(1 << 44, block or shape, None, np.dtype(dtype).str)
    with devices.reached_by(lambda place: device):
        refinit.orthogonal_(refinit.Shard(tensor, shape, (0, 0)), generator=generator())
    return device


@BOTH
@pytest.mark.parametrize("shape", [(4096, 4096), (1 << 20, 512), (512, 1 << 20), (8192, 4100)], ids=str)
def test_a_large_matrix_takes_one_workspace_of_its_size_and_six_launches_for_64_columns(shape, dtype):
    device = noted(shape, dtype)
    numbers, (m, n) = sum(device.sizes) / np.dtype(dtype).itemsize, (max(shape), min(shape))
    assert numbers <= (m + SIDE) * (n + SIDE) * 1.27 + m * SIDE
    assert len(device.launches) == 6 * -(-n // SIDE) - sum(m - at <= 256 for at in range(0, n, SIDE)) + 2


def test_a_block_of_columns_takes_memory_for_itself_and_panels_up_to_itself():
    device = noted((4096, 4096), SINGLE, (4096, 100))
    assert sum(device.sizes) <= 4 * 4096 * (128 + SIDE) * 1.5
    assert len(device.launches) == 6 * 2 + 2


def test_grids_of_a_hundred_million_rows_are_within_cudas_limits():
    for _, grid, _ in noted((10**8, 70), SINGLE).launches:
        assert grid[0] < 2**31
        assert grid[1] < 2**16


@pytest.mark.parametrize("dtype", REALS)
def test_the_simulator_agrees(dtype, proves):
    device = SimDevice()
    found, expected = on_device((5, 3), dtype, device=device), on_host((5, 3), dtype)
    spacing = float(ml_dtypes.finfo(dtype_of(dtype)).eps)
    assert np.abs(found.astype(np.float64) - expected.astype(np.float64)).max() <= CLOSE * spacing
    proves("simulator", kernels=[name for name, *_ in device.launches])
