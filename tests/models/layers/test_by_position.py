"""By position every parameter of a layer is what its initializer makes of the substream of its name."""

import numpy as np
import pytest

import refinit
from refinit import layers
from refinit.initializers.registry import INITIALIZERS
from refinit.models.recipe.parts import Fill
from tests.tables.layer_configurations import configurations

CONFIGURATIONS = [*configurations(2, seed=29)]


def fills_of(recipe, buffer, before):
    """The fills of a buffer from the last that writes all of it on; of a copy, its source's."""
    fills = []
    for index, step in enumerate(recipe.steps[:before]):
        if step.out.buffer != buffer:
            continue
        if not isinstance(step, Fill):
            fills = fills_of(recipe, step.operands[0].buffer, index)
        elif step.out.shape == recipe.buffers[buffer].shape:
            fills = [step]
        else:
            fills.append(step)
    return fills


def parameter(recipe, name, generator):
    """The array of a name, by refinit's own functions."""
    buffer = recipe.buffers[name]
    array = refinit.empty(buffer.shape, dtype=buffer.dtype)
    for fill in fills_of(recipe, name, len(recipe.steps)):
        size = array.itemsize
        strides = [stride * size for stride in fill.out.strides]
        part = np.lib.stride_tricks.as_strided(array.reshape(-1)[fill.out.offset :], fill.out.shape, strides)
        options = {"generator": generator} if INITIALIZERS[fill.function].random else {}
        getattr(refinit, fill.function)(part, **fill.arguments, **options)
    return array


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize("number", range(len(CONFIGURATIONS)), ids=lambda n: f"{CONFIGURATIONS[n].name}-{n}")
def test_a_parameter_is_its_initializers(number):
    configuration = CONFIGURATIONS[number]
    layer = configuration.build(layers, dtype=configuration.dtype)
    base = refinit.CounterGenerator(configuration.seed)
    state, recipe = layer.init(base), layer.recipe()
    for name, array in state.items():
        expected = parameter(recipe, name, base.substream(name))
        assert array.dtype == expected.dtype
        assert array.tobytes() == expected.tobytes(), name
    assert base.fill_number == 0
