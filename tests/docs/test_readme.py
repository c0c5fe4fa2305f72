"""The README tells the truth: its code runs, its tables are current, its commands exist."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("torch")

from benchmarks.rows import ROWS
from docs.readme import README, block
from docs.tables import BLOCKS

ROOT = README.parent
PAGES = [
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "benchmarks").glob("*.md")),
]


class Fence(NamedTuple):
    """A fenced block of a page; `output` is the text block right after it, if there is one."""

    page: Path
    line: int
    language: str
    code: str
    output: str | None

    @property
    def id(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def fences(page: Path) -> list[Fence]:
    text = page.read_text()
    matches = re.finditer(
        r"^```(\w*)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", text, re.MULTILINE | re.DOTALL
    )
    return [
        Fence(page, text[: match.start()].count("\n") + 1, match[1], match[2], match[3]) for match in matches
    ]


FENCES = [fence for page in PAGES for fence in fences(page)]
PYTHON = [fence for fence in FENCES if fence.language == "python"]
COMMANDS = [
    pytest.param(line.removeprefix("$ "), id=f"{fence.id}-{number}")
    for fence in FENCES
    if fence.language == "console"
    for number, line in enumerate(fence.code.splitlines())
    if line.startswith("$ ")
]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_block_says_what_it_is():
    assert {fence.language for fence in FENCES} <= {"python", "console", "sh"}  # sh: nothing to check it with


@pytest.mark.parametrize("fence", PYTHON, ids=lambda fence: fence.id)
def test_python_block_runs_and_prints_what_stands_below_it(fence):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(fence.code, fence.id, "exec"), {"__name__": "__readme__"})
    assert printed.getvalue() == (fence.output or "")


@pytest.mark.parametrize("command", COMMANDS)
def test_command_exists(command):
    """A make target is looked up, a Python module asked for its help; asv's own commands are asv's."""
    words = [word for word in shlex.split(command) if "=" not in word]
    if words[0] == "make":
        assert set(words[1:]) <= make_targets(), "a make target of the page is not in the Makefile"
    elif words[0].endswith("/asv"):
        assert (ROOT / words[2]).exists()
    else:
        assert Path(words[0]).name == "python", f"teach this test to check {command!r}"
        assert words[1] == "-m"
        arguments = [sys.executable, "-m", words[2], "--help"]
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
        for option in (word for word in words if word.startswith("--")):
            assert option in done.stdout, f"{words[2]} has no {option}"


@pytest.mark.parametrize("name", BLOCKS)
def test_generated_table_is_current(name):
    assert block(README.read_text(), name) == BLOCKS[name](), "run `make readme`"


def test_speed_table_names_machine_and_date():
    speed = block(README.read_text(), "speed")
    assert re.search(r"cores, \d{4}-\d\d-\d\d; torch 2\.13", speed), (
        "on a quiet machine: python -m benchmarks.table --write-readme"
    )
    assert all(f"| {row.label} |" in speed for row in ROWS), "the rows have changed: measure the table again"


def test_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
