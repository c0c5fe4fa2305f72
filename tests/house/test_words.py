"""Local names are the field's own: `message`, `index` or `case` rather than `said`, `at` or `one`."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDERS = ("refinit", "verify")
WORDS = (
    "found told made at one those drawn said given tried seen left taken wanted turned kept asked meant known"
)
#: Words of a tale: they say how a value came about, not what it is.
PROSE = frozenset(WORDS.split())
#: Per cent of local names that may be such words: `left` is a field of torch's own state. Never raise it.
CEILING = 0.1
MAX_LISTED = 30
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class LocalName(NamedTuple):
    place: str
    line: int
    name: str


def parameters(function: FUNCTIONS) -> Iterator[tuple[int, str]]:
    arguments = function.args
    variadic = filter(None, (arguments.vararg, arguments.kwarg))
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *variadic):
        yield argument.lineno, argument.arg


def local_names(node: ast.AST, *, inside: bool = False) -> Iterator[tuple[int, str]]:
    """Line and name of each parameter and, in functions, of each assignment; loops and comprehensions assign too."""
    for child in ast.iter_child_nodes(node):
        is_function = isinstance(child, FUNCTIONS)
        if is_function:
            yield from parameters(child)
        elif inside and isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.lineno, child.id
        yield from local_names(child, inside=inside or is_function)


def names_of_folders() -> list[LocalName]:
    return [
        LocalName(str(path.relative_to(ROOT)), line, name)
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, name in local_names(ast.parse(path.read_text()))
    ]


def listing(prose: Iterable[LocalName]) -> str:
    """The names by file and line, the files with the most of them first."""
    by_place = Counter(local.place for local in prose)
    worst = sorted(prose, key=lambda local: (-by_place[local.place], local))
    return "\n".join(f"{place}:{line}: {name}" for place, line, name in worst[:MAX_LISTED])


def test_local_names_are_rarely_prose():
    names = names_of_folders()
    prose = [local for local in names if local.name in PROSE]
    per_cent = 100 * len(prose) / len(names)
    assert per_cent <= CEILING, (
        f"{len(prose)} of {len(names)} names, {per_cent:.2f} %: say what the value is\n{listing(prose)}"
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("found = 1\ndef f(given): pass\n", [(2, "given")]),
        ("def f(a, /, b, *seen, c, **told): pass", [(1, name) for name in ("a", "b", "c", "seen", "told")]),
        ("async def f():\n    made = 1\n    made += 1\n", [(2, "made"), (3, "made")]),
        ("def f():\n    for one, at in []:\n        pass\n", [(2, "one"), (2, "at")]),
        ("def f():\n    return [one for one in y if (at := one)]\n", [(2, "at"), (2, "one")]),
        (
            "[one for one in y]\nclass C:\n    taken: int\n    def f(self):\n        self.kept = 1\n",
            [(4, "self")],
        ),
        ("def f():\n    def g(meant):\n        return lambda left: left\n", [(2, "meant"), (3, "left")]),
    ],
)
def test_each_parameter_and_assignment_of_a_function_counts_once(source, expected):
    assert sorted(local_names(ast.parse(source))) == sorted(expected)


def test_the_worst_file_is_listed_first():
    prose = [LocalName("a.py", 9, "one"), LocalName("b.py", 7, "told"), LocalName("b.py", 3, "at")]
    assert listing(prose) == "b.py:3: at\nb.py:7: told\na.py:9: one"
