"""A fill that is passed by leaves the generator as the fill itself does."""

import math

import numpy as np
import pytest

import refinit as init
from refinit.arrays.opening import target_of
from refinit.dtypes import ELEMENTS
from refinit.fill.passing import pass_by
from refinit.initializers.registry import INITIALIZERS

FLOATING = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128")
SHAPES = [(1,), (3,), (4, 2), (15,), (16,), (17,), (3, 13), (40, 30), (7, 0, 3), (129, 65)]
CASES = {
    "uniform_": FLOATING,
    "normal_": FLOATING,
    "kaiming_normal_": FLOATING,
    "sparse_": FLOATING,
    "orthogonal_": ("float32", "float64"),
    "trunc_normal_": ("float32", "float64", "float16", "bfloat16"),
}
ARGUMENTS = {"sparse_": {"sparsity": 0.3}}


def memory(dtype, shape, layout):
    """The array, whose elements the layout spreads."""
    dtype = ELEMENTS[dtype].dtype
    if layout == "dense":
        return np.empty(shape, dtype)
    if layout == "transposed":
        return np.empty(shape[::-1], dtype).T
    return np.empty((*shape, 2), dtype)[..., 0]


@pytest.mark.parametrize("waiting", [False, True])
@pytest.mark.parametrize("layout", ["dense", "transposed", "gaps"])
@pytest.mark.parametrize(("name", "dtype"), [(name, dtype) for name in CASES for dtype in CASES[name]])
def test_the_generator_is_left_as_by_the_fill(name, dtype, layout, waiting):
    pytest.importorskip("ml_dtypes", reason="bfloat16 is its")
    for shape in SHAPES:
        if not math.prod(shape) or (len(shape) != 2 and name not in ("uniform_", "normal_", "trunc_normal_")):
            continue
        drawn_from, passed = (init.Generator().manual_seed(7) for _ in range(2))
        for generator in (drawn_from, passed):
            init.uniform_(init.empty(600), generator=generator)  # the key's end is near
            if waiting:
                init.normal_(init.empty(3), generator=generator)
        array = memory(dtype, shape, layout)
        strides = tuple(stride // array.itemsize for stride in array.strides)
        law = INITIALIZERS[name].law(shape, **ARGUMENTS.get(name, {}))
        before = passed.get_state()
        done = pass_by(passed, ELEMENTS[dtype], shape, strides, law)
        if name == "trunc_normal_":
            assert not done
            assert (passed.get_state() == before).all()
            continue
        assert done
        INITIALIZERS[name].function(array, **ARGUMENTS.get(name, {}), generator=drawn_from)
        assert (drawn_from.get_state() == passed.get_state()).all(), (shape, target_of(array))
        after = [init.normal_(init.empty(21), generator=generator) for generator in (drawn_from, passed)]
        assert (after[0] == after[1]).all()


def test_by_position_a_fill_number_is_taken():
    generator = init.CounterGenerator(3)
    assert pass_by(generator, ELEMENTS["float32"], (3,), (1,), INITIALIZERS["normal_"].law((3,)))
    assert generator.fill_number == 1


def test_a_gpu_stream_is_not_passed_by():
    generator = init.Generator("cuda", multiprocessors=40, threads_per_multiprocessor=1024)
    assert not pass_by(generator, ELEMENTS["float32"], (3,), (1,), INITIALIZERS["normal_"].law((3,)))
