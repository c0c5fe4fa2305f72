"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FOLDERS = ("refinit", "verify", "tests", "benchmarks", "docs")
SOURCES = sorted(
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if ".asv" not in path.parts
)
TEXTS = [
    *SOURCES,
    *(
        path
        for name in (
            "*.md",
            "*.toml",
            "*.txt",
            "Makefile",
            ".ci/run",
            "docs/*.md",
            "tests/*/*.sh",
            ".github/*/*",
        )
        for path in ROOT.glob(name)
    ),
]
FILE_LINES = 260
#: What is longer, and may not grow.
LONGER_FILES: dict[str, int] = {}
FUNCTION_LINES = 25  # of the body, the docstring not counted
#: A nest of loops or a table of signatures is one piece.
NESTS = {"refinit/kernels/": 55} | {
    f"refinit/streams/{s}/kernels/": 55 for s in ("counter", "torch_cpu", "torch_cuda")
}
LONGER_FUNCTIONS = {
    "refinit/_torch.py:facts_of": 37,
    "tests/fill/test_interruptions.py:test_after_an_interrupt_nobody_writes_any_more": 26,
}
#: By how much a ceiling may exceed what it covers; one that is higher, or needless, is none.
HEADROOM = {"lines of a file": 15, "lines of a function": 3}
MACHINE_PATH = r"(?<![\w.])/(?:home|root|work|Users|tmp)/\w+"
REGISTRY_HOST = r"\w+://[\w.]*(?:pypi|pythonhosted|whl)[\w.]*"


def offenders(found: Callable[[Path], Iterable[object]], paths: Iterable[Path]) -> dict[str, list[object]]:
    """Return what was found in each path that has any."""
    everything = {str(path.relative_to(ROOT)): list(found(path)) for path in paths}
    return {name: matches for name, matches in everything.items() if matches}


def in_folder(*names: str) -> list[Path]:
    return [path for path in SOURCES if path.relative_to(ROOT).parts[0] in names]


def parsed(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): number for name, number in pinned}


def long_file(path: Path) -> Iterator[int]:
    lines = len(path.read_text().splitlines())
    if lines > LONGER_FILES.get(str(path.relative_to(ROOT)), FILE_LINES):
        yield lines


def test_files_are_short():
    assert not offenders(long_file, SOURCES), "split them by subject"


def loose(
    ceilings: dict[str, int], lines: dict[str, int], limit: int, headroom: int
) -> dict[str, int | None]:
    """Ceilings that could not fail: over nothing, over what the rule allows anyway, well above what is there."""
    return {
        name: lines.get(name)
        for name, ceiling in ceilings.items()
        if not max(limit + 1, ceiling - headroom) <= lines.get(name, 0)
    }


def test_ceilings_of_files_are_close():
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert not loose(LONGER_FILES, lines, FILE_LINES, HEADROOM["lines of a file"]), "lower or drop it"


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement behind the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def long_function(path: Path) -> Iterator[str]:
    place = str(path.relative_to(ROOT))
    limit = next((lines for folder, lines in NESTS.items() if place.startswith(folder)), FUNCTION_LINES)
    for node in parsed(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = body_lines(node)
            if lines > LONGER_FUNCTIONS.get(f"{place}:{node.name}", limit):
                yield f"{node.name}: {lines} lines"


def test_functions_are_short():
    assert not offenders(long_function, SOURCES), "name the parts"


def test_ceilings_of_functions_are_close():
    lines = {
        f"{path.relative_to(ROOT)}:{node.name}": body_lines(node)
        for path in SOURCES
        for node in parsed(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not loose(LONGER_FUNCTIONS, lines, FUNCTION_LINES, HEADROOM["lines of a function"]), (
        "lower or drop it"
    )


def test_a_ceiling_that_cannot_fail_is_found():
    lines = {"a": 266, "b": 250, "c": 290}
    assert loose({"a": 300, "b": 255, "c": 300, "gone": 300}, lines, 260, 15) == {
        "a": 266,
        "b": 250,
        "gone": None,
    }


def test_body_lines_leave_the_docstring_out():
    function = ast.parse('def f(x):\n    """One.\n\n    Two.\n    """\n    y = x\n\n    return y\n').body[0]
    assert isinstance(function, ast.FunctionDef)
    assert body_lines(function) == 3


def asked_of_numba(path: Path) -> Iterator[str]:
    for node in parsed(path):
        asks = isinstance(node, ast.keyword) and node.arg in {"cache", "parallel", "fastmath"}
        if asks and ast.unparse(node.value) != "False":
            yield ast.unparse(node)


def test_numba_never_caches_starts_threads_or_reorders_arithmetic_by_itself():
    """Its cache serves stale code when a function in another file is edited; refinit's hashes all of them."""
    assert not offenders(asked_of_numba, in_folder("refinit", "verify", "benchmarks"))


def missing_document(path: Path) -> Iterator[str]:
    """Documents that are named (`x.md`, or `DESIGN section 3`) and lie neither by the file, nor in docs/, nor above."""
    for name, bare in re.findall(r"([\w./-]+)\.md\b|\b([A-Z_]{4,}) sections?\b", path.read_text()):
        document = f"{name or bare}.md"
        if not any((folder / document).exists() for folder in (path.parent, ROOT, ROOT / "docs")):
            yield document


def test_every_document_that_a_source_names_exists():
    assert not offenders(missing_document, [path for path in TEXTS if path != Path(__file__)])


def test_no_file_names_a_machine_or_a_registry():
    pattern = re.compile(f"{MACHINE_PATH}|{REGISTRY_HOST}")
    assert not offenders(lambda path: pattern.findall(path.read_text()), TEXTS)


def test_versions_agree():
    import refinit

    assert refinit.__version__ == PROJECT["version"]


def imported_absolutely(path: Path) -> Iterator[str]:
    for node in parsed(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def test_verify_imports_itself_relatively():
    """The wheel carries verify/ under another name, `refinit_verify`."""

    def own(path: Path) -> list[str]:
        return [name for name in imported_absolutely(path) if name.partition(".")[0] == "verify"]

    assert not offenders(own, in_folder("verify")), "write `from . import ...`"


def test_constraints_pin_exactly():
    assert pins(), "constraints.txt is empty"
    assert all(re.fullmatch(r"\d[\w.]*", number) for number in pins().values())
    assert pins()["torch"] == "2.13.0"


def required(requirement: Requirement) -> list[Requirement]:
    """Return what an installed distribution, with the extras asked for, requires here."""
    environments = [{"extra": extra} for extra in requirement.extras or {""}]
    found = [Requirement(text) for text in requires(requirement.name) or []]
    return [one for one in found if one.marker is None or any(map(one.marker.evaluate, environments))]


def test_constraints_pin_everything_a_development_install_brings():
    """Or whoever requires it pins it exactly, as torch's CUDA builds do with CUDA's libraries."""
    waiting, seen = [Requirement("refinit[dev]")], set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, *sorted(requirement.extras)) in seen or str(requirement.specifier).startswith("=="):
            continue
        seen.add((name, *sorted(requirement.extras)))
        assert name == "refinit" or name in pins(), f"add {name}=={version(name)} to constraints.txt"
        try:
            waiting += required(requirement)
        except PackageNotFoundError:
            pytest.fail(f"{name} is required and not installed: run `make`")


def test_installed_versions_are_the_pinned_ones():
    installed = {}
    for name in pins():
        try:
            installed[name] = version(name).partition("+")[0]
        except PackageNotFoundError:
            pytest.fail(f"{name} is pinned and not installed: run `make`, or drop the line")
    assert installed == pins()
