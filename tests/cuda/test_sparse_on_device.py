"""sparse_ on devices by a CounterGenerator: the bits of NumPy arrays."""

import numpy as np
import pytest

import refinit
from refinit import CounterGenerator, Shard
from refinit.streams.counter.cuda import sparse as host
from tests.cuda.standins import BACKWARDS, AtAddress, Backwards, block_by_block, checked, on, same, same_view
from tests.tables.cases import FLOATS
from tests.tables.places import MATRICES, Place, contiguous
from verify.cuda.executors import PtxDevice

FRACTIONS = (0.0, 0.02, 0.3, 0.5, 0.7, 0.9, 1.0)


def sparse(fraction, fills=2):
    """A fill that is not its generator's first."""

    def call(tensor):
        generator = CounterGenerator(2**63 + 5)
        for _ in range(fills):
            refinit.normal_(np.empty(1), generator=generator)
        return refinit.sparse_(tensor, fraction, std=0.5, generator=generator)

    return call


@pytest.mark.parametrize("fraction", FRACTIONS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_any_place_gets_the_bits_of_the_host(dtype, fraction):
    for place in MATRICES:
        same(sparse(fraction), place, dtype)


@pytest.mark.parametrize("index", BACKWARDS, ids=str)
@pytest.mark.parametrize("dtype", ["float16", "float32", "complex128"])
def test_arrays_turned_round(dtype, index):
    same_view(sparse(0.4), (45, 50), index, dtype)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 31, 32, 33, 127, 128, 129, 1000])
def test_columns_of_any_length(rows):
    """Short ones, where most of the steps draw what another has drawn, and long ones."""
    for zeros in sorted({0, 1, rows // 3, rows // 2, (rows + 1) // 2, rows - 1, rows}):
        same(sparse(zeros / rows), contiguous(rows, 67), "float32")
        same(sparse(zeros / rows), Place("transposed", (rows, 67), (1, rows), 3), "float32")


@pytest.mark.parametrize("size", [1, 4 * 40 * 7, 4 * 40 * 49])
@pytest.mark.parametrize("least", [1, 3])
def test_batches_make_the_whole(size, least, monkeypatch):
    monkeypatch.setattr(host, "_BATCH_BYTES", size)
    monkeypatch.setattr(host, "_BATCH_COLUMNS", least)
    for place in MATRICES[2:5]:
        rows, columns = place.shape
        batches = -(-columns // max(size // (4 * rows), least))
        names = [name for name, _, _ in same(sparse(0.3), place, "float32").launches]
        assert names.count("draw_subset") == batches
        assert names.count("clear_subset_32") == batches


def test_blocks_make_the_whole():
    for shape, fraction in (((23, 12), 0.3), ((6, 17), 0.8)):
        blocks = [
            (slice(row, min(row + 5, shape[0])), slice(column, min(column + 4, shape[1])))
            for row in range(0, shape[0], 5)
            for column in range(0, shape[1], 4)
        ]
        for dtype in ("bfloat16", "float64"):
            whole = np.empty(shape, dtype) if dtype == "float64" else refinit.empty(*shape, dtype=dtype)
            sparse(fraction)(whole)
            found = block_by_block(sparse(fraction), shape, blocks, dtype)
            assert found.tobytes() == whole.tobytes()


def test_a_block_far_out_takes_the_numbers_of_its_columns():
    """Whose numbers, and whose elements', have more than 32 bits."""
    shape, offset = (41, 2**40), (3, 2**39 + 5)
    expected, found = (np.full((30, 9), 7, np.float32) for _ in range(2))
    sparse(0.4)(Shard(expected, shape, offset))
    with on(checked(), found) as shown:
        sparse(0.4)(Shard(shown(found), shape, offset))
    assert found.tobytes() == expected.tobytes()


def test_the_order_of_the_threads_does_not_matter():
    """Steps of one column race for marks; the least number stays, whoever comes first."""
    for fraction in (0.3, 0.5, 0.8):
        same(sparse(fraction), contiguous(300, 20), "float32", Backwards(sanitize=True))


def test_too_many_rows_are_refused_before_anything_is_drawn():
    device, generator = checked(), CounterGenerator(1)
    with on(device, np.zeros(1, np.uint8)), pytest.raises(ValueError, match="rows"):
        refinit.sparse_(AtAddress(2**44, (2**31 + 1, 1), (4, 4), "<f4"), 0.5, generator=generator)
    assert (device.launches, generator.fill_number) == ([], 0)


class WithoutScratch(PtxDevice):
    def scratch(self, size):
        raise MemoryError(size)


def test_without_scratch_memory_nothing_is_written_nor_drawn():
    device, generator, array = WithoutScratch(), CounterGenerator(1), np.full((6, 5), 7, np.float32)
    with on(device, array) as shown, pytest.raises(MemoryError):
        refinit.sparse_(shown(array), 0.5, generator=generator)
    assert (device.launches, generator.fill_number) == ([], 0)
    assert (array == 7).all()
