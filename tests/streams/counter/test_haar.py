"""Haar matrices: orthonormal, a product of reflectors, Haar by exact laws; a block has the bits of the whole."""

import math
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import numpy as np
import pytest
from scipy import stats

from refinit.devices import blas, threads
from refinit.streams.counter.host import haar as subject
from refinit.streams.counter.host.haar import haar

DTYPES = ("float32", "float64")
SQUARE = ((2, 2), (3, 3), (63, 63), (64, 64), (65, 65), (257, 257), (512, 512))
TALL = (
    (2, 1),
    (5, 3),
    (300, 1),
    (65, 64),
    (100, 40),
    (257, 256),
    (300, 257),
    (600, 520),
    (1030, 1025),
    (5000, 3),
)
SHAPES = (*SQUARE, *TALL, *(shape[::-1] for shape in TALL))
#: Ten eps were seen at most, in some thousand draws with two kernels of OpenBLAS.
BOUND = 25


def normals_of(matrix):
    """The callback that reads a tall matrix."""

    def normals(row, column, rows, columns, out):
        out[...] = matrix[row : row + rows, column : column + columns]

    return normals


def gaussian(shape, dtype="float64", seed=1):
    return np.random.default_rng(seed).standard_normal(sorted(shape, reverse=True)).astype(dtype)


def whole(shape, matrix, gain=1.0):
    out = np.full(shape, np.nan, matrix.dtype)
    haar(shape, normals_of(matrix), out, gain=gain)
    return out


def tall(weight):
    return weight.T if weight.shape[0] < weight.shape[1] else weight


def slow(matrix, columns):
    """Columns of H_1 ... H_n diag(-phase), reflector by reflector, in double."""
    matrix, q = matrix.astype(np.float64), np.eye(*matrix.shape)[:, columns]
    for j in reversed(range(matrix.shape[1])):
        v, phase = matrix[j:, j].copy(), math.copysign(1, matrix[j, j])
        v[0] += phase * np.linalg.norm(v)
        q[j:] -= np.outer(2 / (v @ v) * v, v @ q[j:])
        q[:, columns == j] *= -phase
    return q


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_columns_are_orthonormal_and_are_the_product_of_the_reflectors(shape, dtype):
    matrix = gaussian(shape, dtype)
    q, bound = tall(whole(shape, matrix)).astype(np.float64), BOUND * np.finfo(dtype).eps
    assert np.abs(q.T @ q - np.eye(q.shape[1])).max() <= bound
    columns = np.unique(np.linspace(0, q.shape[1] - 1, 50).astype(int))
    assert np.abs(q[:, columns] - slow(matrix, columns)).max() <= bound


def blocks(shape):
    """Ranges of rows and columns around the boundaries of panels, and all of them in pieces."""
    rows, columns = (sorted({0, 1, 255, 256, 257, n // 2, n - 1, n} & set(range(n + 1))) for n in shape)
    yield from ((0, shape[0], low, high) for low in columns for high in columns if low < high)
    yield from ((low, high, 0, shape[1]) for low in rows for high in rows[-2:] if low < high)
    yield rows[1], rows[-2], columns[1], columns[-2]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(9, 5), (257, 257), (300, 256), (520, 515), (260, 530)], ids=str)
def test_a_block_has_the_bits_of_the_whole(shape, dtype):
    matrix = gaussian(shape, dtype, seed=2)
    expected = whole(shape, matrix, gain=0.7)
    for top, bottom, left, right in blocks(shape):
        out = np.full((max(0, bottom - top), max(0, right - left)), np.nan, dtype)
        haar(shape, normals_of(matrix), out, offset=(top, left), gain=0.7)
        assert (out == expected[top:bottom, left:right]).all(), (top, bottom, left, right)


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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(300, 270), (270, 300)], ids=str)
def test_strides_change_neither_values_nor_surroundings(shape, dtype):
    matrix = gaussian(shape, dtype, seed=5)
    expected = whole(shape, matrix)
    for order, step in (("C", (1, 1)), ("F", (1, 1)), ("C", (2, 3)), ("F", (-1, 2)), ("C", (-2, -1))):
        buffer = np.zeros([n * abs(s) + 3 for n, s in zip(shape, step, strict=True)], dtype, order=order)
        inner = tuple(slice(1, 1 + n * abs(s), abs(s)) for n, s in zip(shape, step, strict=True))
        out = buffer[inner][:: np.sign(step[0]), :: np.sign(step[1])]
        haar(shape, normals_of(matrix), out)
        assert (out == expected).all()
        out[...] = 0
        assert not buffer.any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gain", [2.5, -1, 0, math.sqrt(2), 1e-3])
