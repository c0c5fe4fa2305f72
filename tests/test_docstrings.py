"""What help() shows: each public function says what it takes and raises, and its example runs."""

import doctest
import inspect
import re
from types import FunctionType

import pytest

import refinit
from refinit.registry import DEPRECATED, INITIALIZERS

FUNCTIONS = {
    name: one
    for name in dir(refinit)
    if isinstance(one := getattr(refinit, name), FunctionType) and name not in DEPRECATED
}
DOCUMENTED = FUNCTIONS | {"refinit": refinit} | {n: c for n, c in vars(refinit).items() if inspect.isclass(c)}
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
    assert COMMON in section(name, "Parameters"), f"write: See ``{COMMON}``"


@pytest.mark.parametrize("title", ["Common parameters", "Common errors"])
def test_they_stand_there(title):
    names = set(re.findall(r"^(\w+)$", section("refinit", title), re.MULTILINE))
    assert names >= {"Common parameters": {"tensor", "generator"}, "Common errors": {"TypeError"}}[title]


@pytest.mark.parametrize("name", sorted(DOCUMENTED.keys() - {"get_num_threads"}))  # set_num_threads shows it
def test_every_public_object_has_an_example_that_runs(name):
    runner, finder = doctest.DocTestRunner(verbose=False), doctest.DocTestFinder(recurse=False)
    examples = finder.find(DOCUMENTED[name], name, globs={})
    assert any(test.examples for test in examples), "one example, please"
    for test in examples:
        assert runner.run(test).failed == 0


@pytest.mark.parametrize("method", ["manual_seed", "set_state"])
def test_what_a_generator_refuses_is_told(method):
    assert "Raises\n------\n" in inspect.getdoc(getattr(refinit.Generator, method))
