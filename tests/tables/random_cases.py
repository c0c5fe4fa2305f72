"""Random calls on random layouts, from a seeded loop: the same cases in every run and in every worker."""

import itertools
import math
from typing import Any

import numpy as np

from tests.tables.cases import FLOATS, REALS, Call
from tests.tables.places import Place

Draw = np.random.Generator
ANY, MATRIX = (0, 1, 2, 3, 4, 5), (2, 3, 4, 5)


def _magnitude(draw: Draw) -> float:
    """Most often ordinary, sometimes tiny (float32 denormals too) or large."""
    exponent = draw.choice(
        [draw.uniform(-2, 1), draw.uniform(-44, -3), draw.uniform(1, 37)], p=[0.8, 0.1, 0.1]
    )
    return float(10.0**exponent)


def _uniform(draw: Draw) -> Call:
    scale = _magnitude(draw)
    a, b = sorted(draw.uniform(-scale, scale, 2).tolist())
    return Call("uniform_", {"a": a, "b": b if draw.random() < 0.95 else a})


def _normal(draw: Draw) -> Call:
    scale = _magnitude(draw)
    return Call("normal_", {"mean": float(draw.uniform(-scale, scale)), "std": float(draw.uniform(0, scale))})


def _trunc_normal(draw: Draw) -> Call:
    mean, std = float(draw.uniform(-1, 1)), float(10 ** draw.uniform(-3, 1))
    low, width = draw.uniform(-5, 4), float(10 ** draw.uniform(-1, 0.6))
    a = mean + std * low
    b = math.inf if low < 0 and draw.random() < 0.1 else a + std * width
    return Call("trunc_normal_", {"mean": mean, "std": std, "a": float(a), "b": float(b)}, dtypes=REALS)


def _xavier(draw: Draw) -> Call:
    name = str(draw.choice(["xavier_uniform_", "xavier_normal_"]))
    return Call(name, {"gain": float(draw.uniform(0, 3))}, ndims=MATRIX)


def _kaiming(draw: Draw) -> Call:
    name = str(draw.choice(["kaiming_uniform_", "kaiming_normal_"]))
    nonlinearity = str(draw.choice(["linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]))
    parameters = {
        "a": float(draw.uniform(-3, 3)),
        "mode": str(draw.choice(["fan_in", "fan_out"])),
        "nonlinearity": nonlinearity,
    }
    return Call(name, parameters, ndims=MATRIX)


def random_call(draw: Draw) -> Call:
    """Any elementwise random fill, with random parameters."""
    kinds = [_uniform, _normal, _trunc_normal, _xavier, _kaiming]
    return kinds[int(draw.integers(len(kinds)))](draw)


def random_place(draw: Draw, ndims: tuple[int, ...], most: int = 3000) -> Place:
    """Axes in any memory order, gaps between rows or elements, any offset."""
    ndim = int(draw.choice([n for n in ndims if n <= 4]))
    side = {0: 1, 1: most, 2: 60, 3: 14, 4: 7}[ndim]
    shape = tuple(int(n) for n in draw.integers(1, side + 1, ndim))
    if draw.random() < 0.03 and ndim:
        shape = (0, *shape[1:])
    strides, stride = [0] * ndim, 1 if draw.random() < 0.6 else int(draw.integers(2, 4))
    order = list(range(ndim)) if draw.random() < 0.4 else draw.permutation(ndim).tolist()
    for axis in reversed(order):
        strides[axis] = stride
        stride = stride * max(shape[axis], 1) + (int(draw.integers(0, 5)) if draw.random() < 0.2 else 0)
    return Place("random", shape, tuple(strides), int(draw.integers(0, 5)))


def random_cases(seed: int, count: int) -> list[tuple[Call, Place, str]]:
    """As many (call, place, dtype) as asked for; the same for the same seed."""
    draw = np.random.default_rng(seed)
    return list(itertools.islice(_endless(draw), count))


def _endless(draw: Draw) -> Any:
    while True:
        call = random_call(draw)
        dtype = str(draw.choice(call.dtypes))
        if _fits(call, dtype):
            yield call, random_place(draw, call.ndims), dtype


def _fits(call: Call, dtype: str) -> bool:
    """Torch refuses uniform bounds beyond the dtype's range, and nearly never ends where a half type is too coarse."""
    largest = {"float16": 65504.0, "bfloat16": 3.38e38}.get(dtype, 3.4e38)
    if call.function == "trunc_normal_":
        return dtype in {"float32", "float64"} or call.parameters["std"] > 0.1
    bounds = [abs(call.parameters.get(k, 0.0)) for k in ("a", "b")] if call.function == "uniform_" else [0.0]
    return 2 * max(bounds) < largest and dtype in FLOATS
