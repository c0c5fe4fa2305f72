"""Files that appear whole or not at all: written beside their place, and moved there at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Files:
    """``new(path)``: the path to write to, for what is to lie at ``path``."""

    def __init__(self) -> None:
        self.parts: dict[Path, Path] = {}

    def new(self, path: Path) -> Path:
        """A file of its own beside it, in the same folder."""
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self.parts[path] = part
        return part


@contextmanager
def whole_files() -> Iterator[Files]:
    """Moves the files to their places if the block ends well, else removes them."""
    files = Files()
    try:
        yield files
        for path, part in files.parts.items():
            part.replace(path)
    finally:
        for part in files.parts.values():
            part.unlink(missing_ok=True)
