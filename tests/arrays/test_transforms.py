"""Tensors that only stand for others: fake ones, and what torch.func's transforms make of theirs."""

import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()
from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: E402 - needs torch

NAMES = refinit.initializers.__all__
#: torch's own code looks at values here, which a fake tensor has not, or brings a real tensor.
UNKNOWN_TO_FAKES = {"trunc_normal_", "sparse_", "dirac_"}


def call(module, name, tensor, **keywords):
    return getattr(module, name)(tensor, *{"constant_": (0.25,), "sparse_": (0.5,)}.get(name, ()), **keywords)


def shape_for(name):
    return (4, 4, 3) if name == "dirac_" else (4, 4)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("name", NAMES)
def test_fake_tensors_pass_through_and_nothing_is_drawn(name, device):
    mode, state = FakeTensorMode(), torch.get_rng_state()
    with mode:
        inside = torch.empty(shape_for(name), device=device)
        assert call(refinit, name, inside) is inside
    version = inside._version
    assert call(refinit, name, inside) is inside
    if device == "cpu" and name not in UNKNOWN_TO_FAKES:
        assert call(torch.nn.init, name, inside) is inside
    assert torch.equal(torch.get_rng_state(), state)
    assert inside._version >= version


def test_a_counter_generator_gives_a_fake_tensor_no_number():
    generator = refinit.CounterGenerator(0)
    with FakeTensorMode():
        refinit.normal_(torch.empty(3, 3), generator=generator)
    assert generator.fill_number == 0


def in_a_result(module, name, x):
    y = x * 1
    call(module, name, y)
    return (y * x).sum()


def in_an_argument(module, name, x):
    call(module, name, x)
    return (x * x).sum()


def in_a_new_tensor(module, name, x):
    return (call(module, name, torch.empty(x.shape)) * x).sum()


@pytest.mark.filterwarnings("ignore:the tensor to fill was computed:refinit.RefinitWarning")
@pytest.mark.parametrize("loss", [in_a_result, in_an_argument, in_a_new_tensor])
@pytest.mark.parametrize("name", NAMES)
def test_within_grad_values_gradients_and_state_are_torchs(name, loss):
    results = []
    for module in (torch.nn.init, refinit):
        torch.manual_seed(6)
        x = torch.full(shape_for(name), 0.5)
        gradients = torch.func.grad(lambda x, module=module: loss(module, name, x))(x)
        assert loss is not in_an_argument or x._version > 0
        results.append((gradients, x, torch.get_rng_state()))
    tolerance = 1e-5 if name == "orthogonal_" else 0
    for want, got in zip(*results, strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=tolerance)


@pytest.mark.filterwarnings("ignore:the tensor to fill was computed:refinit.RefinitWarning")
def test_within_a_gradient_of_a_gradient_too():
    def cube(module, x):
        y = x * 1
        module.normal_(y, generator=torch.Generator().manual_seed(2))
        return (x * x * x * y).sum()

    x = torch.full((4, 4), 0.5)
    want, got = (
        torch.func.grad(lambda x, m=m: torch.func.grad(lambda x: cube(m, x))(x).sum())(x)
        for m in (torch.nn.init, refinit)
    )
    assert torch.equal(got, want)


def test_a_tensor_from_outside_of_a_transform_is_filled_as_outside_of_it():
    """The short way of small tensors, whose state comes wrapped there; torch itself refuses to write such a tensor."""
    inside, outside = torch.empty(4, 4), torch.empty(4, 4)

    def thrice(tensor):
        torch.manual_seed(1)
        for _ in range(3):
            refinit.normal_(tensor)

    def loss(x):
        thrice(inside)
        return x.sum()

    torch.func.grad(loss)(torch.ones(3))
    thrice(outside)
    assert torch.equal(inside, outside)


@pytest.mark.parametrize("randomness", ["error", "same", "different"])
@pytest.mark.parametrize("name", NAMES)
def test_what_vmap_maps_over_is_refused_with_a_cure(name, randomness):
    stack, state = torch.zeros(3, *shape_for(name)), torch.get_rng_state()
    fill = torch.func.vmap(lambda w: call(refinit, name, w), randomness=randomness)
    with pytest.raises(NotImplementedError, match=r"initialise before vmap is called: .*init\.normal_\(w\)"):
        fill(stack)
    assert not stack.any()
    assert torch.equal(torch.get_rng_state(), state)
