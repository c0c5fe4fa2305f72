"""The recipe of a layer is one like any other: it is checked, saved and read again, and replayed in part."""

import numpy as np
import pytest

import refinit
from refinit import layers
from tests.tables.layer_configurations import configurations
from tests.tables.whole_models import MODELS

CONFIGURATIONS = [*configurations(1, seed=31)]


def same(first, second):
    return {name: array.tobytes() for name, array in first.items()} == {
        name: array.tobytes() for name, array in second.items()
    }


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda configuration: configuration.name)
def test_a_recipe_that_was_saved_makes_the_layer(configuration, tmp_path):
    layer = configuration.build(layers, dtype=configuration.dtype)
    layer.recipe().save(tmp_path / "layer.json")
    read = refinit.Recipe.load(tmp_path / "layer.json")
    assert same(refinit.replay(read, configuration.seed), layer.init(seed=configuration.seed))
    generator = refinit.CounterGenerator(1)
    assert same(refinit.replay(read, generator=generator), layer.init(generator))


@pytest.mark.parametrize("name", ["gpt2", "captioner", "gan"])
def test_a_models_recipe_that_was_saved_makes_the_model(name, tmp_path):
    model = MODELS[name](layers)
    model.recipe().save(tmp_path / "model.json")
    assert same(refinit.replay(tmp_path / "model.json", 5), model.init(seed=5))


def test_a_part_of_a_model_has_the_wholes_numbers():
    model = MODELS["gpt2"](layers)
    part = refinit.replay(model.recipe(), 5, only="transformer.h.1.*")
    whole = model.init(seed=5)
    assert part
    assert all(np.array_equal(array, whole[name]) for name, array in part.items())


def test_a_recipe_says_what_it_is_of():
    recipe = layers.Linear(3, 5).recipe()
    assert recipe.source == "Linear"
    assert [*recipe.buffers] == [*recipe.state] == ["weight", "bias"]
    assert [(step.function, step.call) for step in recipe.steps] == [
        ("kaiming_uniform_", "kaiming_uniform_"),
        ("uniform_", "uniform_"),
    ]
