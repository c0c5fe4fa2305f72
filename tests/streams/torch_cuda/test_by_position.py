"""trunc_normal_, sparse_ and orthogonal_ from a CUDA generator: a CounterGenerator's fill, keyed by four words."""

from hashlib import blake2b

import numpy as np
import pytest

import refinit
from refinit.fill import sources
from refinit.streams.torch_cuda.key import first_words
from tests.arrays.cuda_things import Interface, recording
from tests.tables.references.torch import torch_module
from verify.laws.counter_words import philox

GPU = {"multiprocessors": 2, "threads_per_multiprocessor": 1024}
CALLS = {
    "trunc_normal_": lambda w, g: refinit.trunc_normal_(w, std=0.5, generator=g),
    "trunc_normal_ in a tail": lambda w, g: refinit.trunc_normal_(w, 0.0, 1.0, 1.5, 4.0, generator=g),
    "sparse_": lambda w, g: refinit.sparse_(w, 0.3, generator=g),
    "orthogonal_": lambda w, g: refinit.orthogonal_(w, gain=2.0, generator=g),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def words_of(seed, call):
    """By verify's own Philox."""
    return list(philox((call & 0xFFFFFFFF, call >> 32, 0, 0), seed))


def key_of(seed, offset):
    words = np.array(words_of(seed, offset // 4), "<u4")
    return int.from_bytes(blake2b(words.tobytes(), digest_size=8).digest(), "little")


@pytest.mark.parametrize("call", [0, 1, 2**32 - 1, 2**32, 2**61])
@pytest.mark.parametrize("seed", [0, 5, 2**64 - 1, 0x123456789ABCDEF0])
def test_the_four_words_are_philox_of_seed_and_call(seed, call):
    assert list(first_words(seed, call)) == words_of(seed, call)


@each_call
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_the_fill_is_a_counter_generators_of_that_key_and_the_offset_moves_by_four(call, dtype):
    made = refinit.Generator("cuda", **GPU).manual_seed(2**40 + 7)
    for offset in (0, 4, 8):
        got, want = (np.zeros((12, 9), dtype) for _ in range(2))
        with pytest.warns(refinit.RefinitWarning, match="have the law and not torch's bits") as caught:
            assert call(got, made) is got
        assert [one.filename for one in caught] == [__file__]
        call(want, refinit.CounterGenerator(key_of(2**40 + 7, offset)))
        assert got.tobytes() == want.tobytes()
        assert made.get_state().view("<u8").tolist() == [2**40 + 7, offset + 4]


@each_call
@pytest.mark.filterwarnings("error::refinit.RefinitWarning")
def test_a_filter_that_raises_an_empty_array_and_other_refusals_move_nothing(call):
    made, weight = refinit.Generator("cuda", **GPU).manual_seed(1), np.zeros((4, 4), np.float32)
    with pytest.raises(refinit.RefinitWarning):
        call(weight, made)
    with pytest.raises(TypeError, match="expected a CounterGenerator for a Shard"):
        call(refinit.Shard(weight, (8, 4), (4, 0)), made)
    with pytest.raises(RuntimeError, match=r"Expected a 'cpu' device type .*multiprocessors=132"):
        call(weight, refinit.Generator("cuda"))
    call(np.zeros((0, 4), np.float32), made)
    meta = torch_module().empty(3, 4, device="meta")
    assert call(meta, refinit.Generator("cuda")) is meta
    assert not weight.any()
    assert made.get_state().view("<u8").tolist() == [1, 0]


@each_call
def test_a_cuda_array_takes_its_key_from_the_default_generator(call, monkeypatch):
    """On whichever GPU it lies; what a CounterGenerator launches there is the matter of tests/cuda."""
    keys = []
    monkeypatch.setattr(
        sources.counter, "prepared", lambda *_: lambda engine: keys.append(engine.key_and_fill())
    )
    refinit.manual_seed(9)
    for _ in range(2):
        with recording(), pytest.warns(refinit.RefinitWarning):
            call(Interface(np.zeros((4, 4), np.float32)), None)
    assert keys == [(key_of(9, 0), 0), (key_of(9, 4), 0)]
    assert refinit.default_cuda_generator.get_state().view("<u8").tolist() == [9, 8]


@each_call
def test_a_fill_that_fails_gives_the_four_words_back(call, monkeypatch):
    made = refinit.Generator("cuda", **GPU).manual_seed(1)

    def failing(*_):
        raise MemoryError("none left")

    monkeypatch.setattr("refinit.streams.counter.engine.CounterEngine.fill", failing)
    with pytest.warns(refinit.RefinitWarning), pytest.raises(MemoryError):
        call(np.zeros((4, 4), np.float32), made)
    assert made.get_state().view("<u8").tolist() == [1, 0]
