"""The kernels of orthogonal_, one by one: heads, products, triangular systems, updates."""

import math
from contextlib import contextmanager

import numpy as np
import pytest

from refinit.streams.counter.kernels.cuda.table import COLUMNS_SOLVED, SIDE
from tests.cuda.standins import checked
from verify.cuda.executors import PtxDevice

BOTH = pytest.mark.parametrize("dtype", ["float32", "float64"])


def eps_of(dtype):
    return float(np.finfo(dtype).eps)


@contextmanager
def held(device, *arrays):
    """Where the device has them."""
    if not arrays:
        yield []
        return
    with device.holding(arrays[0]) as distance, held(device, *arrays[1:]) as others:
        yield [int(arrays[0].ctypes.data) + distance, *others]


def heads(v, rows, columns, device=None):
    """V with its heads, the halves, and the diagonal of Q."""
    device, dtype = device or checked(), v.dtype
    halves, q = np.full(SIDE, np.nan, dtype), np.zeros((len(v), SIDE), dtype)
    with held(device, v, halves, q) as (at, halves_at, q_at):
        size = dtype.itemsize
        place = at, v.shape[1] * size, rows, len(v), columns
        device.launch(
            f"reflector_heads_{dtype}", (SIDE, 1), 256, (*place, halves_at, q_at, (SIDE + 1) * size)
        )
    return v, halves, np.diag(q)[:columns]


@BOTH
def test_heads_are_those_of_the_reflectors_and_the_rest_is_zero(dtype):
    rows, columns = 70, 37
    x = np.full((128, 48), 7, dtype)
    x[:rows, :columns] = np.random.default_rng(3).standard_normal((rows, columns))
    x[:, 4], x[:, 5] = 0, -0.0
    v, halves, signs = heads(x.copy(), rows, columns)
    below = np.tril(x, -1)[:rows, :columns]
    assert (np.tril(v, -1)[:rows, :columns] == below).all()
    assert not np.triu(v, 1).any()
    assert not v[rows:].any()
    assert not v[:, columns:].any()
    phase = np.where(np.diag(x)[:columns] < 0, -1, 1)
    lone = np.arange(columns) // 2 == 2
    norms = np.linalg.norm(np.tril(x[:rows, :columns]).astype(np.float64), axis=0)
    assert (signs == np.where(lone, phase, -phase)).all()
    written = np.diag(v)[:columns].astype(np.float64)
    assert written == pytest.approx(
        np.where(lone, 0, np.diag(x)[:columns] + phase * norms), rel=2 * eps_of(dtype)
    )
    exact = np.where(lone, 1, (v[:rows, :columns].astype(np.float64) ** 2).sum(axis=0) / 2)
    assert halves[:columns] == pytest.approx(exact, rel=6 * eps_of(dtype))
    assert (halves[columns:] == 1).all()


@BOTH
def test_the_last_of_a_square_matrix_is_its_sign(dtype):
    for value, sign in ((0.5, 1), (-1e-6, -1), (0.0, 1), (-0.0, 1)):
        x = np.zeros((SIDE, 16), dtype)
        x[:3, :3] = [[1, 2, 3], [4, 5, 6], [7, 8, value]]
        v, halves, signs = heads(x, 3, 3)
        assert (v[2, 2], halves[2], signs[2]) == (0, 1, sign)


@BOTH
def test_long_columns_are_summed_as_if_rounded_once(dtype):
    rows = 1 << 19
    v = np.full((rows, 4), 0.1, dtype)  # equal terms: their roundings do not cancel
    v, halves, _ = heads(v, rows, 1, PtxDevice())
    exact = math.fsum((v[:, 0].astype(np.float64) ** 2).tolist()) / 2
    assert halves[0] == pytest.approx(exact, rel=6 * eps_of(dtype))


@BOTH
@pytest.mark.parametrize("columns", [4, 60, 64, 100])
def test_products_add_in_parts_and_columns_beyond_the_last_are_zeros(columns, dtype):
    draw, device = np.random.default_rng(5), checked()
    size, rows, part = np.dtype(dtype).itemsize, 128, 48
    v, q = (draw.integers(-9, 10, (rows, n)).astype(dtype) for n in (16, columns))
    squares = 1 + -(-columns // SIDE)
    out, zeros = np.full((3, SIDE, squares * SIDE), np.nan, dtype), np.zeros(16, np.uint8)
    with held(device, v, q, zeros, out) as (v_at, q_at, zeros_at, out_at):
        place = v_at, 16 * size, q_at, columns * size, columns * size, zeros_at, rows, part, out_at
        device.launch(f"reflector_products_{dtype}", (squares, 3), SIDE, place)
        parts = out.copy()
        device.launch(f"reflector_sums_{dtype}", (out[0].size // 256, 1), 256, (out_at, out[0].size, 3))
    for n, rows_of in enumerate((slice(0, 48), slice(48, 96), slice(96, 128))):
        assert (parts[n, :16, :16] == v[rows_of].T @ v[rows_of]).all()
        assert (parts[n, :16, SIDE : SIDE + columns] == v[rows_of].T @ q[rows_of]).all()
    assert (out[0, :16, SIDE : SIDE + columns] == v.T @ q).all()
    assert not parts[:, 16:].any()
    assert not parts[:, :, SIDE + columns :].any()
    assert (out[1:] == parts[1:]).all()


@BOTH
def test_triangular_systems_are_solved(dtype):
    draw, device = np.random.default_rng(6), checked()
    products = draw.standard_normal((SIDE, 3 * SIDE)).astype(dtype)
    halves = draw.uniform(8, 16, SIDE).astype(dtype)
    upper = np.triu(products[:, :SIDE], 1).astype(np.float64) + np.diag(halves.astype(np.float64))
    expected, given = np.linalg.solve(upper, products[:, SIDE:].astype(np.float64)), products[:, :SIDE].copy()
    columns = COLUMNS_SOLVED[dtype]
    with held(device, products, halves) as (at, halves_at):
        arguments = at, products.strides[0], halves_at
        device.launch(f"reflector_solve_{dtype}", (2 * SIDE // columns, 1), columns, arguments)
    assert (products[:, :SIDE] == given).all()
    residual = upper @ products[:, SIDE:].astype(np.float64) - upper @ expected
    assert np.abs(residual).max() <= 64 * eps_of(dtype) * np.abs(upper).max() * np.abs(expected).max()


@BOTH
@pytest.mark.parametrize("columns", [4, 32, 36, 64, 132])
@pytest.mark.parametrize("terms", [16, 48, 64])
def test_updates_subtract_a_product_from_the_columns_that_are_there(terms, columns, dtype):
    draw, device = np.random.default_rng(7), checked()
    size, squares = np.dtype(dtype).itemsize, -(-columns // SIDE)
    v = draw.integers(-9, 10, (128, terms)).astype(dtype)
    y, q = (
        draw.integers(-9, 10, shape).astype(dtype) for shape in ((SIDE, squares * SIDE), (128, columns + 8))
    )
    expected = q.copy()
    expected[:, :columns] -= v @ y[:terms, :columns]
    with held(device, v, y, q) as (v_at, y_at, q_at):
        arguments = v_at, terms * size, y_at, y.strides[0], q_at, q.strides[0], columns * size
        device.launch(f"reflector_update_{dtype}", (2, squares), SIDE, arguments)
    assert (q == expected).all()
