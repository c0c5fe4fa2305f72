"""Parameters without numbers: views, notes, and what init functions refuse at once."""

import pickle

import numpy as np
import pytest

import refinit
from refinit import layers as nn
from refinit.initializers.registry import DEPRECATED, INITIALIZERS


def values(parameter):
    """The numbers of a parameter, as a model would have them."""
    return nn.Module(w=parameter).init(seed=0)["w"]


#: What torch and NumPy call alike.
VIEWS = [
    lambda w: w[1],
    lambda w: w[:, 1:3],
    lambda w: w[..., ::2],
    lambda w: w[1:][0, 1:],
    lambda w: w[None, 1],
    lambda w: w.T,
    lambda w: w.T[1],
    lambda w: w.reshape(2, 10),
    lambda w: w.reshape((-1,))[3:7],
    lambda w: w[4:],
]


@pytest.mark.parametrize("view", VIEWS, ids=range(len(VIEWS)))
def test_a_view_is_where_numpys_is(view):
    parameter, array = nn.zeros(4, 5), np.zeros((4, 5), np.float32)
    part, target = view(parameter), view(array)
    assert part.shape == target.shape
    part.fill_(1)
    target[...] = 1
    assert np.array_equal(values(parameter), array)


def test_other_views_are_torchs():
    parameter = nn.zeros(4, 5)
    parameter[-1, 2].fill_(1)
    parameter.transpose(0, 1)[0].data.fill_(2)
    parameter.detach().view([20])[6].fill_(3)
    assert values(parameter).tolist() == [[2, 0, 0, 0, 0], [2, 3, 0, 0, 0], [2, 0, 0, 0, 0], [2, 0, 1, 0, 0]]


@pytest.mark.parametrize("index", [[0, 1], np.array([0]), 1.0])
def test_other_indices_are_refused(index):
    with pytest.raises(TypeError, match="expected integers and slices"):
        nn.zeros(4, 5)[index]


def test_negative_steps_and_views_of_what_is_not_dense_are_refused():
    with pytest.raises(ValueError, match="steps above 0"):
        nn.zeros(4)[::-1]
    with pytest.raises(RuntimeError, match="expected a dense parameter"):
        nn.zeros(4, 5).T.view(-1)


def test_methods_note_what_the_initializers_do():
    generator = refinit.Generator().manual_seed(0)
    uniform, normal = refinit.empty(3, 5), refinit.empty(3, 5)
    refinit.uniform_(uniform, -1.0, 1.0, generator)
    refinit.normal_(normal, 0.0, 0.5, generator)
    module = nn.Module(a=nn.empty(3, 5).uniform_(-1, 1), b=nn.empty(3, 5).normal_(0, 0.5))
    state = module.init(seed=0)
    assert np.array_equal(state["a"], uniform)
    assert np.array_equal(state["b"], normal)


def test_values_are_copied_from_parameters_and_arrays():
    first = nn.randn(3, 2)
    second = nn.zeros(2, 3).copy_(first.T)
    third = nn.zeros(2, 3).copy_(np.ones(3, np.float32))
    state = nn.Module(first=first, second=second, third=third).init(seed=0)
    assert np.array_equal(state["second"], state["first"].T)
    assert state["third"].tolist() == [[1, 1, 1], [1, 1, 1]]


def test_by_position_too_what_is_copied_is_filled_first():
    first = nn.randn(3, 2)
    module = nn.Module(second=nn.zeros(2, 2).copy_(first[1:]), first=first)
    state = module.init(refinit.CounterGenerator(0))
    assert np.array_equal(state["second"], state["first"][1:])
    assert state["first"].any()


def test_a_parameter_is_no_shape():
    with pytest.raises(TypeError, match=r"a Parameter or an array, got tuple.*layers.empty"):
        nn.Parameter((3, 5))


@pytest.mark.parametrize("lengths", [(3.0,), ("3",), (True,)])
def test_lengths_are_integers(lengths):
    with pytest.raises(TypeError, match="integers as lengths"):
        nn.empty(*lengths)


