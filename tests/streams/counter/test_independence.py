"""Position is everything: neither threads, nor layout, nor alignment, nor the partition into shards changes a value."""

import hashlib

import numpy as np
import pytest

import refinit
from tests.tables.cases import FLOATS, each_dtype
from tests.tables.counter_streams import ORTHOGONAL, PATHS, RANDOM
from tests.tables.places import dtype_of

KEY = 5
THREADS = (1, 2, 3, 7, 16)
#: Beyond the sizes from which threads share and turned arrays go by blocks; no multiples of a tile.
MATRIX, KERNEL = (331, 251), (3, 200, 2, 151)
SMALL = (9, 6, 5, 7)


@pytest.fixture
def threads():
    """Sets the number of threads for a test and resets it afterwards."""
    before = refinit.get_num_threads()
    yield refinit.set_num_threads
    refinit.set_num_threads(before)


def c_order(shape, dtype):
    return np.empty(shape, dtype)


def fortran(shape, dtype):
    return np.empty(shape[::-1], dtype).T


def strided(shape, dtype):
    return np.empty([2 * n for n in shape], dtype)[tuple(slice(1, None, 2) for _ in shape)]


def negative(shape, dtype):
    return np.empty(shape, dtype)[tuple(slice(None, None, -1) for _ in shape)]


def channels_last(shape, dtype):
    return np.moveaxis(np.empty((shape[0], *shape[2:], shape[1]), dtype), -1, 1)


def padded(shape, dtype):
    return np.empty((*shape[:-1], shape[-1] + 3), dtype)[..., 2:-1]


def unaligned(shape, dtype):
    size = int(np.prod(shape))
    return np.frombuffer(bytearray(size * dtype.itemsize + 1), np.uint8)[1:].view(dtype).reshape(shape)


def unaligned_strided(shape, dtype):
    record = np.dtype({"names": ["w"], "formats": [dtype], "offsets": [1], "itemsize": dtype.itemsize + 3})
    return np.empty(shape, record)["w"]


LAYOUTS = (c_order, fortran, strided, negative, channels_last, padded, unaligned, unaligned_strided)


def cuts(draw, length):
    """Where to cut an axis: sometimes nowhere, sometimes at every element, now and then an empty piece."""
    count = int(draw.choice([0, 1, 2, 4]))
    inner = sorted(draw.integers(0, length + 1, count).tolist())
    return list(zip([0, *inner], [*inner, length], strict=True))


def partition(draw, shape):
    """A random partition into blocks, as slices."""
    blocks = [()]
    for length in shape:
        blocks = [(*block, slice(*piece)) for block in blocks for piece in cuts(draw, length)]
    draw.shuffle(blocks)
    return blocks


def hash_of(array):
    return hashlib.sha256(array.tobytes()).hexdigest()


def fill(call, array):
    generator = refinit.CounterGenerator(KEY)
    call.on(refinit, array, generator)
    assert generator.fill_number == 1
    return hash_of(array)


def fill_by_shards(call, array, blocks):
    generator = refinit.CounterGenerator(KEY)
    for block in blocks:
        offset = tuple(piece.start for piece in block)
        clone = generator.clone_state()
        call.on(refinit, refinit.Shard(array[block], array.shape, offset), clone)
        assert clone.fill_number == 1
    return hash_of(array)


def shape_for(call, *shapes):
    return next(shape for shape in shapes if len(shape) in call.ndims)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(RANDOM))
def test_one_hash_over_threads_layouts_and_shards(call, dtype, threads):
    draw, kind = np.random.default_rng(len(str(call))), dtype_of(dtype)
    shape = shape_for(call, SMALL, (30, 63))
    threads(1)
    expected = fill(call, c_order(shape, kind))
    for number, layout in enumerate(LAYOUTS):
        threads(THREADS[number % len(THREADS)])
        assert fill(call, layout(shape, kind)) == expected, layout.__name__
        found = fill_by_shards(call, layout(shape, kind), partition(draw, shape))
        assert found == expected, (layout.__name__, "shards")


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS))
def test_one_hash_over_threads_and_layouts_of_large_arrays(call, dtype, threads):
    # orthogonal_ costs a matrix product and more
    shapes = [shape for shape in (KERNEL, MATRIX) if len(shape) in call.ndims and call not in ORTHOGONAL]
    for shape in shapes or [MATRIX]:
        threads(1)
        expected = fill(call, c_order(shape, dtype_of(dtype)))
        for layout in LAYOUTS if shapes else (c_order, fortran, unaligned):
            if layout is channels_last and len(shape) == 2:
                continue  # C order
            for number in THREADS if layout in {c_order, strided, fortran} else (3, 7):
                threads(number)
                assert fill(call, layout(shape, dtype_of(dtype))) == expected, (layout.__name__, number)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS, ("float16", "float32", "float64", "complex64")))
def test_large_shards_are_shared_by_the_threads_as_the_whole_is(call, dtype, threads):
    shape, kind = (700, 480) if call.function != "orthogonal_" else MATRIX, dtype_of(dtype)
    threads(2)
    expected = fill(call, c_order(shape, kind))
    rows, columns = (slice(0, 301), slice(301, shape[0])), (slice(0, 247), slice(247, shape[1]))
    for blocks in (
        [(row, column) for row in rows for column in columns],
        [(r, slice(0, None)) for r in rows],
    ):
        for number in (3, 16):
            threads(number)
            assert fill_by_shards(call, c_order(shape, kind), blocks) == expected, number
    for layout in (fortran, strided, unaligned_strided):
        assert fill_by_shards(call, layout(shape, kind), [(r, c) for c in columns for r in rows]) == expected


OF_NO_SHAPE = [call for call in PATHS if call.function in {"uniform_", "normal_", "trunc_normal_"}]


@pytest.mark.parametrize(("call", "dtype"), each_dtype(OF_NO_SHAPE, ("float32", "float64")))
def test_a_longer_array_begins_with_the_shorter_one(call, dtype):
    """Elementwise laws that do not look at the shape: element i is the same in an array of any shape."""
    kind = dtype_of(dtype)
    longest = np.empty(3000, kind)
    fill(call, longest)
    for shape in ((17,), (2999,), (30, 100), (5, 4, 3, 2), (1, 3000)):
        array = np.empty(shape, kind)
        fill(call, array)
        assert array.tobytes() == longest[: array.size].tobytes()


def test_every_dtype_and_random_function_is_in_the_table():
    from refinit.initializers.registry import INITIALIZERS

    functions = {name for name, one in INITIALIZERS.items() if one.random}
    added = "add a Call to CALLS in tests/tables/cases.py"
    assert {call.function for call in RANDOM} == functions, added
    assert {dtype for call in RANDOM for dtype in call.dtypes} == set(FLOATS)
