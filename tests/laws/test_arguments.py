"""Parameters may be any real number that torch takes; where several things are wrong, the first is torch's first."""

import math
import warnings

import numpy as np
import pytest

import refinit
from tests.tables.cases import Call
from tests.tables.places import contiguous
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import Twins, assert_same_as_torch  # noqa: E402 - needs torch

NUMBERS = {
    "int": 1,
    "bool": True,
    "np.float64": np.float64(0.7),
    "np.float32": np.float32(0.7),
    "np.float16": np.float16(0.7),
    "np.int64": np.int64(1),
    "np.uint8": np.uint8(1),
    "np.bool": np.bool_(True),
    "tensor": torch.tensor(0.7),
    "tensor-double": torch.tensor(0.7, dtype=torch.float64),
    "tensor-int": torch.tensor(1),
}


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_real_number_gives_torchs_bits(number, dtype):
    """A gain of np.float32 makes torch compute the bound in float32: the expression is torch's, not only its value."""
    for call in (
        *(Call("uniform_", {"a": number, "b": 2}), Call("uniform_", {"a": -1.5, "b": number})),
        *(Call("normal_", {"mean": number}), Call("normal_", {"std": number})),
        *(Call("xavier_uniform_", {"gain": number}), Call("xavier_normal_", {"gain": number})),
        Call("constant_", {"val": number}, random=False),
    ):
        assert_same_as_torch(call, contiguous(7, 5), dtype)


@pytest.mark.parametrize(
    "number", [NUMBERS[n] for n in ("int", "np.float64", "np.float32", "np.int64")], ids=repr
)
def test_any_real_number_truncates_and_thins_like_torch(number):
    for bounds in ((-1.5, 1.25), (0.25, 0.5)):
        call = Call("trunc_normal_", {"mean": 0.1, "std": number, "a": bounds[0], "b": bounds[1]})
        assert_same_as_torch(call, contiguous(40), "float32")
    rows = np.empty((10, 3), np.float32)
    refinit.sparse_(rows, number * 0 + 1, std=number)
    assert not rows.any()


@pytest.mark.parametrize("slope", [0, 1, -2, 0.3, np.float64(0.3), None, math.inf], ids=repr)
@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
def test_any_slope_that_torch_takes_gives_torchs_bits(name, slope):
    for parameters in ({"a": slope}, {"a": slope, "mode": "FAN_OUT"}, {"a": slope, "nonlinearity": "relu"}):
        assert_same_as_torch(Call(name, parameters), contiguous(7, 5), "float32")


def test_a_slope_is_looked_at_by_leaky_relu_alone():
    for slope in ("x", True, math.nan):
        call = Call("kaiming_normal_", {"a": slope, "nonlinearity": "tanh"})
        assert_same_as_torch(call, contiguous(7, 5), "float32")


def test_infinite_and_overflowing_parameters_of_normal_overflow_as_in_torch():
    for parameters in ({"std": math.inf}, {"std": 1e39}, {"mean": 1e39}, {"mean": -math.inf}, {"std": 1e5}):
        for count in (5, 40):
            twins = Twins(1)
            ours, theirs = np.empty(count, np.float32), torch.empty(count)
            refinit.normal_(ours, **parameters, generator=twins.ours)
            torch.nn.init.normal_(theirs, **parameters, generator=twins.theirs)
            assert np.array_equal(ours, theirs.numpy(), equal_nan=True)
            twins.assert_same_state(parameters)


SEVERAL = [  # (function, shape, dtype, parameters): what is wrong first is what is said
    ("uniform_", (3,), "float32", {"a": "x", "b": "y", "generator": 3}),
    ("uniform_", (3,), "int64", {"a": 2, "b": 1}),
    ("uniform_", (3,), "float32", {"a": 1e39, "b": 0}),
    ("uniform_", (3,), "float32", {"a": 2, "b": 1, "generator": 3}),
    ("normal_", (3,), "int64", {"std": -1}),
    ("normal_", (3,), "float32", {"std": -1, "generator": 3}),
    ("xavier_uniform_", (3,), "int64", {"gain": "x", "generator": 3}),
    ("xavier_normal_", (3,), "float32", {"gain": -1}),
    ("kaiming_uniform_", (3,), "int64", {"mode": "bad", "nonlinearity": "bad"}),
    ("kaiming_normal_", (3,), "int64", {"nonlinearity": "bad", "generator": 3}),
    ("kaiming_normal_", (3, 3), "int64", {"nonlinearity": "bad", "generator": 3}),
    ("kaiming_normal_", (3, 3), "int64", {"a": "x"}),
    ("sparse_", (3,), "int64", {"sparsity": 0.5, "std": -1}),
    ("sparse_", (3, 3), "int64", {"sparsity": 0.5, "std": -1}),
    ("orthogonal_", (3,), "float16", {"generator": 3}),
    ("eye_", (3,), "uint16", {}),
    ("dirac_", (3, 3), "float32", {"groups": 5}),
]


@pytest.mark.parametrize(("name", "shape", "dtype", "parameters"), SEVERAL, ids=str)
def test_of_several_mistakes_torchs_first_is_named(name, shape, dtype, parameters):
    errors = []
    for module, array in (
        (refinit, np.zeros(shape, dtype)),
        (torch.nn.init, torch.zeros(shape, dtype=getattr(torch, dtype))),
    ):
        with pytest.raises(Exception, match=r".") as caught:
            getattr(module, name)(array, **parameters)
        errors.append(caught.value)
    assert type(errors[0]) is type(errors[1])
    first_words = " ".join(str(errors[1]).split()[:4])
    assert str(errors[0]).startswith(first_words)


def test_the_far_mean_warning_comes_before_the_refusal():
    for module, array in ((refinit, np.zeros(3, np.float32)), (torch.nn.init, torch.zeros(3))):
        with (
            pytest.warns(UserWarning, match="more than 2 std"),
            pytest.raises(RuntimeError, match="from=5 > to=-5"),
        ):
            module.trunc_normal_(array, 0.0, 1.0, 5.0, -5.0)


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_", "orthogonal_"])
def test_functions_that_return_at_once_on_no_elements_look_at_no_generator(name):
    for module, array in (
        (refinit, np.zeros((0, 3), np.int64)),
        (torch.nn.init, torch.zeros(0, 3, dtype=torch.int64)),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert getattr(module, name)(array, generator=3) is array


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex64", "float16"])
@pytest.mark.parametrize(
    "name", ["uniform_", "normal_", "xavier_uniform_", "xavier_normal_", "sparse_", "trunc_normal_"]
)
def test_on_no_elements_a_dtype_is_refused_only_if_torch_refuses_it(name, dtype):
    parameters = {"sparsity": 0.5} if name == "sparse_" else {}
    outcomes = []
    for module, array in (
        (refinit, np.zeros((0, 3), dtype)),
        (torch.nn.init, torch.zeros(0, 3, dtype=getattr(torch, dtype))),
    ):
        try:
            outcomes.append(getattr(module, name)(array, **parameters) is array)
        except NotImplementedError:
            outcomes.append("refused")
    assert outcomes[0] == outcomes[1]
