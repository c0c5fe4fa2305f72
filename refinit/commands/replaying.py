"""`replay`: a recipe's weights into a file."""

from __future__ import annotations

import argparse
import math
import re
import sys
from time import perf_counter
from typing import TYPE_CHECKING

from ..generators.counter_generator import CounterGenerator
from ..generators.generator import Generator
from .command import FAILED, OK, Command, Misused

if TYPE_CHECKING:
    from ..models.replay.files.write import FileReport

_LINES = """\
The weights of a recipe.

  replay net.init.json --seed 7 -o net.safetensors
                             write the weights that torch makes from this seed, without torch
  replay ... --by-position   each parameter on the substream of its name
  replay ... --only 'h.3.*'  these names alone; may be repeated
  replay ... --part 3/8      of each array the fourth of eight blocks along its first axis
"""
#: Names that are listed.
_MOST_LISTED = 10


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", metavar="RECIPE", help="a recipe's JSON")
    parser.add_argument("--seed", type=int, required=True, metavar="N", help="of torch's stream, or the key")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help=".safetensors or .npz")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="of names; default: all")
    parser.add_argument("--part", type=_part, metavar="R/N", help="block R of N, from 0; default: all")
    parser.add_argument("--by-position", action="store_true", help="CounterGenerator(N), not torch's stream")
    parser.add_argument("--max-bytes", type=int, metavar="B", help="of memory; default: this machine's")
    parser.add_argument("--shard-bytes", type=int, default=5 * 10**9, metavar="B", help="default: 5 GB")


def _part(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or int(match[1]) >= int(match[2]):
        raise argparse.ArgumentTypeError(
            f"expected a rank below the number of ranks such as 3/8, got {text!r}"
        )
    return int(match[1]), int(match[2])


def _run(options: argparse.Namespace) -> int:
    from ..models.recipe.problem import RecipeError  # the other commands do without
    from ..models.replay.files.write import replay_to_file

    start = perf_counter()
    try:
        report = replay_to_file(
            options.recipe,
            options.output,
            generator=_generator(options),
            only=options.only,
            part=options.part,
            max_bytes=options.max_bytes,
            shard_bytes=options.shard_bytes,
        )
    except RecipeError as error:
        print(f"python -m refinit: error: {options.recipe}: {error}", file=sys.stderr)
        return FAILED
    except ValueError as error:
        raise Misused(str(error)) from None
    _show(report, perf_counter() - start)
    return OK


def _generator(options: argparse.Namespace) -> Generator | CounterGenerator:
    if options.by_position:
        return CounterGenerator(options.seed)
    return Generator().manual_seed(options.seed)


def _show(report: FileReport, seconds: float) -> None:
    for path in report.paths:
        print(path)
    print(f"{report.names} names, {report.size / 1e6:.1f} MB, {seconds:.2f} s")
    names = sorted(report.inexact, key=lambda name: -report.inexact[name])
    for name in names[:_MOST_LISTED]:
        ulps = report.inexact[name]
        print(f"{name}: {'perhaps far' if math.isinf(ulps) else f'within {ulps:g} ulp'} from torch's values")
    if len(names) > _MOST_LISTED:
        print(f"and {len(names) - _MOST_LISTED} more names whose bits may differ from torch's")


REPLAY = Command("replay", "write a recipe's weights", _LINES.rstrip(), _arguments, _run)
