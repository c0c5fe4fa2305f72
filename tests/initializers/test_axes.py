"""in_axis and out_axis: the law has the fans of the axes named, on every stream, in shards and in Dask's chunks."""

import numpy as np
import pytest

import refinit
import refinit.dask
from refinit.initializers.registry import INITIALIZERS
from refinit.laws.fans import fans
from tests.laws.test_fans import HWIO, REFUSED

SCALED = ("xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_")
LAST = {"in_axis": -2, "out_axis": -1}
SHAPE = (3, 5, 6, 8)  # height, width, in, out: no axis is as long as another


def expected_law(name, shape, **axes):
    """The law of torch's own weight with these fans."""
    fan_in, fan_out = fans(shape, **axes)
    law = INITIALIZERS[name].law((fan_out, fan_in))
    return ("uniform_", law.lo, law.hi) if name.endswith("uniform_") else ("normal_", law.mean, law.std)


def filled(name, shape, generator, *arguments, **keywords):
    return getattr(refinit, name)(refinit.empty(*shape), *arguments, generator=generator, **keywords)


STREAMS = {
    "torch": lambda: refinit.Generator().manual_seed(3),
    "counter": lambda: refinit.CounterGenerator(3),
    "torch_cuda": lambda: refinit.Generator("cuda", multiprocessors=4, threads_per_multiprocessor=2048),
}


@pytest.mark.parametrize("axes", [LAST, {"in_axis": (0, 2), "out_axis": [1]}], ids=str)
@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("name", SCALED)
def test_the_numbers_are_those_of_the_law_with_these_fans(name, stream, axes):
    plain, *parameters = expected_law(name, SHAPE, **axes)
    ours = filled(name, SHAPE, stream(), **axes)
    assert ours.tobytes() == filled(plain, SHAPE, stream(), *parameters).tobytes()
    assert ours.tobytes() != filled(name, SHAPE, stream()).tobytes()


@pytest.mark.parametrize("name", SCALED)
def test_torchs_own_axes_are_what_torch_does(name):
    ours = filled(name, SHAPE, STREAMS["torch"](), in_axis=1, out_axis=-4)
    assert ours.tobytes() == filled(name, SHAPE, STREAMS["torch"]()).tobytes()


@pytest.mark.parametrize("name", SCALED)
def test_the_law_of_the_table_knows_them(name):
    plain, *parameters = expected_law(name, SHAPE, **LAST)
    law = INITIALIZERS[name].law(SHAPE, **LAST)
    assert [law.lo, law.hi] == parameters if plain == "uniform_" else [law.mean, law.std] == parameters


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
def test_the_mode_chooses_between_these_fans(name):
    fan_in, fan_out = fans(SHAPE, **LAST)
    for mode, fan in (("fan_in", fan_in), ("fan_out", fan_out)):
        law = INITIALIZERS[name].law(SHAPE, nonlinearity="relu", mode=mode, **LAST)
        std = law.std if name == "kaiming_normal_" else law.hi / np.sqrt(3)
        assert std == pytest.approx(np.sqrt(2 / fan), rel=1e-14)


@pytest.mark.parametrize("name", SCALED)
def test_a_shards_axes_are_those_of_the_whole(name):
    whole = filled(name, SHAPE, STREAMS["counter"](), **LAST)
    block = refinit.Shard(refinit.empty(1, 2, 3, 4), SHAPE, (1, 2, 3, 4))
    getattr(refinit, name)(block, generator=STREAMS["counter"](), **LAST)
    assert (block.array == whole[1:2, 2:4, 3:6, 4:8]).all()


@pytest.mark.parametrize("name", SCALED)
def test_dask_takes_them_by_keyword(name):
    whole = filled(name, SHAPE, STREAMS["counter"](), **LAST)
    function = getattr(refinit, name)
    lazy = refinit.dask.full(function, SHAPE, chunks=(2, 3, 3, 8), generator=STREAMS["counter"](), **LAST)
    assert (lazy.compute() == whole).all()
    with pytest.raises(TypeError, match="in_axis and out_axis together"):
        refinit.dask.full(function, SHAPE, chunks=2, generator=STREAMS["counter"](), in_axis=-2)


@pytest.mark.parametrize(("axes", "error", "text"), REFUSED, ids=str)
@pytest.mark.parametrize("name", SCALED)
def test_axes_that_are_none_are_refused_before_anything_is_drawn(name, axes, error, text):
    generator, weight = STREAMS["torch"](), np.full(HWIO, 7.0, np.float32)
    before = bytes(generator.get_state())
    with pytest.raises(error, match=text):
        getattr(refinit, name)(weight, generator=generator, **axes)
    assert (weight == 7.0).all()
    assert bytes(generator.get_state()) == before


@pytest.mark.parametrize("name", SCALED)
def test_they_go_by_keyword_only(name):
    positional = (1.0, None, -2, -1) if name.startswith("xavier") else (0, "fan_in", "relu", None, -2, -1)
    with pytest.raises(TypeError, match="positional argument"):
        getattr(refinit, name)(refinit.empty(*SHAPE), *positional)


@pytest.mark.parametrize("name", SCALED)
def test_the_deprecated_names_take_them_too(name):
    with pytest.warns(FutureWarning, match="deprecated"):
        ours = filled(name.removesuffix("_"), SHAPE, STREAMS["counter"](), **LAST)
    assert (ours == filled(name, SHAPE, STREAMS["counter"](), **LAST)).all()


def test_where_axes_are_named_the_torch_weight_of_the_same_fans_has_the_same_law():
    for name in SCALED:
        assert INITIALIZERS[name].law(HWIO, **LAST) == INITIALIZERS[name].law((128, 64, 3, 3))
