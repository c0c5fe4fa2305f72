"""Matrices of normals, and the Haar matrices that are made of them."""

import numpy as np

from refinit.streams.counter.host.haar import haar

DTYPES = ("float32", "float64")


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
