"""Refusals: exception and words as in the table, the array untouched, the generator untouched; compared with torch."""

import math
import re
import warnings

import numpy as np
import pytest

import refinit
from tests.tables.places import SENTINEL, dtype_of
from tests.tables.references.torch import torch_module
from tests.tables.refusal_numbers import NUMBERS
from tests.tables.refusals import ARGUMENTS, OURS, SAME_TEXT, Refusal

torch = torch_module()
REFUSALS = (*ARGUMENTS, *NUMBERS)
RANDOM = {"uniform_", "normal_", "trunc_normal_", "sparse_", "orthogonal_"}
RANDOM |= {"xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"}


def attempt(refusal: Refusal, module, array, generator):
    """The exception of the call, or None."""
    keywords = {"generator": generator} if refusal.function in RANDOM else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            getattr(module, refusal.function)(array, **refusal.parameters, **keywords)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the test looks at
            return error
    return None


def filled_array(refusal: Refusal):
    count = math.prod(refusal.shape) * dtype_of(refusal.dtype).itemsize
    return np.full(count, SENTINEL, np.uint8).view(dtype_of(refusal.dtype)).reshape(refusal.shape)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_it_is_refused_and_nothing_has_changed(refusal):
    array, generator = filled_array(refusal), refinit.Generator().manual_seed(4)
    before, state = array.tobytes(), bytes(generator.get_state())
    error = attempt(refusal, refinit, array, generator)
    assert error is not None, "accepted"
    expected = (ValueError, RuntimeError) if refusal.error is Exception else refusal.error
    assert isinstance(error, expected), repr(error)
    found = refusal.text == str(error) if refusal.torch == SAME_TEXT else _has(refusal, str(error))
    assert found, repr(error)
    assert array.tobytes() == before
    assert bytes(generator.get_state()) == state


def _has(refusal, text):
    pattern = refusal.text if refusal.torch == OURS else re.escape(refusal.text)
    return re.search(pattern, text) is not None


@pytest.mark.parametrize("refusal", [r for r in REFUSALS if r.torch != OURS], ids=str)
def test_torch_refuses_it_with_the_same_type_and_the_words_of_the_table(refusal):
    tensor = torch.zeros(refusal.shape, dtype=getattr(torch, refusal.dtype))
    error = attempt(refusal, torch.nn.init, tensor, None)
    assert type(error) is refusal.error
    assert refusal.text in str(error)


@pytest.mark.parametrize("refusal", [r for r in REFUSALS if r.torch == SAME_TEXT], ids=str)
def test_a_text_of_torchs_python_is_repeated_to_the_letter(refusal):
    ours = attempt(refusal, refinit, filled_array(refusal), None)
    theirs = attempt(
        refusal, torch.nn.init, torch.zeros(refusal.shape, dtype=getattr(torch, refusal.dtype)), None
    )
    assert (type(ours), str(ours)) == (type(theirs), str(theirs))


@pytest.mark.parametrize("refusal", [r for r in REFUSALS if r.error is not AttributeError], ids=str)
def test_a_tensor_is_refused_like_an_array_and_torchs_generator_stands_still(refusal):
    tensor = torch.full(refusal.shape, 7, dtype=getattr(torch, refusal.dtype))
    before, state, version = tensor.clone(), torch.get_rng_state(), tensor._version
    ours = attempt(refusal, refinit, tensor, None)
    assert type(ours) is type(attempt(refusal, refinit, filled_array(refusal), None))
    assert torch.equal(tensor, before)
    assert torch.equal(torch.get_rng_state(), state)
    assert tensor._version == version


NO_NUMBERS = [
    *[(name, "gain", value) for name in ("xavier_uniform_", "xavier_normal_") for value in ("relu", [1], 1j)],
    *[("orthogonal_", "gain", "relu"), ("constant_", "val", None), ("normal_", "mean", "x")],
    *[("uniform_", "a", "x"), ("uniform_", "b", 1j), ("sparse_", "sparsity", None), ("sparse_", "std", [2])],
    *[("trunc_normal_", name, "x") for name in ("mean", "std", "a", "b")],
]