def test_gain_multiplies_the_rounded_factor(gain, dtype):
    matrix = gaussian((30, 20), dtype)
    assert (whole((30, 20), matrix, gain=gain) == whole((30, 20), matrix) * np.dtype(dtype).type(gain)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_element_is_its_sign(dtype):
    for value, sign in ((0.7, 1), (-1e-6, -1), (0.0, 1), (-0.0, 1)):
        assert whole((1, 1), np.full((1, 1), value, dtype)) == sign
    last = gaussian((40, 40), dtype)
    flipped = last.copy()
    flipped[-1, -1] *= -1
    expected = whole((40, 40), last)
    expected[:, -1] *= -1
    assert (whole((40, 40), flipped) == expected).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(70, 66), (66, 66), (66, 70)], ids=str)
def test_a_column_of_zeros_is_the_limit_of_a_small_positive_one(shape, dtype):
    matrix = gaussian(shape, dtype, seed=6)
    columns = [0, 5, 64, 65]
    matrix[:, columns] = 0
    q = whole(shape, matrix)
    matrix[columns, columns] = 2.0**-30
    assert np.abs(q - whole(shape, matrix)).max() <= BOUND * np.finfo(dtype).eps
    assert (whole(shape, np.zeros_like(matrix)) == np.eye(*shape)).all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0)], ids=str)
def test_nothing_is_drawn_for_an_empty_block(shape):
    haar(shape, pytest.fail, np.empty(shape, np.float32))
    haar((7, 5), pytest.fail, np.empty(shape, np.float32)[:5, :3], offset=(2, 1))


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


DRAWS = 2000


def draws(shape, dtype):
    """From the system's entropy: a fixed seed would hide what a test misses."""
    generator = np.random.default_rng()
    size = sorted(shape, reverse=True)
    return np.array(
        [whole(shape, generator.standard_normal(size).astype(dtype)) for _ in range(DRAWS)], float
    )


def bernstein(variance, width, rate):
    """What the mean of ``DRAWS`` numbers departs from its expectation by, with probability ``rate`` at most."""
    log = math.log(2 / rate)
    return math.sqrt(2 * variance * log / DRAWS) + 2 * width * log / (3 * DRAWS)


@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (5, 2), (2, 5)], ids=str)
def test_every_entry_has_the_law_of_a_coordinate_of_the_sphere(shape):
    """(1 + q) / 2 ~ Beta((m - 1) / 2, (m - 1) / 2). false_fail_rate 1e-8: Kolmogorov-Smirnov, shared by the entries."""
    q, m = draws(shape, "float32"), max(shape)
    law = stats.beta((m - 1) / 2, (m - 1) / 2)
    for entry in np.ndindex(shape):
        result = stats.kstest((1 + q[:, *entry]) / 2, law.cdf)
        assert result.pvalue > 1e-8 / math.prod(shape), entry


@pytest.mark.parametrize("n", [3, 4])
def test_traces_and_determinants_of_square_matrices(n):
    """E tr Q = 0, E tr^2 Q = E tr Q^2 = 1; det +-1 alike. false_fail_rate 4e-9: Bernstein, and the exact binomial.

    |tr| <= n, and var(tr^2) <= n^2 E tr^2; E tr^2 = 1 and E tr Q^2 = 1 for O(n) from n = 2 on.
    """
    q = draws((n, n), "float64")
    traces, squares = np.trace(q, axis1=1, axis2=2), np.trace(q @ q, axis1=1, axis2=2)
    assert abs(traces.mean()) <= bernstein(1, n, 1e-9)
    assert abs((traces**2).mean() - 1) <= bernstein(n**2, n**2, 1e-9)
    assert abs(squares.mean() - 1) <= bernstein(n**2, 2 * n, 1e-9)
    positive = int((np.linalg.det(q) > 0).sum())
    assert stats.binomtest(positive, DRAWS).pvalue > 1e-9
