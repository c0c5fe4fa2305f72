"""Generators: torch's seeds, torch's 5056 bytes in both directions, clones, copies, the module's default."""

import copy
import pickle

import numpy as np
import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.cases import NORMAL, UNIFORM  # noqa: E402 - needs torch
from tests.tables.places import Place, contiguous  # noqa: E402 - needs torch
from tests.tables.references.twins import Twins  # noqa: E402 - needs torch
from tests.tables.streams import drawn  # noqa: E402 - needs torch

SEEDS = [0, 1, 5, 2**31, 2**32 - 1, 2**32, 2**32 + 5, 2**63 - 1, 2**63, 2**64 - 1, -1, -5, -(2**32), -(2**63)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_gives_torchs_state_and_initial_seed(seed):
    twins = Twins(seed)
    twins.assert_same_state("manual_seed")
    assert twins.ours.initial_seed() == twins.theirs.initial_seed()
    twins.assert_same_fill(UNIFORM[0], contiguous(700), "float32")


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1, 10**30])
def test_a_seed_beyond_64_bits_is_torchs_value_error_and_changes_nothing(seed):
    generator = refinit.Generator().manual_seed(3)
    before = bytes(generator.get_state())
    for generators in (generator, torch.Generator()):
        with pytest.raises(ValueError, match="Overflow when unpacking long long"):
            generators.manual_seed(seed)
    assert bytes(generator.get_state()) == before


@pytest.mark.parametrize("seed", [1.5, "1", None, True, np.float32(2), np.array(5), 2j], ids=repr)
def test_a_seed_that_is_no_integer_is_torchs_runtime_error(seed):
    for generator in (refinit.Generator(), torch.Generator()):
        with pytest.raises(RuntimeError, match="manual_seed expected a long, but got"):
            generator.manual_seed(seed)


@pytest.mark.parametrize("seed", [7, np.int64(7), np.uint8(7), True, 7.9, "7"], ids=repr)
def test_the_module_level_manual_seed_converts_by_int_as_torchs_does(seed):
    refinit.manual_seed(seed)
    torch.manual_seed(seed)
    assert refinit.initial_seed() == torch.initial_seed()
    assert bytes(refinit.get_rng_state()) == bytes(torch.get_rng_state().numpy())


def test_a_fresh_generator_has_torchs_fixed_seed():
    assert refinit.Generator().initial_seed() == torch.Generator().initial_seed() == 67280421310721
    assert bytes(refinit.Generator().get_state()) == bytes(torch.Generator().get_state().numpy())


def test_methods_return_what_torchs_return():
    generator = refinit.Generator("cpu")
    assert generator.manual_seed(1) is generator
    assert generator.set_state(generator.get_state()) is generator
    assert refinit.manual_seed(1) is refinit.default_generator
    assert refinit.set_rng_state(refinit.get_rng_state()) is None
    assert str(generator.device) == str(torch.Generator().device) == "cpu"
    state = generator.get_state()
    assert (state.dtype, state.shape) == (np.uint8, (5056,))


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("position", [0, 1, 2, 100, 311, 312, 622, 623, 624, 625, 1000, 1247, 1248])
def test_states_travel_both_ways_at_every_position(position, dtype):
    twins = Twins(position)
    twins.assert_same_fill(UNIFORM[0], contiguous(position), "float32")
    twins.assert_same_fill(NORMAL[0], contiguous(position % 2), dtype)  # at odd positions a normal is cached
    ours, theirs = twins.ours.get_state(), twins.theirs.get_state()
    twins.ours = refinit.Generator().set_state(theirs.numpy())
    twins.theirs = torch.Generator().set_state(torch.from_numpy(ours))
    twins.assert_same_state("exchange")
    for call, place in (
        (NORMAL[1], contiguous(7)),
        (UNIFORM[1], contiguous(700)),
        (NORMAL[1], Place("s", (9,), (2,))),
    ):
        twins.assert_same_fill(call, place, dtype)


