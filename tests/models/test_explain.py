"""What is said of a layer is what it does: laws, fans, and what the papers ask for."""

import math

import numpy as np
import pytest

from refinit import layers as nn
from refinit.models.explain import explained
from tests.tables.layer_configurations import configurations


def by_name(layer):
    return {row.name: row for row in explained(layer)}


def test_torchs_default_in_numbers():
    rows = by_name(nn.Linear(320, 50))
    weight, bias = rows["weight"], rows["bias"]
    assert weight.fans == (320, 50)
    assert weight.gain == pytest.approx(1 / math.sqrt(3))
    assert weight.bound == pytest.approx(1 / math.sqrt(320))
    assert weight.std == pytest.approx(1 / math.sqrt(3 * 320))
    assert weight.rivals == pytest.approx(
        {"LeCun": 1 / math.sqrt(320), "Xavier": math.sqrt(2 / 370), "He": math.sqrt(2 / 320)}
    )
    assert (bias.bound, bias.fans, bias.rivals) == (1 / math.sqrt(320), None, {})


@pytest.mark.parametrize(
    "configuration", [*configurations(1, 7)], ids=lambda configuration: configuration.name
)
def test_what_is_said_is_what_is_drawn(configuration):
    """No draw lies beyond the bound, constants are what they are, and the state has these names and shapes."""
    layer = configuration.build(nn)
    state = layer.init(seed=configuration.seed)
    rows = explained(layer)
    assert {row.name: row.shape for row in rows} == {name: array.shape for name, array in state.items()}
    for row in rows:
        array = state[row.name]
        if row.bound is not None:
            assert np.abs(array).max(initial=0) <= np.float32(row.bound)
        if row.std is None and row.law is not None and not row.parts:
            assert (array == np.float32(row.law.value)).all()


def test_a_copy_has_the_law_of_its_source():
    rows = by_name(nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2))
    row = rows["layers.1.linear1.weight"]
    assert row.fills == ("kaiming_uniform_(a=sqrt(5))", "copy")
    assert row.bound == pytest.approx(1 / math.sqrt(8))


def test_groups_and_transposed_layers_have_other_fans():
    assert by_name(nn.Conv2d(8, 8, 3, groups=8))["weight"].true_fans == (9, 9)
    assert by_name(nn.ConvTranspose1d(4, 6, 5))["weight"].true_fans == (20, 30)
    assert by_name(nn.Conv1d(4, 6, 5))["weight"].true_fans is None


def test_what_is_filled_in_parts_is_said():
    rows = by_name(nn.Embedding(5, 3, padding_idx=2))
    assert rows["weight"].parts == ("zeros_() of 3 elements",)
    assert (rows["weight"].std, rows["weight"].gain) == (1.0, None)


def test_a_model_can_be_explained_too():
    model = nn.Sequential(nn.Linear(3, 5), nn.PReLU())
    nn.init.kaiming_normal_(model[0].weight, nonlinearity="relu")
    nn.init.trunc_normal_(model[0].bias)
    rows = by_name(model)
    assert rows["0.weight"].std == pytest.approx(math.sqrt(2 / 3))
    assert rows["0.weight"].gain == math.sqrt(2)
    assert (rows["0.bias"].std, rows["1.weight"].law.value) == (None, 0.25)
