"""Small fills that were seen before go a shorter way: the same values from whichever stream, in whatever order."""

import itertools

import numpy as np
import pytest

import refinit
from tests.tables.cases import FLOATS, Call
from tests.tables.places import dtype_of

LIMIT = 1 << 14  # reals from which on a fill takes the long way
KEY = 17
CALLS = (
    Call("uniform_", {"a": -0.625, "b": 0.25}),
    Call("uniform_", {"a": 0.0, "b": 1.0}),
    Call("normal_", {"mean": 0.125, "std": 1.0}),
    Call("normal_", {"mean": -0.0, "std": 0.0}),
    Call("normal_", {"mean": 0.0, "std": 0.0}),
    Call("xavier_normal_", {"gain": 0.625}, ndims=(2,)),
    Call("kaiming_uniform_", {"a": 0.375}, ndims=(2,)),
)
SHAPES = ((1, 1), (3, 5), (4, 16), (8, 8), (127, 129), (128, 128), (64, 128))


@pytest.fixture
def short_calls(monkeypatch):
    """How many fills went the long way."""
    from refinit.fill import fill

    counted = []
    original = fill._fill
    monkeypatch.setattr(fill, "_fill", lambda *a: (counted.append(1), original(*a))[1])
    return counted


def by_the_long_way(call, shape, dtype, fill):
    """What a Shard of the whole gets: it never goes the short way."""
    generator = refinit.CounterGenerator(KEY)
    for _ in range(fill):
        refinit.uniform_(np.empty(0), generator=generator)
    block = refinit.Shard(np.empty(shape, dtype_of(dtype)), shape, (0, 0))
    return call.on(refinit, block, generator).array.tobytes()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_repeated_fills_of_all_laws_are_those_of_the_long_way(shape, dtype):
    generator = refinit.CounterGenerator(KEY)
    for fill, call in enumerate(CALLS * 3):
        array = np.empty(shape, dtype_of(dtype))
        call.on(refinit, array, generator)
        assert array.tobytes() == by_the_long_way(call, shape, dtype, fill), (str(call), fill)
    assert generator.fill_number == 3 * len(CALLS)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_both_streams_by_turns_do_not_mix(call, dtype):
    """One law object serves both streams; each keeps its own kernel with it."""
    shape, kind = (8, 9), dtype_of(dtype)
    ours, torchs = refinit.CounterGenerator(KEY), refinit.Generator().manual_seed(KEY)
    mixed = [
        call.on(refinit, np.empty(shape, kind), generator).tobytes()
        for _ in range(3)
        for generator in (ours, torchs)
    ]
    assert mixed[0::2] == [by_the_long_way(call, shape, dtype, fill) for fill in range(3)]
    torchs = refinit.Generator().manual_seed(KEY)
    for found in mixed[1::2]:
        array = np.empty(shape, kind).view(np.recarray)  # no plain array: it goes the long way
        assert found == call.on(refinit, array, torchs).tobytes()


def test_every_order_of_dtypes_and_laws_gives_the_same():
    laws = [Call("uniform_", {"a": -1.5, "b": 0.5}), Call("normal_", {"mean": -1.5, "std": 0.5})]
    for order in itertools.permutations([(law, dtype) for law in laws for dtype in ("float32", "float64")]):
        generator = refinit.CounterGenerator(KEY)
        for fill, (call, dtype) in enumerate(order):
            array = call.on(refinit, np.empty((3, 3), dtype), generator)
            assert array.tobytes() == by_the_long_way(call, (3, 3), dtype, fill)


@pytest.mark.parametrize(
    ("shape", "long"), [((8, 8), 1), ((127, 129), 1), ((128, 128), 3), ((0, 8), 3)], ids=str
)
def test_the_second_fill_is_short_where_it_can_be(shape, long, short_calls):
    """Otherwise the tests above test nothing; the parameters here are no other test's."""
    law = {"a": -0.7109375 - shape[0], "b": 0.25}
    for _ in range(3):
        refinit.uniform_(np.empty(shape, np.float32), **law, generator=refinit.CounterGenerator(KEY))
    assert len(short_calls) == long


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.empty((8, 16), np.float32)[:, ::2],
        lambda: np.empty((8, 8), np.float32).T,
        lambda: np.empty((8, 8), np.float32).view(np.recarray),
        lambda: np.frombuffer(bytearray(257), np.uint8)[1:].view(np.float32).reshape(8, 8),
    ],
    ids=["strided", "transposed", "subclass", "unaligned"],
)
def test_arrays_that_are_not_plain_go_the_long_way_with_a_known_law(make):
    generator, call = refinit.CounterGenerator(KEY), CALLS[0]
    for _ in range(2):
        call.on(refinit, np.empty((8, 8), np.float32), generator)
    array = call.on(refinit, make(), generator)
    assert array.tobytes() == by_the_long_way(call, (8, 8), "float32", 2)


def test_a_known_law_still_meets_the_checks_of_the_array():
    w, generator = refinit.empty(8, 8), refinit.CounterGenerator(KEY)
    for _ in range(2):
        refinit.uniform_(w, -0.625, 0.25, generator=generator)
    before = w.tobytes()
    w.setflags(write=False)
    with pytest.raises(ValueError, match="writable"):
        refinit.uniform_(w, -0.625, 0.25, generator=generator)
    assert w.tobytes() == before
    assert generator.fill_number == 2


def test_integers_of_the_size_of_a_known_dtype_are_refused():
    generator = refinit.CounterGenerator(KEY)
    for _ in range(2):
        refinit.uniform_(refinit.empty(8, 8), -0.625, 0.25, generator=generator)
    with pytest.raises(NotImplementedError, match="Int"):
        refinit.uniform_(np.zeros((8, 8), np.int32), -0.625, 0.25, generator=generator)
    assert generator.fill_number == 2


def test_the_short_way_ends_with_the_fill_numbers():
    generator, w = refinit.CounterGenerator(5), refinit.empty(8, 8)
    refinit.uniform_(w, generator=generator)
    refinit.uniform_(w, generator=generator)  # the short way, now
    generator._engine.restore(5, 2**32 - 1)
    refinit.uniform_(w, generator=generator)
    last = w.copy()
    assert generator.fill_number == 2**32
    with pytest.raises(OverflowError, match="substream"):
        refinit.uniform_(w, generator=generator)
    assert (w == last).all()
    assert generator.fill_number == 2**32
