"""Constructors of torch models, by torch and under accelerate_torch: ``python -m benchmarks.constructors``.

Each row is the median of ratios of pairs, measured turn by turn; the values are compared once. ``plain``: the same with
every fill that refinit takes replaced by one of zeros, which no generator can undercut.
"""

from __future__ import annotations

import argparse

import torch

import refinit
from benchmarks.suite.constructors import ratios
from benchmarks.suite.models import MODELS


def main() -> None:
    """Prints a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=2, help="of both sides (default 2)")
    parser.add_argument("--rounds", type=int, default=11, help="pairs for each model (default 11)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    refinit.set_num_threads(arguments.threads)
    print(f"{'':26}{'torch':>10}{'faster':>10}{'of plain':>10}")
    for name, constructor in MODELS.items():
        seconds, faster, above = ratios(constructor, arguments.rounds)
        print(f"{name:26}{seconds * 1e3:7.0f} ms{faster:9.2f}x{above:9.2f}x", flush=True)


if __name__ == "__main__":
    main()
