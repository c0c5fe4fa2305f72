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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FOLDERS = ("refinit", "verify", "tests", "benchmarks", "docs")
SOURCES = sorted(
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if ".asv" not in path.parts
)
TEXTS = [
    *SOURCES,
    *(
        path
        for name in ("*.md", "*.toml", "*.txt", "Makefile", ".ci/run", "docs/*.md")
        for path in ROOT.glob(name)
    ),
]
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


def test_files_are_short():
    long = {path: len(path.read_text().splitlines()) for path in SOURCES}
    assert not {path: lines for path, lines in long.items() if lines > 450}, "split them by subject"


def own_cache(path: Path) -> Iterator[str]:
    for node in parsed(path):
        if isinstance(node, ast.keyword) and node.arg == "cache" and ast.unparse(node.value) != "False":
            yield f"line {node.lineno}"


def test_numba_never_caches_by_itself():
    """Its cache serves stale code when a function in another file is edited; refinit's hashes all of them."""
    assert not offenders(own_cache, in_folder("refinit", "verify", "benchmarks"))


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
