"""Generator("cuda"): its GPU, its seeds and 16 bytes, and what it refuses before anything is drawn or written."""

import copy
import pickle

import numpy as np
import pytest

import refinit
from refinit.arrays.opening import target_of
from refinit.generators import defaults
from refinit.streams.torch_cuda import checks, host
from refinit.streams.torch_cuda.engine import Geometry
from tests.tables.places import SENTINEL
from tests.tables.references.torch import torch_module

GPU = {"multiprocessors": 2, "threads_per_multiprocessor": 1024}


def generator():
    return refinit.Generator("cuda", **GPU).manual_seed(3)


def drawn(generator, count=700):
    return refinit.normal_(np.empty(count, np.float32), generator=generator).tobytes()


def test_its_state_is_seed_and_offset():
    made = refinit.Generator("cuda", **GPU)
    assert made.get_state().view("<u8").tolist() == [67280421310721, 0]
    assert made.manual_seed(-1) is made
    assert made.initial_seed() == 2**64 - 1
    drawn(made, 1)
    assert made.get_state().view("<u8").tolist() == [2**64 - 1, 4]
    drawn(made, 4 * 2048 + 1)
    assert made.get_state().view("<u8").tolist() == [2**64 - 1, 12]
    assert made.manual_seed(5).get_state().view("<u8").tolist() == [5, 0]
    assert made.seed() == made.initial_seed() == made.get_state().view("<u8")[0]


def test_an_empty_fill_takes_nothing():
    made = generator()
    refinit.uniform_(np.empty((0, 3), np.float32), generator=made)
    refinit.normal_(np.empty(0, np.int32), generator=made)
    assert made.get_state().view("<u8").tolist() == [3, 0]


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:1"])
def test_devices_that_it_takes(device):
    for given in (device, device.encode()):
        assert (
            refinit.Generator(given).device == refinit.Generator(given, **GPU).clone_state().device == device
        )
    assert refinit.Generator(torch_module().device(device)).device == device


def test_it_says_what_it_is():
    assert (
        repr(refinit.Generator("cuda:1")) == "<refinit.Generator device='cuda:1' initial_seed=67280421310721>"
    )
    expected = "device='cuda' multiprocessors=2 threads_per_multiprocessor=1024 initial_seed=3"
    assert repr(generator()) == f"<refinit.Generator {expected}>"


DUPLICATES = {
    "clone_state": lambda g: g.clone_state(),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda g: pickle.loads(pickle.dumps(g)),
    "state": lambda g: refinit.Generator("cuda", **GPU).set_state(g.get_state()),
    "tensor": lambda g: refinit.Generator("cuda", **GPU).set_state(torch_module().from_numpy(g.get_state())),
}


@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES)
def test_a_duplicate_continues_alike_and_apart(duplicate):
    made = generator()
    drawn(made)
    other = duplicate(made)
    assert other is not made
    assert repr(other) == repr(made)
    state = bytes(made.get_state())
    assert bytes(other.get_state()) == state
    expected = drawn(other)
    assert bytes(made.get_state()) == state
    assert drawn(made) == expected


def state_of(seed, offset):
    return np.array([seed, offset], "<u8").view(np.uint8)


WRONG_STATES = {
    "short": (lambda: state_of(1, 4)[:15], RuntimeError, "RNG state is wrong size: expected the 16 bytes"),
    "a CPU's": (lambda: refinit.Generator().get_state(), RuntimeError, "RNG state is wrong size.* got 5056"),
    "offset": (lambda: state_of(1, 6), RuntimeError, "offset must be a multiple of 4, got 6"),
    "int8": (lambda: state_of(1, 4).view(np.int8), TypeError, "RNG state must be a torch.ByteTensor"),
    "None": (lambda: None, TypeError, "got NoneType"),
}


@pytest.mark.parametrize(("make", "error", "text"), WRONG_STATES.values(), ids=WRONG_STATES)
def test_a_wrong_state_is_refused_and_changes_nothing(make, error, text):
    made = generator()
    with pytest.raises(error, match=text):
        made.set_state(make())
    assert made.get_state().tobytes() == state_of(3, 0).tobytes()


def test_a_seed_alone_is_a_state_at_the_beginning_as_torch_takes_it():
    made = generator().set_state(state_of(7, 0)[:8])
    assert made.get_state().tobytes() == state_of(7, 0).tobytes()


WRONG_GPUS = {
    "one": (("cuda", 2, None), TypeError, "expected both multiprocessors and .* got 2 and None"),
    "other": (("cuda", None, 2048), TypeError, "expected both multiprocessors and .* got None and 2048"),
    "cpu": (("cpu", 2, 2048), TypeError, "with device 'cuda', got them with 'cpu'"),
    "none": (("cuda", 0, 2048), ValueError, "expected multiprocessors of at least 1, got 0"),
    "few": (("cuda", 1, 255), ValueError, "expected threads_per_multiprocessor of at least 256, got 255"),
    "float": (("cuda", 1.0, 2048), TypeError, "expected an integer as multiprocessors, got float"),
    "bool": (("cuda", True, 2048), TypeError, "expected an integer as multiprocessors, got bool"),
}


