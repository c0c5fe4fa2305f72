"""Constructors of torch models, by torch and under accelerate_torch: ``python -m benchmarks.constructors``.

Each row is the median of ratios of pairs, measured turn by turn; the values are compared once. ``plain``: the same with
every fill that refinit takes replaced by one of zeros, which no generator can undercut.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

import refinit
from benchmarks.models import MODELS, same
from refinit.models.accelerate import dispatched, functions

Constructor = Callable[[], Any]


def _seconds(constructor: Constructor) -> float:
    torch.manual_seed(0)
    start = time.perf_counter()
    model = constructor()
    seconds = time.perf_counter() - start
    del model
    return seconds


@contextlib.contextmanager
def zeros_instead() -> Iterator[None]:
    """In an accelerated block: what refinit would draw is a plain write."""
    names = ((dispatched, "fill"), (dispatched, "fill_short"), (functions, "fill"))
    originals = [(module, name, getattr(module, name)) for module, name in names]

    def zero(*arguments: Any) -> int:
        tensor = next(argument for argument in arguments if isinstance(argument, torch.Tensor))
        ctypes.memset(tensor.data_ptr(), 0, tensor.nbytes)
        return 1

    for module, name in names:
        setattr(module, name, zero)
    try:
        yield
    finally:
        for module, name, function in originals:
            setattr(module, name, function)


def ratios(constructor: Constructor, rounds: int) -> tuple[float, float, float]:
    """Seconds by torch; torch / accelerated; accelerated / plain: medians."""
    torch.manual_seed(0)
    expected = constructor()
    with refinit.accelerate_torch():
        torch.manual_seed(0)
        if not same(constructor(), expected):
            raise ValueError("expected the model that torch makes, got another one")
    del expected
    rows = []
    for _ in range(rounds):
        by_torch = _seconds(constructor)
        with refinit.accelerate_torch():
            by_refinit = _seconds(constructor)
            with zeros_instead():
                plain = _seconds(constructor)
        rows.append((by_torch, by_torch / by_refinit, by_refinit / plain))
    seconds, faster, above = (statistics.median(column) for column in zip(*rows, strict=True))
    return seconds, faster, above


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
