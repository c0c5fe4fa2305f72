"""Whatever draws: the same values, state, versions, warnings and errors as without the block."""

import warnings

import pytest

import refinit
from refinit.models.accelerate import dispatched, fills, functions, switch
from tests.tables.references.torch import torch_module

torch = torch_module()

from tests.models.accelerate.reached import LARGE, LEFT  # noqa: E402 - behind the skip where torch is missing
from tests.models.accelerate.refused import ERRORS  # noqa: E402


@pytest.fixture
def taken(monkeypatch):
    """The names of the fills that refinit has done."""
    names = []

    def counted(function):
        def call(*arguments):
            result = function(*arguments)
            if result:
                names.append(function.__name__)
            return result

        return call

    for module, function in (
        (dispatched, fills.fill),
        (functions, fills.fill),
        (dispatched, dispatched.fill_short),
    ):
        monkeypatch.setattr(module, function.__name__, counted(function))
    return names


def shown(value):
    """Values, and what else autograd knows of a tensor."""
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if not isinstance(value, torch.Tensor) or value.is_meta:
        return str(value)
    version = None if value.is_inference() else value._version
    values = torch.view_as_real(value) if value.is_complex() else value
    return (values.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes(), version, value.dtype)


def outcome(call):
    torch.manual_seed(5)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = shown(call())
    return value, torch.get_rng_state().numpy().tobytes(), [str(warning.message) for warning in caught]


@pytest.mark.parametrize("case", [*LARGE, *LEFT, *ERRORS], ids=lambda case: case.name)
def test_all_is_as_without_the_block(case, taken):
    expected = outcome(case.call)
    with refinit.accelerate_torch():
        result = outcome(case.call)
        again = outcome(case.call)
    assert result == expected
    assert again == expected
    assert len(taken) >= 2 * case.taken


@pytest.mark.parametrize("case", LEFT, ids=lambda case: case.name)
def test_what_is_left_to_torch_is_torchs(case, taken):
    with refinit.accelerate_torch():
        outcome(case.call)
    assert not taken


def test_outside_of_a_block_torch_draws(taken):
    with refinit.accelerate_torch():
        pass
    torch.randn(300, 300)
    assert not taken
    assert switch._switch.library is None
