"""The map is what the code imports, and the papers name folders and files that exist."""

import re

import pytest

from docs import map as house
from tests.paths import ROOT

PAPERS = ("CONTRIBUTING.md", "docs/architecture.md", "docs/development.md", "docs/why.md")
#: Where a page's short paths begin: the packages, and the folder that a sentence is about.
BASES = ("", "refinit", "verify", "refinit/kernels", "tests/cuda")


def named(page: str) -> set[str]:
    """Paths of folders and Python files in a page's code spans, a placeholder or a wildcard standing for any name."""
    spans = re.findall(r"`([\w./<>*-]+)`", (ROOT / page).read_text())
    paths = (re.sub(r"<\w+>", "*", span) for span in spans if span.endswith((".py", "/")))
    return {path.rstrip("/") for path in paths}


def test_the_map_is_drawn_from_the_imports_of_today():
    assert house.FILE.read_text() == house.picture(), "run `make readme`"


def test_every_folder_stands_on_the_map():
    for plan in house.plans():
        folders = {path.parent.name for path in (ROOT / plan.package).glob("*/__init__.py")}
        assert folders <= set(plan.rooms), plan.package


def test_arrows_go_down():
    for plan in house.plans():
        level = {room: index for index, floor in enumerate(plan.floors) for room in floor}
        assert all(level[importer] < level[imported] for importer, imported in plan.imports), plan.package


@pytest.mark.parametrize("page", PAPERS)
def test_what_a_page_names_exists(page):
    missing = [path for path in named(page) if not any(any((ROOT / base).glob(path)) for base in BASES)]
    assert not missing
