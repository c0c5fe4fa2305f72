"""A rank's part: what it has is what the whole arrays have there."""

import tracemalloc

import numpy as np
import pytest

import refinit as init
from refinit.models.recipe.parts import Buffer, Fill, Literal, Operation, View
from refinit.models.recipe.steps import Recipe

SHAPES = {"w": (10, 6), "qkv": (12, 4), "b": (10,), "s": (), "o": (8, 8), "x": (9, 4), "m": (9, 4)}
BUFFERS = {name: Buffer(name, "float32", shape) for name, shape in SHAPES.items()}
STEPS = (
    Fill("kaiming_uniform_", BUFFERS["w"].whole),
    Fill("normal_", BUFFERS["w"].whole, {"std": 0.02}),
    *(Fill("xavier_uniform_", View("qkv", 16 * k, (4, 4), (4, 1))) for k in range(3)),
    Fill("uniform_", BUFFERS["b"].whole),
    Fill("normal_", BUFFERS["s"].whole),
    Fill("orthogonal_", BUFFERS["o"].whole),
    Fill("trunc_normal_", BUFFERS["x"].whole),
    Operation("copy", BUFFERS["m"].whole, (BUFFERS["x"].whole,)),
    Operation("mul", BUFFERS["m"].whole, (BUFFERS["m"].whole, 3.0)),
)
STATE = {
    **{name: buffer.whole for name, buffer in BUFFERS.items()},
    "w.T": View("w", 0, (6, 10), (1, 6)),
    "tied": BUFFERS["b"].whole,
    "mask": Literal(np.tri(5), "float64"),
}
RECIPE = Recipe(BUFFERS, STEPS, STATE)
ALONE = Recipe({"w": BUFFERS["w"]}, STEPS[:2], {"w": BUFFERS["w"].whole})


def generators():
    return init.CounterGenerator(5), init.Generator().manual_seed(5)


@pytest.mark.parametrize("ranks", [1, 3, 4, 16])
def test_ranks_parts_make_the_whole(ranks):
    for generator in generators():
        source = generator.clone_state
        whole = init.replay(RECIPE, generator=source())
        parts = [init.replay(RECIPE, generator=source(), part=(rank, ranks)) for rank in range(ranks)]
        for name, array in whole.items():
            blocks = [part[name] for part in parts]
            assert np.array_equal(np.concatenate(blocks) if array.ndim else blocks[0], array), name


def test_blocks_are_those_of_torch_chunk():
    torch = pytest.importorskip("torch", reason="the blocks are its")
    lengths = [len(init.replay(ALONE, 3, part=(rank, 4))["w"]) for rank in range(4)]
    assert lengths == [len(block) for block in torch.chunk(torch.empty(10, 6), 4)]


def test_a_function_says_the_block_of_each_array():
    def block(_name, shape):
        return (slice(1, 5), slice(2, None)) if len(shape) == 2 else ()

    for generator in generators():
        source = generator.clone_state
        whole = init.replay(RECIPE, generator=source())
        part = init.replay(RECIPE, generator=source(), part=block, only=["w*", "qkv", "b", "m"])
        for name, array in part.items():
            expected = whole[name][1:5, 2:] if array.ndim == 2 else whole[name]
            assert np.array_equal(array, expected), name


def test_a_block_costs_its_own_memory():
    big = Buffer("w", "float32", (4096, 1024))
    recipe = Recipe({"w": big}, (Fill("kaiming_normal_", big.whole),), {"w": big.whole})
    init.replay(ALONE, generator=init.CounterGenerator(5), part=(0, 4))
    tracemalloc.start()
    weights = init.replay(recipe, generator=init.CounterGenerator(5), part=(3, 64))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < big.size * 4 / 16
    assert weights.peak_bytes < big.size * 4 / 16
    whole = init.replay(recipe, generator=init.CounterGenerator(5))
    assert np.array_equal(weights["w"], whole["w"][192:256])


def test_parts_go_into_files(tmp_path):
    init.replay_to_file(RECIPE, tmp_path / "w.npz", generator=init.CounterGenerator(5), part=(1, 3))
    expected = init.replay(RECIPE, generator=init.CounterGenerator(5), part=(1, 3))
    with np.load(tmp_path / "w.npz") as archive:
        assert all(np.array_equal(archive[name], array) for name, array in expected.items())
    init.replay_to_file(RECIPE, tmp_path / "w.safetensors", generator=init.CounterGenerator(5), part=(1, 3))


@pytest.mark.parametrize(
    ("part", "error", "message"),
    [
        ((4, 4), ValueError, "expected the rank below 4, got 4"),
        ((0, 0), ValueError, "expected the number of ranks of at least 1, got 0"),
        ((0, 1, 2), TypeError, "expected part as"),
        (3, TypeError, "expected part as"),
        (lambda name, shape: slice(3), TypeError, "expected a tuple of slices as the part of 'w'"),
        (lambda name, shape: (slice(0, 4, 2),), ValueError, "slices without steps"),
        (lambda name, shape: (slice(3),) * 3, ValueError, "expected at most 2 slices"),
    ],
)
def test_parts_that_are_none(part, error, message):
    with pytest.raises(error, match=message):
        init.replay(ALONE, 3, part=part)
