"""Code that people copy works with refinit in the place of nn.init: the same weights, the same generator after it."""

import doctest
import warnings
from types import SimpleNamespace

import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()
from torch import nn  # noqa: E402 - needs torch

from tests.tables.document_inits import RECIPES  # noqa: E402 - needs torch


class Network(nn.Module):
    """The little CNN of the articles, and what else they name: normalisation, embedding, a layer without bias."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5, bias=True)
        self.conv2_bn = nn.BatchNorm2d(20)
        self.norm = nn.GroupNorm(4, 20)
        self.words = nn.Embedding(30, 12)
        self.dense1 = nn.Linear(320, 50)
        self.dense1_bn = nn.BatchNorm1d(50)
        self.dense2 = nn.Sequential(nn.Linear(50, 50), nn.ReLU(), nn.Linear(50, 10))


def outcome(make, seed=0):
    """State dict of the model and torch's generator state, as bytes."""
    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`nn.init", FutureWarning)
        model = make()
    weights = {name: value.numpy().tobytes() for name, value in model.state_dict().items()}
    return weights, bytes(torch.get_rng_state().numpy())


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.__name__)
@pytest.mark.parametrize("seed", [0, 42])
def test_a_copied_init_function_gives_the_same_weights_through_apply(recipe, seed):
    ours = outcome(lambda: Network().apply(recipe(refinit)), seed)
    assert ours == outcome(lambda: Network().apply(recipe(torch.nn.init)), seed)
    assert ours[0] != outcome(Network, seed)[0]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.__name__)
def test_a_copied_init_function_serves_double_and_bfloat16_models(recipe):
    for dtype in (torch.float64, torch.bfloat16):
        models = []
        for init in (refinit, torch.nn.init):
            torch.manual_seed(3)
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "`nn.init", FutureWarning)
                models.append((Network().to(dtype).apply(recipe(init)).state_dict(), torch.get_rng_state()))
        assert all(torch.equal(models[0][0][name], models[1][0][name]) for name in models[0][0])
        assert torch.equal(models[0][1], models[1][1])


EXAMPLES = [name for name in torch.nn.init.__all__ if name == "calculate_gain" or name.endswith("_")]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_torchs_documentation_run_with_refinit(name):
    examples = doctest.DocTestParser().get_examples(getattr(torch.nn.init, name).__doc__)
    assert examples
    results = []
    for init in (refinit, torch.nn.init):
        torch.manual_seed(5)
        names = {"torch": torch, "nn": SimpleNamespace(init=init)}
        tensors = []
        for example in examples:
            exec(example.source, names)
            if "nn.init." in example.source and "w" in names:
                tensors.append(names["w"].clone())
        results.append((tensors, names.get("gain"), torch.get_rng_state()))
    ours, theirs = results
    if name == "orthogonal_":  # no bits are promised (test_orthogonal.py)
        assert torch.allclose(ours[0][-1], theirs[0][-1], atol=1e-5)
    else:
        assert all(torch.equal(a, b) for a, b in zip(ours[0], theirs[0], strict=True))
    assert ours[1] == theirs[1]
    assert torch.equal(ours[2], theirs[2])


def spied(name, called):
    """refinit's function, noting that it was called."""
    function = getattr(refinit, name)

    def spy(*arguments, **keywords):
        called.append(name)
        return function(*arguments, **keywords)

    return spy


MODELS = {
    "linear": lambda: nn.Linear(30, 17),
    "bilinear": lambda: nn.Bilinear(5, 6, 7),
    "conv1d": lambda: nn.Conv1d(6, 8, 3),
    "conv2d": lambda: nn.Conv2d(6, 8, 3, groups=2),
    "conv-transpose3d": lambda: nn.ConvTranspose3d(4, 6, 3),
    "embedding": lambda: nn.Embedding(40, 24, padding_idx=3),
    "lstm": lambda: nn.LSTM(12, 20, num_layers=2, bidirectional=True),
    "attention": lambda: nn.MultiheadAttention(24, 4),
    "attention-kv": lambda: nn.MultiheadAttention(24, 4, kdim=10, vdim=12, add_bias_kv=True),
    "transformer": lambda: nn.Transformer(24, 4, 1, 1, 48, batch_first=True),
    "norms": lambda: nn.Sequential(
        nn.LayerNorm(9), nn.BatchNorm2d(4), nn.GroupNorm(2, 4), nn.InstanceNorm1d(3, affine=True)
    ),
    "network": Network,
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_torchs_own_modules_construct_the_same_weights_on_refinit(make, monkeypatch):
    expected = outcome(make)
    called = []
    for name in torch.nn.init.__all__:
        if name.endswith("_"):
            monkeypatch.setattr(torch.nn.init, name, spied(name, called))
    assert outcome(make) == expected
    assert called
