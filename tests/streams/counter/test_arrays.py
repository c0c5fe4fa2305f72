"""Whatever holds memory gets the counter stream's values: torch tensors, subclasses, buffers, DLPack, their Shards."""

import warnings

import numpy as np
import pytest

import refinit
from tests.tables.cases import FIXED, each_dtype
from tests.tables.containers import CONTAINERS, OldDLPack
from tests.tables.counter_streams import PATHS, filled
from tests.tables.places import MATRICES, TENSORS, VECTORS, array_at, contiguous, memory, tensor_at

KEY = 21
ONE_AXIS = [call for call in PATHS if 1 in call.ndims]


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("call", ONE_AXIS, ids=str)
def test_anything_that_holds_memory_gets_the_values_of_a_plain_array(call, name):
    for count in (0, 5, 300, 20_000):
        if not count and name in {"memoryview", "ctypes", "mmap", "array-interface"}:
            continue  # NumPy, or the system, has no empty memory of this kind
        tensor, look = CONTAINERS[name](count)
        generator = refinit.CounterGenerator(KEY)
        assert call.on(refinit, tensor, generator) is tensor
        assert generator.fill_number == 1
        expected = filled(call, (count,), "float32", refinit.CounterGenerator(KEY))
        assert look() == expected.tobytes()


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_shard_of_anything_that_holds_memory(name):
    tensor, look = CONTAINERS[name](300)
    block = refinit.Shard(tensor, (1000,), (450,))
    assert refinit.normal_(block, generator=refinit.CounterGenerator(KEY)) is block
    assert block.array is tensor
    expected = refinit.normal_(refinit.empty(1000), generator=refinit.CounterGenerator(KEY))
    assert look() == expected[450:750].tobytes()


def test_dlpack_that_cannot_say_whether_it_may_be_written_is_refused():
    generator, values = refinit.CounterGenerator(KEY), np.full(5, 7, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((ValueError, TypeError)):
            refinit.uniform_(OldDLPack(values), generator=generator)
    assert (values == 7).all()
    assert generator.fill_number == 0


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS))
def test_torch_tensors_of_every_layout_get_the_values_and_nothing_around_them_changes(call, dtype):
    pytest.importorskip("torch")
    for place in (*VECTORS, *MATRICES, *TENSORS, contiguous(200, 120)):
        if len(place.shape) not in call.ndims:
            continue
        got, want = memory(place, dtype), memory(place, dtype)
        tensor, generator = tensor_at(got, place, dtype), refinit.CounterGenerator(KEY)
        assert call.on(refinit, tensor, generator) is tensor
        array_at(want, place, dtype)[...] = filled(call, place.shape, dtype, refinit.CounterGenerator(KEY))
        assert got == want, place
        assert generator.fill_number == 1


@pytest.mark.parametrize(
    "wrap", [lambda p: p, lambda p: refinit.Shard(p, (9, 8), (2, 3))], ids=["parameter", "shard"]
)
@pytest.mark.parametrize("call", [*PATHS, FIXED[0]], ids=str)
def test_a_parameters_version_advances_and_autograd_notices(call, wrap):
    torch = pytest.importorskip("torch")
    parameter = torch.nn.Parameter(torch.full((5, 4), 7.0))
    loss, version = (parameter * parameter).sum(), parameter._version
    tensor = wrap(parameter)
    assert call.on(refinit, tensor, refinit.CounterGenerator(KEY)) is tensor
    assert parameter._version > version
    assert parameter.requires_grad
    assert parameter.is_leaf
    assert not (parameter == 7).any()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.parametrize("call", PATHS, ids=str)
def test_a_refused_fill_does_not_advance_a_tensors_version(call):
    torch = pytest.importorskip("torch")
    tensor = torch.full((5, 4), 7.0)
    exhausted = refinit.CounterGenerator(0).set_state(
        np.frombuffer(b"refinit\x01" + bytes(12) + b"\x01\0\0\0", np.uint8)
    )
    version = tensor._version
    with pytest.raises(OverflowError):
        call.on(refinit, tensor, exhausted)
    assert tensor._version == version
    assert (tensor == 7).all()


def test_torchs_own_generators_are_not_touched():
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    refinit.manual_seed(3)
    before = torch.get_rng_state(), refinit.get_rng_state()
    refinit.normal_(torch.empty(50), generator=refinit.CounterGenerator(KEY))
    refinit.normal_(np.empty(50), generator=refinit.CounterGenerator(KEY))
    assert torch.equal(before[0], torch.get_rng_state())
    assert (before[1] == refinit.get_rng_state()).all()


@pytest.mark.parametrize("call", PATHS, ids=str)
def test_a_meta_tensor_has_nothing_to_fill_and_takes_no_number(call):
    torch = pytest.importorskip("torch")
    tensor, generator = torch.empty(5, 4, device="meta"), refinit.CounterGenerator(KEY)
    assert call.on(refinit, tensor, generator) is tensor
    assert generator.fill_number == 0


class Named(np.ndarray):
    """A subclass with a default that a user may have given it."""

    def __array_finalize__(self, parent):
        self.label = getattr(parent, "label", None)


@pytest.mark.parametrize("call", PATHS, ids=str)
def test_a_subclass_is_filled_as_its_memory_and_stays_itself(call):
    array = np.empty((30, 11), np.float32).view(Named)
    array.label = "w"
    for _ in range(2):
        assert call.on(refinit, array, refinit.CounterGenerator(KEY)) is array
        assert array.label == "w"
        expected = filled(call, (30, 11), "float32", refinit.CounterGenerator(KEY))
        assert np.asarray(array).tobytes() == expected.tobytes()


class Mine(refinit.CounterGenerator):
    """A subclass of the generator, which is one too."""


def test_a_subclass_of_the_generator_is_one():
    for size in (8, 8, 40_000):
        ours, plain = Mine(KEY), refinit.CounterGenerator(KEY)
        found = refinit.uniform_(refinit.empty(size), generator=ours)
        assert (found == refinit.uniform_(refinit.empty(size), generator=plain)).all()
        assert ours.fill_number == 1
