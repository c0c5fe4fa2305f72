"""Init code of whole models with refinit in the place of torch.nn.init: each parameter, buffer and state afterwards."""

import pytest

import refinit
from tests.tables.references.torch import tensor_bytes, torch_module

torch = torch_module()

from tests.tables.more_init_files import INIT_FILES  # noqa: E402 - needs torch


def outcome(init_file, init, seed):
    """Parameters and buffers by name, and torch's generator state."""
    torch.manual_seed(seed)
    model = init_file(init)
    return model.state_dict(), torch.get_rng_state()


def unequal(ours, theirs):
    """The names of the tensors that differ in type, shape or a bit."""
    assert ours.keys() == theirs.keys()

    def equal(a, b):
        return a.dtype == b.dtype and a.shape == b.shape and tensor_bytes(a) == tensor_bytes(b)

    return [name for name in ours if not equal(ours[name], theirs[name])]


@pytest.mark.parametrize("init_file", INIT_FILES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("seed", [0, 1234])
def test_a_models_init_code_gives_the_same_model(init_file, seed):
    ours, state = outcome(init_file, refinit, seed)
    theirs, expected_state = outcome(init_file, torch.nn.init, seed)
    assert not unequal(ours, theirs)
    assert torch.equal(state, expected_state)


def test_an_element_that_differs_by_a_bit_is_seen():
    for init_file in INIT_FILES:
        ours, _ = outcome(init_file, torch.nn.init, 0)
        theirs, _ = outcome(init_file, torch.nn.init, 0)
        assert not unequal(ours, theirs)
        name = next(n for n, t in theirs.items() if t.is_floating_point() and t.any())
        largest = theirs[name].abs().max()
        theirs[name][theirs[name].abs() == largest] *= 1 + torch.finfo(largest.dtype).eps
        assert name in unequal(ours, theirs)


def test_they_call_every_function():
    """So that none of torch's is left out."""
    called = set()

    class Noting:
        def __getattr__(self, name):
            called.add(name)
            return getattr(torch.nn.init, name)

    for init_file in INIT_FILES:
        init_file(Noting())
    assert called >= {name for name in torch.nn.init.__all__ if name.endswith("_")}