def test_init_has_every_initializer():
    assert {*nn.init.__all__} >= {*INITIALIZERS, *DEPRECATED, "calculate_gain"}
    for name in INITIALIZERS:
        assert getattr(nn.init, name).__doc__.endswith(f"``help(refinit.{name})``.")


@pytest.mark.parametrize(
    ("name", "shape", "arguments", "error", "text"),
    [
        ("xavier_uniform_", (3,), {}, ValueError, "fewer than 2 dimensions"),
        ("kaiming_normal_", (3, 5), {"nonlinearity": "gelu"}, ValueError, "Unsupported nonlinearity gelu"),
        ("uniform_", (3,), {"a": 2.0, "b": 1.0}, RuntimeError, "from=2 > to=1"),
        ("eye_", (3,), {}, ValueError, "2 dimensions"),
        ("normal_", (3,), {"std": -1.0}, RuntimeError, "std"),
        ("normal_", (3,), {"variance": 1.0}, TypeError, "variance"),
        ("normal_", (3,), {"generator": refinit.Generator()}, TypeError, r"pass it to init\(generator\)"),
    ],
)
def test_mistakes_are_told_at_once(name, shape, arguments, error, text):
    parameter = nn.zeros(*shape)
    with pytest.raises(error, match=text):
        getattr(nn.init, name)(parameter, **arguments)
    assert not values(parameter).any()


def test_arrays_are_refinits():
    with pytest.raises(TypeError, match=r"expected a Parameter.*ndarray.*refinit.normal_"):
        nn.init.normal_(np.zeros(3))


def test_a_law_that_the_type_has_not_is_refused():
    with pytest.raises(NotImplementedError, match="orthogonal_ is not defined on complex64"):
        nn.init.orthogonal_(nn.empty(3, 3, dtype="complex64"))


def test_old_names_warn():
    with pytest.warns(FutureWarning, match=r"xavier_uniform` is now deprecated"):
        parameter = nn.init.xavier_uniform(nn.empty(3, 5))
    assert parameter.shape == (3, 5)


def test_a_parameter_shows_what_it_is():
    parameter = nn.empty(3, 5, dtype="bfloat16")
    assert repr(parameter) == "Parameter(shape=(3, 5), dtype='bfloat16')"
    assert (parameter.dim(), parameter.ndim, parameter.size(0), len(parameter)) == (2, 2, 3, 3)
    assert (parameter.size(), parameter.numel()) == ((3, 5), 15)


@pytest.mark.parametrize("operand", ["3", np.ones(4), None, 1j], ids=str)
def test_arithmetic_takes_numbers_and_parameters(operand):
    with pytest.raises(TypeError, match="expected a number or a Parameter"):
        _ = nn.zeros(4) + operand if not isinstance(operand, np.ndarray) else nn.zeros(4).add_(operand)


def test_arithmetic_of_unlike_parameters_is_refused():
    with pytest.raises(TypeError, match="a parameter of float32, got one of float64"):
        _ = nn.zeros(4) + nn.zeros(4, dtype="float64")
    with pytest.raises(RuntimeError, match=r"broadcast to \(4,\), got \(2, 4\)"):
        nn.zeros(4).mul_(nn.zeros(2, 4))


def test_a_parameter_is_no_array():
    with pytest.raises(TypeError, match="has no numbers yet: expected an array, take it from init"):
        np.asarray(nn.zeros(3))


def test_a_parameter_is_not_pickled():
    """Its order among other fills is this process's."""
    with pytest.raises(TypeError, match=r"cannot be pickled: .*save model.recipe"):
        pickle.dumps(nn.Linear(3, 4).weight)


@pytest.mark.parametrize("fill", [refinit.normal_, refinit.zeros_, refinit.kaiming_uniform_])
def test_refinits_own_functions_refuse_it(fill):
    with pytest.raises(TypeError, match="Parameter"):
        fill(nn.zeros(3, 5))
