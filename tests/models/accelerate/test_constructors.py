"""Whole models: each parameter and buffer, and the generator afterwards, as torch makes them."""

import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()

from benchmarks.suite.constructors import MODEL_NAMES, ratios, zeros_instead  # noqa: E402 - behind the skip where torch is missing
from benchmarks.suite.models import MODELS, gpt2, mixed, pyramid, same  # noqa: E402

SMALLER = {"GPT-2, 124 M": lambda: gpt2(2, 128, 1000)}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_torchs(name):
    constructor = SMALLER.get(name, MODELS[name])
    torch.manual_seed(5)
    expected, state = constructor(), torch.get_rng_state()
    torch.manual_seed(5)
    with refinit.accelerate_torch():
        model = constructor()
    assert same(model, expected)
    assert torch.equal(torch.get_rng_state(), state)
    versions = [tensor._version for tensor in expected.state_dict().values()]
    assert [tensor._version for tensor in model.state_dict().values()] == versions


def test_the_benchmark_refuses_to_time_another_model():
    models = iter((mixed(), mixed()))
    with pytest.raises(ValueError, match="got another one"):
        ratios(lambda: next(models), 1)
    seconds, faster, above = ratios(mixed, 1)
    assert min(seconds, faster, above) > 0


def test_the_benchmarks_plain_fill_writes_zeros():
    with refinit.accelerate_torch():
        with zeros_instead():
            assert not pyramid()[-1].weight.any()
        assert pyramid()[-1].weight.all()


def test_the_suite_times_every_model():
    assert list(MODELS) == MODEL_NAMES
