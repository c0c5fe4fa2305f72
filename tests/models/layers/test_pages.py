"""What articles and forums write for torch runs without it: models by default, and every init function of theirs."""

import math
import warnings

import numpy as np
import pytest

import refinit
from refinit import layers
from refinit.models.explain import explained
from tests.tables.layer_configurations import state_difference
from tests.tables.references.torch import torch_module
from tests.tables.whole_models import compared

torch = torch_module()

from tests.tables import document_inits, document_models  # noqa: E402 - needs torch


def network(nn):
    """The layers that the pages name."""
    inner = nn.Sequential(nn.Linear(50, 50), nn.ReLU(), nn.Linear(50, 10))
    return nn.Sequential(
        *(nn.Conv2d(1, 10, kernel_size=5), nn.Conv2d(10, 20, kernel_size=5), nn.BatchNorm2d(20)),
        *(nn.GroupNorm(4, 20), nn.Embedding(30, 12), nn.Linear(320, 50), nn.BatchNorm1d(50), inner),
    )


@pytest.mark.parametrize("build", document_models.MODELS, ids=lambda build: build.__name__)
@pytest.mark.parametrize("seed", [0, 42])
def test_a_model_of_a_page_is_torchs(build, seed):
    assert compared(build, seed).difference is None


@pytest.mark.parametrize("recipe", document_inits.RECIPES, ids=lambda recipe: recipe.__name__)
def test_an_init_function_of_a_page_runs_as_it_is(recipe, monkeypatch):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`nn.init", FutureWarning)
        torch.manual_seed(9)
        theirs = network(torch.nn).apply(recipe(torch.nn.init))
        monkeypatch.setattr(document_inits, "nn", layers)
        ours = network(layers).apply(recipe(layers.init))
    generator = refinit.Generator().manual_seed(9)
    assert state_difference(theirs, ours.init(generator), generator) is None


def test_the_default_is_what_the_forum_says():
    """std 1 / sqrt(3 fan_in) of weight and bias; LeCun's would be 1 / sqrt(fan_in), He's sqrt(2 / fan_in)."""
    weight, bias = explained(layers.Linear(320, 50))
    assert weight.std == pytest.approx(1 / math.sqrt(3 * 320))
    assert bias.std == pytest.approx(weight.std)
    assert (weight.rivals["LeCun"], weight.rivals["He"]) == pytest.approx(
        (1 / math.sqrt(320), math.sqrt(2 / 320))
    )
    state = layers.Linear(320, 50).init(seed=0)
    assert np.abs(state["weight"]).max() <= 1 / math.sqrt(320)
    assert np.abs(state["bias"]).max() <= 1 / math.sqrt(320)
