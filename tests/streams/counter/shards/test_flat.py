"""Shard.flat: a range of the flattened tensor gets what the whole has there, by one fill number."""

import copy
import math
import pickle
from itertools import pairwise

import numpy as np
import pytest

import refinit
from refinit import Shard
from refinit.arrays.opening import target_of
from refinit.arrays.walks.flat import blocks_of_range
from tests.streams.counter.shards.test_shards import PATTERNS, generator, peak_of, shapes_of
from tests.tables.cases import SCALED, each_dtype
from tests.tables.counter_streams import PATHS, RANDOM
from tests.tables.places import dtype_of

SOME = (*PATHS, *PATTERNS)
SHAPES = ((), (0,), (7,), (3, 4), (4, 0, 3), (2, 3, 4), (1, 5, 1, 2), (2, 1, 3, 2, 2))


def cuts_of(draw, size):
    """(start, stop) of parts of the whole: some short, some empty, in random order."""
    ends = sorted({0, size, *draw.integers(0, size + 1, 4).tolist(), min(1, size), max(size - 1, 0)})
    pairs = [*pairwise(ends), (size // 2, size // 2), (size, size)]
    return draw.permutation(pairs).tolist()


def assert_ranges_make_the_whole(call, shape, dtype, draw):
    whole = call.on(refinit, np.empty(shape, dtype_of(dtype)), generator())
    memory = np.full(whole.size, 77, whole.dtype)
    for start, stop in cuts_of(draw, whole.size):
        source = generator()
        shard = Shard.flat(memory[start:stop], shape, start)
        assert call.on(refinit, shard, source) is shard
        assert source.fill_number == call.random
    assert memory.tobytes() == whole.tobytes(), shape


@pytest.mark.parametrize(("call", "dtype"), each_dtype(RANDOM))
def test_ranges_make_the_whole(call, dtype):
    draw = np.random.default_rng(2)
    for shape in shapes_of(call):
        assert_ranges_make_the_whole(call, shape, dtype, draw)


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATTERNS))
def test_ranges_of_laws_without_chance_make_the_whole(call, dtype):
    draw = np.random.default_rng(3)
    for shape in shapes_of(call):
        assert_ranges_make_the_whole(call, shape, dtype, draw)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_range_is_few_blocks_that_lie_in_its_memory_in_order(shape):
    size = math.prod(shape)
    for start in range(size + 1):
        for stop in range(start, size + 1):
            memory = np.arange(start, stop, dtype=np.int64)
            blocks = blocks_of_range(target_of(Shard.flat(memory, shape, start)), shape)
            assert len(blocks) <= max(2 * len(shape) - 1, 1)
            if start == stop:
                assert [block.size for block in blocks] == [0 if shape else 1][: len(blocks)]
                continue
            numbers = np.arange(size).reshape(shape)
            seen = []
            for block in blocks:
                ends = (slice(at, at + n) for at, n in zip(block.offset, block.shape, strict=True))
                assert (block.array == numbers[tuple(ends)]).all()
                seen += block.array.ravel().tolist()
            assert seen == list(range(start, stop))


@pytest.mark.parametrize("call", SOME, ids=str)
def test_memory_with_strides_is_written_at_its_places_only(call):
    shape = (12, 7) if 2 in call.ndims else (12, 2, 5)
    whole = call.on(refinit, refinit.empty(*shape), generator()).ravel()
    for step in (2, -3):
        around = np.full(300, 77, np.float32)
        expected = around.copy()
        place = slice(3, None, step) if step > 0 else slice(-3, None, step)
        expected[place][:61] = whole[9:70]
        call.on(refinit, Shard.flat(around[place][:61], shape, 9), generator())
        assert around.tobytes() == expected.tobytes(), step


@pytest.mark.parametrize("call", SCALED, ids=str)
def test_fans_are_those_of_the_whole(call):
    shape = (40, 30, 3)
    whole = call.on(refinit, refinit.empty(*shape), generator())
    last = call.on(refinit, Shard.flat(refinit.empty(1), shape, 3599), generator())
    assert last.array[0] == whole[-1, -1, -1]


