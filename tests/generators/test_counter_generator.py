"""CounterGenerator: seeds, states, copies."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import refinit
from refinit import CounterGenerator
from tests.tables.counter_streams import drawn

SEEDS = {
    "0": (0, 0),
    "7": (7, 7),
    "2**64-1": (2**64 - 1, 2**64 - 1),
    "-1": (-1, 2**64 - 1),
    "-2**63": (-(2**63), 2**63),
    "2**63": (2**63, 2**63),
    "int64": (np.int64(-5), 2**64 - 5),
    "uint64": (np.uint64(2**64 - 3), 2**64 - 3),
    "uint8": (np.uint8(200), 200),
}
WRONG_SEEDS = {
    "2**64": (2**64, ValueError),
    "-2**63-1": (-(2**63) - 1, ValueError),
    "10**30": (10**30, ValueError),
    "True": (True, TypeError),
    "np.True_": (np.bool_(True), TypeError),
    "str": ("0", TypeError),
    "bytes": (b"0", TypeError),
    "float": (1.0, TypeError),
    "np.float32": (np.float32(1), TypeError),
    "complex": (1j, TypeError),
    "array": (np.zeros(2, np.int64), TypeError),
    "generator": (refinit.Generator(), TypeError),
}


@pytest.mark.parametrize(("seed", "key"), SEEDS.values(), ids=SEEDS)
def test_an_integer_seed_is_the_key_modulo_2_to_the_64(seed, key):
    generator = CounterGenerator(seed)
    assert (generator.initial_seed(), generator.fill_number) == (key, 0)
    assert type(generator.initial_seed()) is int
    assert drawn(generator) == drawn(CounterGenerator(key))


@pytest.mark.parametrize(("seed", "error"), WRONG_SEEDS.values(), ids=WRONG_SEEDS)
def test_anything_else_is_refused(seed, error):
    with pytest.raises(error, match=r"expected (a|an integer as) seed"):
        CounterGenerator(seed)


def test_a_name_as_seed_is_told_of_substreams():
    with pytest.raises(TypeError, match=r"got str; .*substream\(name\)"):
        CounterGenerator("encoder")


def test_no_seed_takes_64_bits_from_the_operating_system_that_repr_shows():
    keys = [CounterGenerator().initial_seed() for _ in range(300)]
    assert len(set(keys)) == 300
    seen = np.bitwise_or.reduce(np.array(keys, np.uint64)), np.bitwise_and.reduce(np.array(keys, np.uint64))
    assert seen == (2**64 - 1, 0)  # each bit takes both values; by chance one fails with 64 * 2 ** -299
    generator = CounterGenerator(None)
    again = eval(repr(generator), {"CounterGenerator": CounterGenerator})
    assert drawn(again) == drawn(generator)


def test_repr_shows_the_key_and_the_fill_number_once_there_is_one():
    generator = CounterGenerator(255)
    assert repr(generator) == "CounterGenerator(0x00000000000000ff)"
    drawn(generator)
    assert repr(generator) == "CounterGenerator(0x00000000000000ff, fill_number=1)"
    assert repr(CounterGenerator(-1)) == "CounterGenerator(0xffffffffffffffff)"


def test_it_takes_no_attributes_and_no_one_writes_its_fill_number():
    generator = CounterGenerator(0)
    with pytest.raises(AttributeError):
        generator.fill = 3
    with pytest.raises(AttributeError):
        generator.fill_number = 3


def _state(key, fill):
    raw = b"refinit\x01" + key.to_bytes(8, "little") + fill.to_bytes(8, "little")
    return np.frombuffer(raw, np.uint8)


@pytest.mark.parametrize("fills", [0, 1, 3])
def test_a_state_is_a_mark_the_key_and_the_fill_number(fills):
    generator = CounterGenerator(0x0123456789ABCDEF)
    for _ in range(fills):
        drawn(generator)
    state = generator.get_state()
    assert (state.dtype, state.shape) == (np.uint8, (24,))
    assert state.flags.writeable
    assert state.tobytes() == _state(0x0123456789ABCDEF, fills).tobytes()
    state[:] = 0  # a copy
    assert generator.get_state().tobytes() == _state(0x0123456789ABCDEF, fills).tobytes()


def test_set_state_returns_the_generator_and_keeps_no_view():
    state = _state(5, 2**32 - 1).copy()
    generator = CounterGenerator(1)
    assert generator.set_state(state) is generator
    state[:] = 0
    assert (generator.initial_seed(), generator.fill_number) == (5, 2**32 - 1)
    expected = drawn(generator)
    assert drawn(CounterGenerator(1).set_state(_state(5, 2**32 - 1))) == expected


def test_set_state_takes_what_a_checkpoint_gives_back():
    """A tensor of torch.save, a strided column of an array."""
    torch = pytest.importorskip("torch")
    wide = np.zeros((24, 3), np.uint8)
    wide[:, 1] = _state(5, 7)
    for state in (torch.from_numpy(_state(5, 7).copy()), wide[:, 1]):
        assert (
            repr(CounterGenerator(1).set_state(state))
            == "CounterGenerator(0x0000000000000005, fill_number=7)"
        )


WRONG_STATES = {
    "short": (lambda s: s[:23], RuntimeError, "expected the 24 bytes"),
    "long": (lambda s: np.append(s, s[:1]), RuntimeError, "got 25 others"),
    "empty": (lambda s: s[:0], RuntimeError, "expected the 24 bytes"),
    "torch's": (lambda _: refinit.Generator().get_state(), RuntimeError, "got 5056 others"),
    "no-mark": (np.zeros_like, RuntimeError, "expected the 24 bytes"),
    "fill": (lambda _: _state(1, 2**32 + 1), RuntimeError, "expected a fill number of at most 4294967296"),
    "floats": (lambda s: s.astype(np.float32), TypeError, "got dtype float32"),
    "int8": (lambda s: s.view(np.int8), TypeError, "got dtype int8"),
    "bytes": (lambda s: s.tobytes(), TypeError, "got bytes"),
    "None": (lambda _: None, TypeError, "got NoneType"),
}


@pytest.mark.parametrize(("make", "error", "text"), WRONG_STATES.values(), ids=WRONG_STATES)
def test_a_foreign_state_is_refused_and_changes_nothing(make, error, text):
    generator = CounterGenerator(3)
    drawn(generator)
    before = generator.get_state()
    with pytest.raises(error, match=text):
        generator.set_state(make(before))
    assert generator.get_state().tobytes() == before.tobytes()
    assert drawn(generator) == drawn(CounterGenerator(0).set_state(before))


def test_torchs_generator_does_not_take_this_state():
    with pytest.raises(RuntimeError, match="5056"):
        refinit.Generator().set_state(CounterGenerator(0).get_state())


DUPLICATES = {
    "clone_state": lambda g: g.clone_state(),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "state": lambda g: CounterGenerator(0).set_state(g.get_state()),
    **{
        f"pickle-{protocol}": lambda g, protocol=protocol: pickle.loads(pickle.dumps(g, protocol))
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    },
}


@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES)
def test_a_duplicate_continues_alike_and_apart(duplicate):
    generator = CounterGenerator(12).substream("a")
    drawn(generator)
    other = duplicate(generator)
    assert type(other) is CounterGenerator
    assert other._engine is not generator._engine
    assert repr(other) == repr(generator)
    expected = drawn(other, 1000)
    assert (generator.fill_number, other.fill_number) == (1, 2)
    assert drawn(generator, 1000) == expected


def test_a_pickle_is_the_same_stream_in_another_process():
    generator = CounterGenerator(12)
    drawn(generator)
    code = (
        "import pickle, sys, numpy, refinit; g = pickle.loads(bytes.fromhex(sys.argv[1]));"
        "print(refinit.normal_(numpy.empty(5, numpy.float32), generator=g).tobytes().hex())"
    )
    arguments = [sys.executable, "-c", code, pickle.dumps(generator).hex()]
    found = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.strip()
    assert found == drawn(generator).hex()
