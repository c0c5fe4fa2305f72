"""What help() shows of layers: the law first, torch's counterpart, every parameter, an example that runs."""

import doctest
import inspect
import re

import pytest

from refinit import layers
from refinit.models.layers.base.parameter import Parameter

OWN = [*layers.LAYERS, *layers.CONTAINERS, Parameter, layers.RNNBase, layers.RNNCellBase, layers.Dropout]
DOCUMENTED = {
    thing.__name__: thing for thing in (*OWN, layers.empty, layers.zeros, layers.ones, layers.randn)
}
TABLES = {**layers.STATELESS, **layers.WEIGHTED_LOSSES, **layers.REFUSED}


def section(name, title):
    text = inspect.getdoc(DOCUMENTED[name])
    match = re.search(rf"^{title}\n-+\n(.*?)(?=\n\n\S[^\n]*\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_parameter_is_described(name):
    lines = re.findall(r"^(\w+(?:, \w+)*)$", section(name, "Parameters"), re.MULTILINE)
    described = [parameter for line in lines for parameter in line.split(", ")]
    assert sorted(described) == sorted(inspect.signature(DOCUMENTED[name]).parameters)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_torchs_counterpart_is_named(name):
    assert re.search(r"``torch\.(nn\.)?\w+``", section(name, "References"))


@pytest.mark.parametrize("name", [*DOCUMENTED, "layers", "Module.init", "Module.recipe"])
def test_an_example_runs(name):
    thing = lookup(name)
    tests = [
        test for test in doctest.DocTestFinder(recurse=False).find(thing, name, globs={}) if test.examples
    ]
    assert tests, "one example, please"
    for test in tests:
        assert doctest.DocTestRunner().run(test).failed == 0


def lookup(name):
    """A class, a method, or the package."""
    thing = layers
    for part in name.split(".") if name != "layers" else ():
        thing = DOCUMENTED[part] if thing is layers else getattr(thing, part)
    return thing


@pytest.mark.parametrize("name", TABLES)
def test_what_comes_from_a_table_says_what_it_is(name):
    assert f"``torch.nn.{name}``" in inspect.getdoc(TABLES[name])
    assert TABLES[name].__name__ == name


def test_every_public_name_is_there():
    assert all(hasattr(layers, name) for name in layers.__all__)
    assert {thing.__name__ for thing in (*layers.LAYERS, *layers.CONTAINERS)} <= {*layers.__all__}
    assert {*TABLES, *DOCUMENTED} <= {*layers.__all__}
    assert len({*layers.__all__}) == len(layers.__all__)
