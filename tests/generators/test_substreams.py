"""Substreams: a child's key is a function of its parent's and of its name, and of nothing else."""

import numpy as np
import pytest

from refinit import CounterGenerator
from tests.tables.counter_streams import drawn
from tests.tables.references.counter import substream_key

NAMES = ("", "encoder.0.weight", "über", "1", b"", b"1", b"\xff\x00", 0, 1, -1, 2**64, -(10**40))


@pytest.mark.parametrize("name", NAMES, ids=repr)
@pytest.mark.parametrize("parent", [0, 1, 2**64 - 1])
def test_a_substreams_key_is_the_digest_of_parent_type_and_name(name, parent):
    child = CounterGenerator(parent).substream(name)
    assert child.initial_seed() == substream_key(parent, name)
    assert child.fill_number == 0


@pytest.mark.parametrize(
    ("name", "same"),
    [
        (np.int64(3), 3),
        (np.uint8(3), 3),
        (np.str_("a"), "a"),
        (bytearray(b"a"), b"a"),
        (np.bytes_(b"a"), b"a"),
    ],
    ids=["int64", "uint8", "np.str_", "bytearray", "np.bytes_"],
)
def test_names_of_equal_type_and_value_are_one_name(name, same):
    assert CounterGenerator(9).substream(name).initial_seed() == substream_key(9, same)


@pytest.mark.parametrize(
    "name",
    [None, 1.0, True, np.bool_(False), (1, 2), ["a"], memoryview(b"a"), 1j, np.arange(2)],
    ids=lambda name: f"{type(name).__module__}.{type(name).__name__}",
)
def test_other_names_are_refused(name):
    with pytest.raises(TypeError, match="expected a name of type str, bytes or int, got"):
        CounterGenerator(9).substream(name)


def test_the_type_of_a_name_is_part_of_it():
    keys = {CounterGenerator(9).substream(name).initial_seed() for name in (1, "1", b"1", "i1", "s1", b"b1")}
    assert len(keys) == 6


def test_a_substream_is_pure():
    """Neither the parent's fills nor the child's, nor the order of the questions, change what a name gives."""
    parent = CounterGenerator(9)
    first = parent.substream("a")
    expected = drawn(first)
    assert parent.fill_number == 0
    drawn(parent)
    parent.substream("b")
    again = parent.substream("a")
    assert again is not first
    assert drawn(again) == expected
    assert parent.fill_number == 1
    assert (first.fill_number, again.fill_number) == (1, 1)
    fresh = CounterGenerator(9)
    drawn(fresh)
    assert drawn(parent) == drawn(fresh)


def test_substreams_nest_and_paths_differ_from_joined_names():
    g = CounterGenerator(9)
    nested = g.substream("a").substream("b")
    assert nested.initial_seed() == substream_key(substream_key(9, "a"), "b")
    others = (g.substream("ab"), g.substream("a.b"), g.substream("b").substream("a"), g.substream("a"), g)
    assert len({one.initial_seed() for one in (nested, *others)}) == 6


def test_a_million_names_have_a_million_keys():
    """Of 64 bits, two agree with probability 10^12 / 2^65 = 2.7e-8."""
    parent = CounterGenerator(2024)
    names = (f"layers.{layer}.{part}" for layer in range(250_000) for part in ("q", "k", "v", 7))
    assert len({parent.substream(name).initial_seed() for name in names}) == 10**6
