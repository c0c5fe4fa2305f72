"""`python -m verify.cuda.ptx FILE.ptx ...`: print the lint of each kernel."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from .lint import lint
from .syntax.model import UnsupportedPtx


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every file's lint; 2 if a file cannot be read as PTX."""
    parser = argparse.ArgumentParser(
        prog="python -m verify.cuda.ptx", description="Lint compiled PTX kernels."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.ptx")
    status = 0
    for path in parser.parse_args(arguments).files:
        try:
            print(*lint(path.read_text(encoding="utf-8")).values(), sep="\n")
        except (OSError, UnicodeDecodeError, UnsupportedPtx) as error:
            print(f"{path}: {error}")
            status = 2
    return status


if __name__ == "__main__":
    raise SystemExit(main())
