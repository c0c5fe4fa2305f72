"""The command line: `python -m refinit`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .commands.command import FAILED, OK, USAGE, Misused
from .commands.compiled_code import CACHE, WARMUP
from .commands.explain import EXPLAIN
from .commands.recording import RECORD
from .commands.replaying import REPLAY
from .kernels.code.location import Refused

#: In the order of --help.
COMMANDS = (
    CACHE,
    WARMUP,
    EXPLAIN,
    RECORD,
    REPLAY,
)
_EXIT_CODES = "Exit code: 0 done, 1 failed, 2 misused."


def main(argv: Sequence[str] | None = None) -> int:
    """Do as the arguments say, and return the exit code."""
    try:
        options = _parser().parse_args(argv)
    except SystemExit as exit_:  # argparse has printed the reason
        return USAGE if exit_.code else OK
    command = next(command for command in COMMANDS if command.name == options.command)
    try:
        return command.run(options)
    except (Misused, Refused, OSError, RuntimeError, ImportError) as error:
        print(f"python -m refinit: error: {error}", file=sys.stderr)
        return USAGE if isinstance(error, Misused) else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m refinit",
        description="\n".join([*(command.lines for command in COMMANDS), _EXIT_CODES]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = ",".join(command.name for command in COMMANDS)
    commands = parser.add_subparsers(dest="command", required=True, metavar=f"{{{names}}}")
    for command in COMMANDS:
        command.add_arguments(commands.add_parser(command.name, help=command.summary))
    return parser


if __name__ == "__main__":
    sys.exit(main())