@pytest.mark.parametrize("call", SOME, ids=str)
def test_a_range_beyond_a_threads_share_equals_the_whole(call):
    shape = (300, 310) if 2 in call.ndims else (300, 31, 10)
    whole = call.on(refinit, refinit.empty(*shape), generator()).ravel()
    shard = Shard.flat(refinit.empty(80_000), shape, 1234)
    assert (call.on(refinit, shard, generator()).array == whole[1234:81_234]).all()


def test_a_torch_tensor_is_filled_too():
    torch = pytest.importorskip("torch")
    whole = refinit.orthogonal_(refinit.empty(6, 8), generator=generator()).ravel()
    part = refinit.orthogonal_(Shard.flat(torch.zeros(30), (6, 8), 11), generator=generator()).array
    assert part.numpy().tobytes() == whole[11:41].tobytes()
    assert part._version == 1


def test_a_range_of_a_huge_tensor_costs_what_the_range_costs():
    """64 KiB of a tensor of 8 TiB."""
    shard = Shard.flat(refinit.empty(1 << 14), (2**21, 2**20), 2**40 + 12345)
    refinit.kaiming_normal_(shard, generator=generator())
    assert peak_of(lambda: refinit.kaiming_normal_(shard, generator=generator())) <= 2**18


def test_it_says_what_it_is_and_travels():
    shard = Shard.flat(refinit.empty(3), [np.int64(6), 8], np.int32(13))
    assert isinstance(shard, Shard)
    assert repr(shard) == "<refinit.Shard.flat at 13 of (6, 8)>"
    for other in (copy.copy(shard), pickle.loads(pickle.dumps(shard))):
        assert (type(other), other.global_shape, other.offset) == (type(shard), (6, 8), (13,))


WRONG = {
    "negative": ((3,), (6, 8), -1, ValueError, "start of at least 0"),
    "fraction": ((3,), (6, 8), 1.5, TypeError, "an integer as start"),
    "no-shape": ((3,), 48, 0, TypeError, "global_shape as a sequence"),
    "negative-shape": ((3,), (6, -8), 0, ValueError, "global_shape without negative numbers"),
    "beyond": ((3,), (6, 8), 46, ValueError, r"within the 48 elements.*got 3 from number 46 on"),
    "far-beyond": ((0,), (6, 8), 49, ValueError, "within the 48 elements"),
    "two-axes": ((1, 3), (6, 8), 0, ValueError, r"one axis.*array.reshape\(-1\)"),
    "no-axis": ((), (6, 8), 0, ValueError, "one axis"),
}


@pytest.mark.parametrize(("shape", "whole", "start", "kind", "text"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("name", ["normal_", "xavier_uniform_", "orthogonal_", "eye_", "ones_"])
def test_what_is_no_range_is_refused(shape, whole, start, kind, text, name):
    array, source = np.full(shape, 7, np.float32), generator()
    keywords = {"generator": source} if name not in {"eye_", "ones_"} else {}
    with pytest.raises(kind, match=text):
        getattr(refinit, name)(Shard.flat(array, whole, start), **keywords)
    assert (array == 7).all()
    assert source.fill_number == 0


@pytest.mark.parametrize("make", [lambda: None, refinit.Generator], ids=["None", "Generator"])
@pytest.mark.parametrize("call", RANDOM, ids=str)
def test_torchs_stream_knows_no_ranges(call, make):
    array = np.full(5, 7, np.float32)
    with pytest.raises(TypeError, match="expected a CounterGenerator for a Shard"):
        call.on(refinit, Shard.flat(array, (6, 8), 3), make())
    assert (array == 7).all()


def test_a_range_of_a_shard_is_refused():
    array = np.full(4, 7, np.float32)
    for inner in (Shard(array, (8,), (4,)), Shard.flat(array, (2, 4), 4)):
        with pytest.raises(TypeError, match="a block of its own"):
            refinit.uniform_(Shard.flat(inner, (12, 16), 0), generator=generator())
    assert (array == 7).all()


def test_a_fill_that_fails_gives_its_number_back(monkeypatch):
    source, array = generator(), np.full(30, 7, np.float32)
    module = "refinit.streams.counter.host.sparse._clear"
    monkeypatch.setattr(module, lambda *_: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(MemoryError):
        refinit.sparse_(Shard.flat(array, (6, 8), 11), 0.5, generator=source)
    assert source.fill_number == 0
