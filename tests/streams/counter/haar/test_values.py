"""Haar matrices: orthonormal, a product of reflectors; a block has the bits of the whole."""

import math

import numpy as np
import pytest

from refinit.streams.counter.host.haar import haar
from tests.streams.counter.haar.matrices import DTYPES, gaussian, normals_of, tall, whole

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