@pytest.mark.parametrize(("arguments", "error", "text"), WRONG_GPUS.values(), ids=WRONG_GPUS)
def test_a_gpu_that_is_none_is_refused(arguments, error, text):
    device, multiprocessors, threads = arguments
    with pytest.raises(error, match=text):
        refinit.Generator(device, multiprocessors=multiprocessors, threads_per_multiprocessor=threads)


def test_numpys_integers_state_a_gpu():
    stated = refinit.Generator("cuda", multiprocessors=np.int64(2), threads_per_multiprocessor=np.int32(1024))
    assert drawn(stated.manual_seed(3)) == drawn(generator())


def assert_refused(call, error, text, made):
    memory = np.full((6, 5), SENTINEL, np.float32)
    before, state = memory.copy(), made.get_state().tobytes()
    with pytest.raises(error, match=text):
        call(memory, made)
    assert (memory == before).all()
    assert made.get_state().tobytes() == state


def test_host_memory_needs_a_stated_gpu():
    text = "Expected a 'cpu' device type for generator but found 'cuda'; .*multiprocessors=132"
    assert_refused(
        lambda w, g: refinit.normal_(w, generator=g), RuntimeError, text, refinit.Generator("cuda")
    )


def test_other_refusals_come_before_the_draw():
    made = generator()
    assert_refused(lambda w, g: refinit.uniform_(w, 2, 1, generator=g), RuntimeError, "from=2 > to=1", made)
    assert_refused(lambda w, g: refinit.normal_(w, 0, -1, generator=g), RuntimeError, "std >= 0.0", made)
    shard = lambda w, g: refinit.normal_(refinit.Shard(w, (12, 5), (6, 0)), generator=g)  # noqa: E731
    assert_refused(shard, TypeError, "expected a CounterGenerator for a Shard", made)
    with pytest.raises(NotImplementedError, match="not implemented for 'Int'"):
        refinit.normal_(np.empty(3, np.int32), generator=made)


def test_meta_tensors_need_no_gpu_and_draw_nothing():
    made = refinit.Generator("cuda")
    meta = torch_module().empty(3, 4, device="meta")
    assert refinit.normal_(meta, generator=made) is meta
    assert made.get_state().view("<u8").tolist() == [67280421310721, 0]


def strided(stride, count):
    return np.lib.stride_tricks.as_strided(np.empty(1, np.float32), (count,), (stride,))


@pytest.mark.parametrize(
    ("stride", "count", "fits"),
    [
        (2**31 - 4, 2, True),
        (2**31, 2, False),
        (-(2**31), 2, False),
        (4, 2**29, True),
        (4, 2**29 + 1, False),
    ],
)
def test_memory_is_refused_from_where_torch_fills_it_in_parts(stride, count, fits):
    """TensorIterator::can_use_32bit_indexing: 1 + the bytes from the first to the last real, up to 2**31 - 1."""
    if fits:
        checks.check_reach(target_of(strided(stride, count)))
    else:
        with pytest.raises(NotImplementedError, match=r"at most 2147483647 bytes .*, got 2147483649"):
            checks.check_reach(target_of(strided(stride, count)))


def test_a_fill_of_such_memory_is_refused(monkeypatch):
    """6 * 5 float32, two complex64."""
    monkeypatch.setattr(checks, "_REACH", 1 + 29 * 4 - 1)
    assert_refused(lambda w, g: refinit.uniform_(w, generator=g), NotImplementedError, "got 117", generator())
    monkeypatch.setattr(checks, "_REACH", 1 + 3 * 4 - 1)
    with pytest.raises(NotImplementedError, match="got 13"):
        refinit.normal_(np.empty(2, np.complex64), generator=generator())


def test_a_fill_that_fails_gives_its_numbers_back(monkeypatch):
    def fail(_total, _work):
        raise MemoryError

    made = generator()
    monkeypatch.setattr(host, "share_out", fail)
    with pytest.raises(MemoryError):
        drawn(made)
    assert made.get_state().view("<u8").tolist() == [3, 0]


def test_use_inside_its_own_fill_is_refused():
    made = generator()
    with pytest.raises(RuntimeError, match="in the middle of drawing"):
        made._engine.exclusively(lambda: drawn(made))


@pytest.mark.parametrize(
    ("gpu", "reals", "threads"),
    [
        ((40, 1024), 1, 256),
        ((40, 1024), 40705, 40960),
        ((40, 1024), 10**9, 40960),
        ((108, 2048), 10**9, 221184),
        ((132, 2048), 10**9, 270336),
        ((82, 1536), 10**9, 125952),
        ((3, 767), 10**9, 1536),
    ],
)
def test_how_many_threads_a_fill_has(gpu, reals, threads):
    """Blocks of 256, as many as needed and as the GPU holds."""
    assert Geometry(*gpu).threads(reals) == threads


def test_the_modules_seeds_govern_both_default_generators():
    cuda = defaults.default_cuda_generator
    assert cuda.device == "cuda"
    assert refinit.manual_seed(8) is refinit.default_generator
    drawn_before = cuda.get_state().view("<u8").tolist()
    assert drawn_before == [8, 0]
    assert refinit.seed() == refinit.default_generator.initial_seed() == cuda.initial_seed()
    with pytest.raises(ValueError, match="Overflow"):
        refinit.manual_seed(2**64)
    assert refinit.default_generator.initial_seed() == cuda.initial_seed()