@pytest.mark.parametrize(("function", "argument", "value"), NO_NUMBERS, ids=str)
def test_what_is_no_number_is_named_as_the_user_wrote_it(function, argument, value):
    """torch names the argument of an inner call there: uniform_'s `from` for a gain, mul_'s `other`."""
    parameters = {"sparsity": 0.5} if function == "sparse_" else {}
    with pytest.raises(TypeError) as caught:
        getattr(refinit, function)(np.zeros((3, 3), np.float32), **(parameters | {argument: value}))
    assert re.search(
        rf"number as {argument}, got {re.escape(repr(value))}; for example {argument}=", str(caught.value)
    )


WRONG_GENERATORS = {
    "int": 3,
    "str": "g",
    "numpy": np.random.RandomState(1),
    "class": refinit.Generator,
    "state": b"0" * 5056,
}


@pytest.mark.parametrize("generator", WRONG_GENERATORS.values(), ids=WRONG_GENERATORS)
@pytest.mark.parametrize("name", sorted(RANDOM))
def test_anything_but_a_generator_is_a_type_error(name, generator):
    array = np.full((4, 4), 7.0, np.float32)
    extra = {"sparsity": 0.5} if name == "sparse_" else {}
    with pytest.raises(TypeError, match=r"argument 'generator' must be .*Generator") as caught:
        getattr(refinit, name)(array, **extra, generator=generator)
    assert type(generator).__name__ in str(caught.value)
    assert (array == 7).all()
    with pytest.raises(TypeError, match=r"argument 'generator' must be torch\.Generator"):
        getattr(torch.nn.init, name)(torch.zeros(4, 4), **extra, generator=generator)


GAINS = [
    *[
        (name, None)
        for name in ("linear", "conv1d", "conv2d", "conv3d", "sigmoid", "tanh", "relu", "selu", "leaky_relu")
    ],
    *[("conv_transpose1d", None), ("conv_transpose2d", 3), ("conv_transpose3d", None), ("tanh", True)],
    *[("leaky_relu", p) for p in (0, 0.2, -1, 1.5, 5**0.5, np.float64(0.3), 10**9, math.inf)],
]


@pytest.mark.parametrize(("nonlinearity", "param"), GAINS)
def test_gains_are_torchs_numbers_and_types(nonlinearity, param):
    ours = refinit.calculate_gain(nonlinearity, param)
    theirs = torch.nn.init.calculate_gain(nonlinearity, param)
    assert (ours, type(ours)) == (theirs, type(theirs))


BAD_GAINS = [("RELU", None), (None, None), (3, None), (["relu"], None), ("", None)]
BAD_GAINS += [("leaky_relu", p) for p in (True, "x", np.float32(0.2), [1], 1j)]
BAD_GAINS += [("leaky_relu", 1e200), ("leaky_relu", 10**200)]


@pytest.mark.parametrize(("nonlinearity", "param"), BAD_GAINS, ids=repr)
def test_gains_are_refused_in_torchs_words(nonlinearity, param):
    errors = []
    for module in (refinit, torch.nn.init):
        with pytest.raises((ValueError, OverflowError)) as caught:
            module.calculate_gain(nonlinearity, param)
        errors.append((type(caught.value), str(caught.value).partition(": expected")[0]))
    assert errors[0] == errors[1]


@pytest.mark.parametrize(
    "shape", [(3, 4), (1, 1), (5, 4, 3), (2, 3, 4, 5), (2, 0, 3), (0, 0), (7, 6, 1, 2, 3)], ids=str
)
def test_fans_are_torchs_for_arrays_and_tensors(shape):
    theirs = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    for weight in (np.empty(shape), torch.empty(shape)):
        assert refinit._calculate_fan_in_and_fan_out(weight) == theirs
        assert refinit._calculate_correct_fan(weight, "fan_in") == theirs[0]
        assert refinit._calculate_correct_fan(weight, "FAN_OUT") == theirs[1]
    assert all(type(fan) is int for fan in refinit._calculate_fan_in_and_fan_out(np.empty(shape)))


@pytest.mark.parametrize(
    ("shape", "mode"), [((3,), "fan_in"), ((3,), "bad"), ((3, 3), "bad"), ((3, 3), None)], ids=str
)
def test_fans_are_refused_in_torchs_words(shape, mode):
    errors = []
    for module, weight in ((refinit, np.empty(shape)), (torch.nn.init, torch.empty(shape))):
        with pytest.raises((ValueError, AttributeError)) as caught:
            module._calculate_correct_fan(weight, mode)
        errors.append((type(caught.value), str(caught.value).partition(": expected")[0]))
    assert errors[0] == errors[1]
