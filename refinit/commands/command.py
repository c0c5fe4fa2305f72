"""A command of `python -m refinit`: its word, its lines of --help, its arguments, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import argparse

OK, FAILED, USAGE = 0, 1, 2


class Misused(Exception):
    """What the user wrote cannot be done: its text is printed after "error: ", and the exit code is ``USAGE``."""


class Command(NamedTuple):
    """``lines``: what --help says of it, in lines of usage; ``run``: returns the exit code."""

    name: str
    summary: str
    lines: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
