"""How a Haar matrix is computed: panels and threads change no bit, memory is that of one group of panels."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import numpy as np
import pytest

from refinit.devices import blas, threads
from refinit.streams.counter.host import haar as subject
from refinit.streams.counter.host.haar import haar
from tests.streams.counter.haar.matrices import DTYPES, gaussian, normals_of, whole


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(800, 790), (300, 800)], ids=str)
def test_the_number_of_panels_held_at_a_time_changes_nothing(shape, dtype):
    matrix = gaussian(shape, dtype, seed=3)
    expected = whole(shape, matrix)
    for panels in (1, 2, 3):
        with patch.object(subject, "GROUP", panels * subject.PANEL):
            assert (whole(shape, matrix) == expected).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(2500, 300), (70, 9000)], ids=str)
def test_the_number_of_threads_changes_nothing(shape, dtype):
    matrix, before = gaussian(shape, dtype, seed=4), threads.get_num_threads()
    try:
        results = [threads.set_num_threads(number) or whole(shape, matrix) for number in (1, 2, 3, 7)]
    finally:
        threads.set_num_threads(before)
    assert all((result == results[0]).all() for result in results)


@pytest.fixture
def blas_threads():
    """Sets and gets OpenBLAS's number of threads, and resets it afterwards."""
    if not (functions := blas._openblas_threads()):
        pytest.skip("scipy has another BLAS library, whose threads are left alone")
    get_threads, set_threads = functions
    before = get_threads()
    yield functions
    set_threads(before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(600, 520), (520, 600), (1100, 1050)], ids=str)
def test_the_number_of_threads_of_openblas_changes_nothing_and_is_left_as_it_was(shape, dtype, blas_threads):
    matrix, (get_threads, set_threads) = gaussian(shape, dtype), blas_threads
    set_threads(1)
    alone = whole(shape, matrix)
    set_threads(2)
    assert (whole(shape, matrix) == alone).all()
    assert get_threads() == 2


def test_openblas_keeps_to_one_thread_until_the_last_fill_ends_or_fails(blas_threads):
    get_threads, set_threads = blas_threads
    set_threads(2)
    seen, matrix = [], gaussian((90, 90))

    def normals(row, column, rows, columns, out):
        seen.append(get_threads())
        if column == 0 and len(seen) < 4:
            whole((90, 90), matrix)  # another fill begins and ends meanwhile
            seen.append(get_threads())
            raise InterruptedError
        out[...] = matrix[row : row + rows, column : column + columns]

    with pytest.raises(InterruptedError):
        haar((90, 90), normals, np.empty((90, 90)))
    assert seen == [1, 1, 1]
    assert get_threads() == 2


def test_fills_on_several_threads_do_not_disturb_each_other():
    matrices = [gaussian((800, 700), "float32", seed) for seed in range(4)]
    expected = [whole((800, 700), matrix) for matrix in matrices]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            results = list(pool.map(whole, [(800, 700)] * 4, matrices))
            assert all((got == wanted).all() for got, wanted in zip(results, expected, strict=True))


@pytest.mark.parametrize("shape", [(700, 600), (600, 700)], ids=str)
def test_normals_are_asked_for_by_panel_in_the_order_of_the_tensor(shape):
    matrix, panels = gaussian(shape, "float32"), {}

    def normals(row, column, rows, columns, out):
        assert out.shape == (rows, columns)
        assert out.strides[0 if shape[0] < shape[1] else 1] == out.itemsize
        panels.setdefault((column, columns), []).append((row, rows))
        out[...] = matrix[row : row + rows, column : column + columns]

    wide = shape[0] < shape[1]
    haar(shape, normals, np.empty((130, 700) if wide else (700, 130), np.float32))
    assert sum(columns for _, columns in panels) < 130 + 256, (
        "columns beyond the block's panel are not needed"
    )
    for (column, _), rows in panels.items():
        assert min(rows)[0] == column, "rows above the diagonal are not needed"
        assert sum(count for _, count in rows) == 700 - column


@pytest.mark.parametrize("left", [0, 1024])
def test_columns_take_memory_for_one_group_of_panels(left):
    m, n = 4000, 1280
    normals, out = normals_of(gaussian((m, n), "float32")), np.empty((m, n - left), np.float32)
    haar((9, 9), normals, np.empty((9, 9), np.float32))  # imports
    with patch.object(subject, "GROUP", subject.PANEL):
        tracemalloc.start()
        haar((m, n), normals, out, offset=(0, left))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 1.1 * (m * 256 + 2 * m * 128) * 4