def test_set_state_takes_torch_tensors_and_arrays_and_keeps_no_view():
    state = torch.Generator().manual_seed(4).get_state()
    a, b = refinit.Generator().set_state(state), refinit.Generator().set_state(state.numpy())
    state.zero_()
    assert (
        bytes(a.get_state())
        == bytes(b.get_state())
        == bytes(torch.Generator().manual_seed(4).get_state().numpy())
    )


def test_get_state_is_a_copy():
    generator = refinit.Generator()
    generator.get_state()[:] = 0
    assert bytes(generator.get_state()) == bytes(torch.Generator().get_state().numpy())


@pytest.mark.parametrize(
    ("offset", "byte"), [(8, 0), (12, 0), (17, 255)], ids=["left=0", "not-seeded", "next-beyond-624"]
)
def test_an_impossible_state_is_torchs_runtime_error_and_changes_nothing(offset, byte):
    generator = refinit.Generator().manual_seed(1)
    before = bytes(generator.get_state())
    state = generator.get_state()
    state[offset] = byte
    with pytest.raises(RuntimeError, match="Invalid mt19937 state"):
        torch.Generator().set_state(torch.from_numpy(state))
    with pytest.raises(RuntimeError, match="Invalid mt19937 state"):
        generator.set_state(state)
    assert bytes(generator.get_state()) == before


WRONG_STATES = {
    "short": (lambda s: s[:100], RuntimeError, "size 5056 but found the input RNG state size to be 100"),
    "long": (lambda s: np.concatenate([s, s]), RuntimeError, "found the input RNG state size to be 10112"),
    "floats": (lambda s: s.astype(np.float32), TypeError, "RNG state must be a torch.ByteTensor"),
    "int8": (lambda s: s.astype(np.int8), TypeError, "RNG state must be a torch.ByteTensor"),
    "None": (lambda _: None, TypeError, "got NoneType"),
    "number": (lambda _: 3, TypeError, "got int"),
}


@pytest.mark.parametrize(("make", "error", "text"), WRONG_STATES.values(), ids=WRONG_STATES)
def test_a_wrong_state_is_refused_with_torchs_type_and_words(make, error, text):
    generator = refinit.Generator().manual_seed(1)
    before = bytes(generator.get_state())
    wrong = make(generator.get_state())
    with pytest.raises(error, match=text):
        generator.set_state(wrong)
    with pytest.raises(error, match=text):
        torch.Generator().set_state(torch.from_numpy(wrong) if isinstance(wrong, np.ndarray) else wrong)
    assert bytes(generator.get_state()) == before


def duplicates():
    return {
        "clone_state": lambda g: g.clone_state(),
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
        "pickle": lambda g: pickle.loads(pickle.dumps(g)),
        "state": lambda g: refinit.Generator().set_state(g.get_state()),
    }


@pytest.mark.parametrize("duplicate", duplicates().values(), ids=duplicates())
def test_a_duplicate_continues_alike_and_apart(duplicate):
    generator = refinit.Generator().manual_seed(12)
    refinit.normal_(np.empty(3, np.float32), generator=generator)  # leaves a cached normal
    other = duplicate(generator)
    assert other is not generator
    assert other.initial_seed() == 12
    state = bytes(generator.get_state())
    assert bytes(other.get_state()) == state
    expected = drawn(other, 1000)
    assert bytes(generator.get_state()) == state
    assert drawn(generator, 1000) == expected


@pytest.mark.parametrize(
    ("device", "error"),
    [
        ("mps", RuntimeError),
        ("cuda:x", RuntimeError),
        ("foo", RuntimeError),
        ("", RuntimeError),
        ("cpu:", RuntimeError),
        ("cpu:-1", RuntimeError),
        (1.5, TypeError),
        (["cpu"], TypeError),
    ],
    ids=repr,
)
def test_devices_that_a_generator_refuses(device, error):
    with pytest.raises(error):
        refinit.Generator(device)


@pytest.mark.parametrize("device", [None, "cpu", b"cpu", "cpu:0"], ids=repr)
def test_devices_that_a_generator_takes(device):
    assert refinit.Generator(device).device == "cpu"
