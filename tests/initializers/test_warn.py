"""Torch's three warnings: category and text as torch has them, and pointing at the line of whoever called."""

import sys
import warnings

import numpy as np
import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()
FAR = "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect."
EMPTY = "Initializing zero-element tensors is a no-op"


def warned(call):
    """(category, text, file, line) of what the call warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [(w.category, str(w.message), w.filename, w.lineno) for w in caught]


def here(offset=0):
    """(file, line) of the caller."""
    frame = sys._getframe(1)
    return frame.f_code.co_filename, frame.f_lineno + offset


FAR_CASES = [
    ({"mean": 10.0}, True),
    ({"mean": 4.0}, False),  # exactly two std from b
    ({"mean": 4.0001}, True),
    ({"mean": -4.0}, False),
    ({"mean": -4.0001}, True),
    ({"mean": 0.0, "std": 1.0, "a": 3.0, "b": 4.0}, True),
    ({"mean": 0.0, "std": 1.0, "a": 2.0, "b": 4.0}, False),
    ({}, False),
]


@pytest.mark.parametrize(("parameters", "far"), FAR_CASES, ids=str)
@pytest.mark.parametrize("count", [0, 5])
def test_a_far_mean_warns_as_in_torch_at_the_callers_line(parameters, far, count):
    array, tensor = np.empty(count, np.float32), torch.empty(count)
    ours = warned(lambda: refinit.trunc_normal_(array, **parameters))
    file, line = here(-1)
    theirs = warned(lambda: torch.nn.init.trunc_normal_(tensor, **parameters))
    assert ours == ([(UserWarning, FAR, file, line)] if far else [])
    assert [w[:2] for w in theirs] == [w[:2] for w in ours]


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 3, 0)], ids=str)
def test_kaiming_on_no_elements_warns_and_looks_at_nothing_else(name, shape):
    array, state = np.empty(shape, np.int64), bytes(refinit.get_rng_state())
    nonsense = {"a": "x", "mode": None, "nonlinearity": 3}
    ours = warned(lambda: getattr(refinit, name)(array, **nonsense))
    assert ours == [(UserWarning, EMPTY, *here(-1))]
    theirs = warned(lambda: getattr(torch.nn.init, name)(torch.empty(shape, dtype=torch.int64), **nonsense))
    assert theirs == [(UserWarning, EMPTY, *here(-1))]
    assert bytes(refinit.get_rng_state()) == state


ALIASES = {
    name: (0.5,) if name in {"constant", "sparse"} else ()
    for name in torch.nn.init.__all__
    if name != "calculate_gain" and not name.endswith("_")
}


@pytest.mark.parametrize(("name", "arguments"), ALIASES.items(), ids=ALIASES)
def test_a_deprecated_alias_warns_at_the_callers_line_and_does_the_work(name, arguments):
    shape = (3, 3, 3) if name == "dirac" else (3, 3)
    ours, theirs, plain = np.zeros(shape, np.float32), torch.zeros(shape), np.zeros(shape, np.float32)
    refinit.manual_seed(1)
    caught = warned(lambda: getattr(refinit, name)(ours, *arguments))
    file, line = here(-1)
    expected = [w[:2] for w in warned(lambda: getattr(torch.nn.init, name)(theirs, *arguments))]
    assert expected[0][0] is FutureWarning
    assert caught == [(*expected[0], file, line)]
    refinit.manual_seed(1)
    getattr(refinit, name + "_")(plain, *arguments)
    assert ours.tobytes() == plain.tobytes()
    assert ours.any()


def test_an_alias_takes_keywords_and_returns_its_array():
    array = np.zeros((3, 3), np.float32)
    with pytest.warns(FutureWarning, match="nn.init.uniform_"):
        assert refinit.uniform(tensor=array, a=2.0, b=3.0, generator=refinit.Generator()) is array
    assert array.min() >= 2


def test_an_alias_refuses_what_its_function_refuses():
    with pytest.warns(FutureWarning), pytest.raises(TypeError, match="sparsity"):
        refinit.sparse(np.zeros((3, 3)))


def test_nothing_else_warns():
    """A compiler's performance warnings, NumPy's casts and overflows must not reach the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for dtype in (np.float16, np.float32, np.complex64):
            refinit.normal_(np.empty((2, 2), dtype), 0.0, 1e4)
            refinit.uniform_(np.empty((2, 2), dtype))
            refinit.constant_(np.empty(1, dtype), 1e5 if dtype == np.float16 else 1e-60)
        refinit.trunc_normal_(np.empty((2, 2), np.float32))
        refinit.orthogonal_(np.empty((2, 2), np.float32))
        refinit.sparse_(np.empty((2, 2), np.float32), 0.5)
        refinit.xavier_uniform_(np.empty((0, 5), np.float32))
