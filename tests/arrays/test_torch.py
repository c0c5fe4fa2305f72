"""torch CPU tensors and parameters, filled without refinit importing torch."""

import numpy as np
import pytest

import refinit
from tests.tables.cases import FIXED, FLOATS, PATHS, Call, each_dtype
from tests.tables.places import PLACES, memory, tensor_at
from tests.tables.references.torch import torch_module

torch = torch_module()

ALL_CALLS = (*PATHS, *FIXED)
EVERY_FUNCTION = {
    name: (0.5,) if name in {"constant_", "sparse_"} else ()
    for name in torch.nn.init.__all__
    if name.endswith("_")
}


def shape_for(name):
    return (4, 4, 3) if name == "dirac_" else (4, 4)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(ALL_CALLS))
def test_tensors_of_every_layout_get_torchs_bits_from_the_default_generator(call, dtype):
    for seed, place in enumerate(PLACES):
        if len(place.shape) not in call.ndims:
            continue
        got, want = memory(place, dtype), memory(place, dtype)
        torch.manual_seed(seed)
        tensor = tensor_at(got, place, dtype)
        assert call.on(refinit, tensor) is tensor
        state = torch.get_rng_state()
        torch.manual_seed(seed)
        call.on(torch.nn.init, tensor_at(want, place, dtype))
        assert got == want, place
        assert torch.equal(state, torch.get_rng_state()), place


@pytest.mark.parametrize(("name", "arguments"), EVERY_FUNCTION.items(), ids=EVERY_FUNCTION)
def test_a_parameter_is_filled_and_its_version_advances(name, arguments):
    parameter = torch.nn.Parameter(torch.full(shape_for(name), 7.0))
    version = parameter._version
    assert getattr(refinit, name)(parameter, *arguments) is parameter
    assert parameter.requires_grad
    assert parameter.is_leaf
    assert parameter.grad_fn is None
    assert parameter._version > version
    assert not (parameter == 7.0).all()


@pytest.mark.parametrize(("name", "arguments"), EVERY_FUNCTION.items(), ids=EVERY_FUNCTION)
def test_autograd_notices_a_fill_between_forward_and_backward(name, arguments):
    parameter = torch.nn.Parameter(torch.ones(shape_for(name)))
    loss = (parameter * parameter).sum()
    getattr(refinit, name)(parameter, *arguments)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


VIEWS = {
    "row": lambda p: p[1],
    "slice": lambda p: p[1:3],
    "transposed": lambda p: p.t(),
    "flat": lambda p: p.view(-1),
    "detached": lambda p: p.detach(),
    "data": lambda p: p.data,
    "numpy": lambda p: p.detach().numpy(),
    "chunk": lambda p: p.chunk(2, 1)[1],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_views_of_a_parameter_write_into_it(view):
    ours, theirs = (torch.nn.Parameter(torch.zeros(4, 6)) for _ in range(2))
    refinit.normal_(view(ours), generator=torch.Generator().manual_seed(2))
    target = view(theirs)
    target = target if isinstance(target, torch.Tensor) else torch.from_numpy(target)
    torch.nn.init.normal_(target, generator=torch.Generator().manual_seed(2))
    assert torch.equal(ours, theirs)
    assert ours.any()


def test_a_view_shares_its_version_with_the_parameter():
    parameter = torch.nn.Parameter(torch.zeros(4, 6))
    version = parameter._version
    refinit.uniform_(parameter[1:3])
    assert parameter._version > version


def test_a_tensor_inside_a_graph_is_filled_as_torch_does():
    parameter = torch.nn.Parameter(torch.ones(3))
    doubled = parameter * 2
    with pytest.warns(refinit.RefinitWarning, match="computed from others"):
        assert refinit.zeros_(doubled) is doubled
    assert not doubled.any()


def test_a_module_keeps_training_after_its_weights_were_filled():
    layer = torch.nn.Linear(5, 3)
    refinit.kaiming_uniform_(layer.weight, nonlinearity="relu")
    refinit.zeros_(layer.bias)
    layer(torch.ones(2, 5)).sum().backward()
    assert layer.weight.grad.shape == layer.weight.shape


def test_inference_tensors_are_refused_outside_inference_mode_only():
    with torch.inference_mode():
        tensor = torch.zeros(4)
        refinit.ones_(tensor)
    assert tensor.sum() == 4
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode"):
        refinit.zeros_(tensor)
    assert tensor.sum() == 4
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode"):
        torch.nn.init.zeros_(tensor)  # raises too, after writing


@pytest.mark.parametrize(
    "name",
    ["uniform_", "normal_", "trunc_normal_", "kaiming_normal_", "xavier_uniform_", "orthogonal_", "sparse_"],
)
def test_expanded_tensors_are_refused_with_torchs_text(name):
    base = torch.zeros(1, 3)
    arguments = (0.5,) if name == "sparse_" else ()
    for module in (refinit, torch.nn.init):
        with pytest.raises(
            RuntimeError, match="more than one element of the written-to tensor refers to a single"
        ):
            getattr(module, name)(base.expand(4, 3), *arguments)
    assert not base.any()


@pytest.mark.parametrize(
    "name", ["uniform_", "normal_", "ones_", "eye_", "orthogonal_", "trunc_normal_", "sparse_"]
)
def test_meta_tensors_pass_through_untouched(name):
    tensor, state = torch.empty(3, 4, device="meta"), torch.get_rng_state()
    assert getattr(refinit, name)(tensor, *((0.5,) if name == "sparse_" else ())) is tensor
    assert torch.equal(torch.get_rng_state(), state)


REFUSED = {
    "sparse-layout": lambda: torch.zeros(3, 3).to_sparse(),
    "uninitialized": torch.nn.parameter.UninitializedParameter,
    "float8": lambda: torch.zeros(3, 3).to(torch.float8_e4m3fn),
    "conjugated": lambda: torch.zeros(3, 3, dtype=torch.complex64).conj(),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_other_tensors_are_refused_with_what_to_do(make):
    with pytest.raises((RuntimeError, TypeError, ValueError), match="expected"):
        refinit.uniform_(make())


def test_bfloat16_tensors_need_no_ml_dtypes(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ml_dtypes", None)
    torch.manual_seed(4)
    ours = refinit.normal_(torch.empty(99, dtype=torch.bfloat16))
    torch.manual_seed(4)
    assert torch.equal(ours, torch.empty(99, dtype=torch.bfloat16).normal_())


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_tensor_over_numpy_memory_is_the_same_memory(dtype):
    if dtype == "bfloat16":
        return
    values = np.zeros(30, dtype)
    refinit.uniform_(torch.from_numpy(values), generator=refinit.Generator().manual_seed(1))
    assert (
        values.tobytes()
        == Call("uniform_").on(refinit, np.empty(30, dtype), refinit.Generator().manual_seed(1)).tobytes()
    )


def test_tensors_without_memory_are_refused():
    freed = torch.zeros(40)
    freed.untyped_storage().resize_(0)
    generator = refinit.Generator()
    state = bytes(generator.get_state())
    for tensor in (freed, torch._efficientzerotensor(40)):
        with pytest.raises(NotImplementedError, match="memory of its own"):
            refinit.uniform_(tensor, generator=generator)
        with pytest.raises(NotImplementedError, match="memory of its own"):
            refinit.ones_(tensor)
    assert bytes(generator.get_state()) == state
