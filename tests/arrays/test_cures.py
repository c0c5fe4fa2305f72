"""What is passed by mistake in the place of the tensor is recognised, and answered with what to write."""

import dask.array
import numpy as np
import pytest

import refinit
import refinit.dask

PASSED = {
    "shape": ((3, 4), r"init\.empty\(3, 4\)"),
    "list": ([3, 4], r"init\.empty\(3, 4\)"),
    "length": (3, r"init\.empty\(3\)"),
    "NumPy's length": ((np.int64(3), 4), r"init\.empty\(3, 4\)"),
    "dask": (dask.array.ones((4, 4)), r"refinit\.dask\.full\(init\.normal_, w\.shape, chunks=w\.chunks"),
    "list of arrays": ([np.zeros(3)], "each tensor of a list"),
    "negative": ((-1, 3), "each tensor of a list"),
    "bool": (True, "each tensor of a list"),
    "nothing": ((), "each tensor of a list"),
}


@pytest.mark.parametrize(("passed", "cure"), PASSED.values(), ids=PASSED)
@pytest.mark.parametrize("name", ["normal_", "ones_", "kaiming_uniform_", "orthogonal_"])
def test_the_error_says_what_to_write(name, passed, cure):
    with pytest.raises(TypeError, match=cure):
        getattr(refinit, name)(passed)


def test_the_proposed_dask_line_runs():
    w = dask.array.ones((4, 6), chunks=(2, 3))
    filled = refinit.dask.full(
        refinit.normal_, w.shape, chunks=w.chunks, generator=refinit.CounterGenerator(0)
    )
    want = refinit.normal_(refinit.empty(4, 6), generator=refinit.CounterGenerator(0))
    assert (filled.compute() == want).all()


@pytest.mark.parametrize("name", ["xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"])
def test_a_bias_is_told_what_fills_it(name):
    with pytest.raises(
        ValueError, match=r"fewer than 2 dimensions: .* got shape \(3,\); a bias takes init\.zeros_\(w\)"
    ):
        getattr(refinit, name)(refinit.empty(3))


def test_an_unknown_nonlinearity_is_told_the_known_ones():
    with pytest.raises(
        ValueError, match=r"Unsupported nonlinearity gelu: expected one of linear, .*, leaky_relu; .*'relu'"
    ):
        refinit.calculate_gain("gelu")
