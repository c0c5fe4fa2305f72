"""A fill that arrives at no parameter warns, at the caller's line; one that does, by whatever view, does not."""

import warnings

import numpy as np
import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()

NAMES = refinit.initializers.__all__


def call(name, tensor, **keywords):
    return getattr(refinit, name)(
        tensor, *{"constant_": (0.25,), "sparse_": (0.5,)}.get(name, ()), **keywords
    )


def normalised():
    return torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(4, 4)).weight


def by_hook():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch's own: it is the old way
        return torch.nn.utils.weight_norm(torch.nn.Linear(4, 4)).weight


def parametrized():
    layer = torch.nn.Linear(4, 4)
    torch.nn.utils.parametrize.register_parametrization(layer, "weight", torch.nn.Softplus())
    return layer.weight


LOST = {
    "weight_norm": normalised,
    "weight_norm's hook": by_hook,
    "parametrization": parametrized,
    "view of a result": lambda: torch.t(torch.nn.Parameter(torch.ones(4, 4)) * 2),
}
ARRIVING = {
    "parameter": lambda p: p,
    "slice": lambda p: p[:, :3],
    "slice of a slice": lambda p: p[:3][:, 1:],
    "transposed": lambda p: p.t(),
    "data": lambda p: p.data,
    "detached": lambda p: p.detach(),
    "reshaped": lambda p: p.view(2, -1),
}


@pytest.mark.parametrize("make", LOST.values(), ids=LOST)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "dirac_"])
def test_a_computed_tensor_is_filled_with_a_warning_at_the_callers_line(name, make):
    for _ in range(3):  # the short way, once the law is ready, too
        call(name, torch.empty(4, 4))
    weight = make()
    with pytest.warns(refinit.RefinitWarning, match="computed from others") as caught:
        call(name, weight)
    assert [w.filename for w in caught] == [__file__]


@pytest.mark.parametrize("view", ARRIVING.values(), ids=ARRIVING)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "dirac_"])
def test_a_parameter_and_its_views_are_filled_in_silence(name, view):
    for _ in range(3):
        call(name, view(torch.nn.Parameter(torch.zeros(4, 4))))


@pytest.mark.parametrize("generator", [None, refinit.CounterGenerator(0), refinit.Generator()], ids=repr)
@pytest.mark.parametrize("name", ["normal_", "kaiming_uniform_", "zeros_", "orthogonal_", "trunc_normal_"])
@pytest.mark.parametrize("mark", ["ds_id", "ds_shape"])
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_an_empty_placeholder_of_zero_3_warns(mark, name, generator):
    placeholder = torch.nn.Parameter(torch.empty(0, 4))
    setattr(placeholder, mark, 1)
    keywords = {} if name == "zeros_" else {"generator": generator}
    with pytest.warns(refinit.RefinitWarning, match=r"placeholder of ZeRO-3.*GatheredParameters") as caught:
        call(name, placeholder, **keywords)
    assert {w.filename for w in caught} == {__file__}
    call(name, torch.nn.Parameter(torch.empty(0, 4)), **keywords)


def test_a_filter_that_raises_leaves_tensor_and_generator_as_they_were():
    weight, generator = normalised(), refinit.Generator()
    before, state = weight.detach().clone(), bytes(generator.get_state())
    with warnings.catch_warnings():
        warnings.simplefilter("error", refinit.RefinitWarning)
        for fill in (refinit.ones_, lambda w: refinit.normal_(w, generator=generator)):
            with pytest.raises(refinit.RefinitWarning):
                fill(weight)
    assert torch.equal(weight.detach(), before)
    assert bytes(generator.get_state()) == state


def test_a_call_site_warns_once_by_default():
    weight = normalised()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(4):
            refinit.normal_(weight)
    assert len(caught) == 1


def test_meta_tensors_and_arrays_have_nothing_to_warn_of():
    refinit.normal_(torch.nn.Parameter(torch.empty(3, 3, device="meta")) * 2)
    refinit.normal_(np.empty((0, 3), np.float32))
