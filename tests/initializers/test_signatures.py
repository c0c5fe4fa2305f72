"""The public face: torch's names, and of each function torch's parameter names, order, defaults and kinds.

What torch lacks goes by keyword only, does nothing where it is not given, and is marked "beyond torch".
"""

import inspect
import re
import warnings

import numpy as np
import pytest

import refinit
from refinit.float8 import FLOAT8
from refinit.initializers import registry
from tests.tables.cases import EVERY
from tests.tables.places import dtype_of
from tests.tables.references.torch import torch_module

torch = torch_module()
TORCH = torch.nn.init
HELPERS = ("_calculate_fan_in_and_fan_out", "_calculate_correct_fan")
NAMES = [*TORCH.__all__, *HELPERS]
GENERATORS = {
    "Generator",
    "default_cuda_generator",
    "default_generator",
    "manual_seed",
    "seed",
    "initial_seed",
    "get_rng_state",
    "set_rng_state",
}
#: torch has the names; what torch lacks is registered from outside, as tests/house/test_adding.py does.
ONLY_TORCHS = "refinit has torch.nn.init's functions in torch's order, and no others"
OTHERS = {
    *("CounterGenerator", "RefinitWarning", "Shard"),
    *("empty", "fans", "get_num_threads", "set_num_threads"),
}
AXES = ["in_axis", "out_axis"]
#: What each function takes that torch's does not.
BEYOND = dict.fromkeys(("xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"), AXES)


def parameters(function, without=()):
    """Names, kinds and defaults with their types: torch's annotations name torch types."""
    found = inspect.signature(function).parameters.values()
    return [(p.name, p.kind, p.default, type(p.default)) for p in found if p.name not in without]


def own_parameters(name):
    """Those of refinit's function, without what torch lacks."""
    return parameters(getattr(refinit, name), BEYOND.get(name, ()))


@pytest.mark.parametrize("name", NAMES)
def test_every_signature_is_torchs(name):
    assert own_parameters(name) == parameters(getattr(TORCH, name))


@pytest.mark.parametrize("name", BEYOND)
def test_what_torch_lacks_goes_by_keyword_only_and_is_marked(name):
    function = getattr(refinit, name)
    found = [inspect.signature(function).parameters[keyword] for keyword in BEYOND[name]]
    assert [(p.kind, p.default) for p in found] == [(inspect.Parameter.KEYWORD_ONLY, None)] * len(found)
    assert not set(BEYOND[name]) & set(inspect.signature(getattr(TORCH, name)).parameters), "torch has it"
    assert re.search(rf"^{', '.join(BEYOND[name])}\n +Beyond torch: ", inspect.getdoc(function), re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_function_knows_its_name_and_is_documented(name):
    function = getattr(refinit, name)
    assert function.__name__ == name
    assert function.__doc__


def test_the_public_names_are_torchs_and_ours_and_no_others():
    assert set(refinit.__all__) - {"__version__"} == set(TORCH.__all__) | GENERATORS | OTHERS, ONLY_TORCHS
    assert len(refinit.__all__) == len(set(refinit.__all__))
    assert all(hasattr(refinit, name) for name in refinit.__all__)


def test_the_table_lists_torchs_functions_in_torchs_order():
    functions = [n for n in TORCH.__all__ if n.endswith("_")]
    assert list(registry.INITIALIZERS) == functions, ONLY_TORCHS
    for name, entry in registry.INITIALIZERS.items():
        assert entry.name == name
        assert entry.function is getattr(refinit, name)


def test_the_table_lists_torchs_deprecated_names():
    expected = {n: n + "_" for n in TORCH.__all__ if n != "calculate_gain" and not n.endswith("_")}
    assert expected == registry.DEPRECATED
    assert len(expected) == 11


def test_the_table_knows_which_functions_are_random():
    assert registry.INITIALIZERS.keys() <= vars(TORCH).keys(), ONLY_TORCHS
    for name, entry in registry.INITIALIZERS.items():
        assert entry.random == ("generator" in inspect.signature(getattr(TORCH, name)).parameters), name


@pytest.mark.parametrize("name", [n for n in TORCH.__all__ if n.endswith("_")])
def test_the_table_lists_just_the_dtypes_that_torch_fills(name):
    shape = (2, 2, 2) if name == "dirac_" else (2, 2)
    extra = {"sparse_": (0.5,), "constant_": (1,)}.get(name, ())
    accepted = []
    for dtype in (*EVERY, *FLOAT8):
        try:
            getattr(TORCH, name)(torch.zeros(shape, dtype=getattr(torch, dtype)), *extra)
        except (NotImplementedError, RuntimeError, TypeError):
            continue
        accepted.append(dtype)
        getattr(refinit, name)(np.zeros(shape, dtype_of(dtype)), *extra)
    assert sorted(registry.INITIALIZERS[name].dtypes["torch"]) == sorted(accepted)


@pytest.mark.parametrize("name", [n for n in TORCH.__all__ if n.endswith("_")])
def test_the_table_lists_just_the_numbers_of_axes_that_torch_takes(name):
    extra = {"sparse_": (0.5,), "constant_": (1,)}.get(name, ())
    accepted = []
    for ndim in range(7):
        try:
            getattr(TORCH, name)(torch.zeros((2,) * ndim), *extra)
        except ValueError:
            continue
        accepted.append(ndim)
    entry = registry.INITIALIZERS[name]
    assert accepted == list(entry.ndims or range(entry.least_ndim, 7))


def test_calls_by_keyword_work_in_any_order():
    a, b = np.empty(9, np.float32), torch.empty(9)
    refinit.uniform_(generator=refinit.Generator().manual_seed(1), b=3, a=-1, tensor=a)
    TORCH.uniform_(generator=torch.Generator().manual_seed(1), b=3, a=-1, tensor=b)
    assert a.tobytes() == b.numpy().tobytes()


@pytest.mark.parametrize("name", [n for n in TORCH.__all__ if n.endswith("_")])
def test_wrong_arguments_are_pythons_own_type_error(name):
    errors = []
    for module in (refinit, TORCH):
        with warnings.catch_warnings(), pytest.raises(TypeError) as caught:
            getattr(module, name)(np.empty((2, 2)), nonsense=1)
        errors.append(str(caught.value))
    assert errors[0] == errors[1]
