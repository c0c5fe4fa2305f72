"""What help() shows: each public function says what it takes and raises, and its example runs."""

import doctest
import inspect
import re
from types import FunctionType

import pytest

import refinit
from refinit.initializers.registry import DEPRECATED, INITIALIZERS

#: torch's private functions that much code calls are as public as the others.
PUBLIC = {*refinit.__all__, *(name for name in vars(refinit) if name.startswith("_calculate_"))}
#: The aliases' docstring is another function's name.
FUNCTIONS = {
    name: one
    for name in sorted(PUBLIC - DEPRECATED.keys())
    if isinstance(one := getattr(refinit, name), FunctionType)
}
CLASSES = {name: one for name, one in vars(refinit).items() if inspect.isclass(one) and name in PUBLIC}
METHODS = {
    f"{name}.{method}": one
    for name, owner in CLASSES.items()
    for method, one in vars(owner).items()
    if not method.startswith("_") and isinstance(one, FunctionType | property)
}
DOCUMENTED = FUNCTIONS | METHODS | {"refinit": refinit} | CLASSES
COMMON = "help(refinit)"


def section(name: str, title: str) -> str:
    """The body of one section of a docstring, or nothing."""
    text = inspect.getdoc(DOCUMENTED[name]) or ""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=\n\n\S[^\n]*\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_described(name):
    described = re.findall(r"^(\w+(?:, \w+)*)$", section(name, "Parameters"), re.MULTILINE)
    names = [one for line in described for one in line.split(", ")]
    assert sorted(names) == sorted(inspect.signature(FUNCTIONS[name]).parameters)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_initializer_says_where_the_common_parameters_and_errors_stand(name):
    assert name in FUNCTIONS, "add it to __all__ in refinit/initializers/__init__.py"
    assert COMMON in section(name, "Parameters"), f"write: See ``{COMMON}``"


@pytest.mark.parametrize("title", ["Common parameters", "Common errors"])
def test_they_stand_there(title):
    names = set(re.findall(r"^(\w+)$", section("refinit", title), re.MULTILINE))
    assert names >= {"Common parameters": {"tensor", "generator"}, "Common errors": {"TypeError"}}[title]


def examples(name: str) -> list[doctest.DocTest]:
    return doctest.DocTestFinder(recurse=False).find(DOCUMENTED[name], name, globs={})


# set_num_threads shows get_num_threads
@pytest.mark.parametrize("name", sorted(DOCUMENTED.keys() - METHODS.keys() - {"get_num_threads"}))
def test_every_public_object_has_an_example_that_runs(name):
    assert any(test.examples for test in examples(name)), "one example, please"
    for test in examples(name):
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_what_it_takes(name):
    described = re.findall(r"^(\w+)$", section(name, "Parameters"), re.MULTILINE)
    method = METHODS[name]
    taken = [] if isinstance(method, property) else list(inspect.signature(method).parameters)[1:]
    assert described == taken


@pytest.mark.parametrize("name", METHODS)
def test_an_example_shows_each_method_and_runs(name):
    """Its own, or one of its class or of another method."""
    owner, _, method = name.partition(".")
    shown = [
        test for other in (owner, *METHODS) if other.partition(".")[0] == owner for test in examples(other)
    ]
    assert any(f".{method}" in one.source for test in shown for one in test.examples), "one example, please"
    for test in examples(name):
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


REFUSING = [
    "Generator.manual_seed",
    "Generator.set_state",
    "CounterGenerator.set_state",
    "CounterGenerator.substream",
    "Shard.check",
]


@pytest.mark.parametrize("name", REFUSING)
def test_what_a_method_refuses_is_told(name):
    assert section(name, "Raises")
