"""Blocks of README.md that a program writes: text between `<!-- begin: name -->` and `<!-- end: name -->`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

README = Path(__file__).resolve().parent.parent / "README.md"


def block(text: str, name: str) -> str:
    """Return what stands between the markers of that name."""
    return text.partition(f"<!-- begin: {name} -->\n")[2].partition(f"<!-- end: {name} -->")[0]


def with_block(text: str, name: str, body: str) -> str:
    """Return the text with another body between the markers of that name."""
    begin, end = f"<!-- begin: {name} -->\n", f"<!-- end: {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"expected {begin.strip()} and {end} once each, in this order; add both to the text")
    head, _, rest = text.partition(begin)
    return f"{head}{begin}{body}{end}{rest.partition(end)[2]}"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
