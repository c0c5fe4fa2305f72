"""Pickles name the public place of a class, ``refinit.X``, and so outlive any move of its module."""

import pickle
import pickletools

import pytest

import refinit

OBJECTS = {
    "Generator": lambda: refinit.Generator().manual_seed(3),
    "CounterGenerator": lambda: refinit.CounterGenerator(3),
    "Shard": lambda: refinit.Shard([1.0], (2,), (1,)),
}


def globals_of(pickled):
    """Module and name of each global that a pickle of protocol 2 refers to, but for Python's own."""
    named = [arg.split(" ") for opcode, arg, _ in pickletools.genops(pickled) if opcode.name == "GLOBAL"]
    return {(module, name) for module, name in named if module.partition(".")[0] == "refinit"}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_pickle_names_the_public_class(name):
    assert globals_of(pickle.dumps(OBJECTS[name](), 2)) == {("refinit", name)}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_pickled_object_comes_back_as_the_public_class(name):
    pickled = pickle.loads(pickle.dumps(OBJECTS[name]()))
    assert type(pickled) is getattr(refinit, name)
    assert repr(pickled) == repr(OBJECTS[name]())
