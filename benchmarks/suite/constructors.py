"""Constructors of torch models: torch's time to that under accelerate_torch, and what a plain fill would take.

``params`` are literals, as asv compares them: append, never reorder.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

import refinit
from refinit.models.accelerate import dispatched, functions

from .models import MODELS, same

Constructor = Callable[[], Any]
ROUNDS = 7
MODEL_NAMES = [
    "ViT, trunc_normal_",
    "GPT-2, 124 M",
    "GAN, .data.normal_",
    "ResNet-50",
    "mixed layers",
    "1000 Linear(8, 8)",
    "500 Conv2d(8, 8, 3)",
    "Linear, widths 30 to 200",
]


class Constructors:
    """A whole model, both sides turn by turn in one process."""

    params = MODEL_NAMES
    param_names = ["model"]
    unit = "ratio"
    timeout = 600

    def track_ratio_to_torch(self, name: str) -> float:
        return ratios(MODELS[name], ROUNDS)[1]

    def track_ratio_to_plain(self, name: str) -> float:
        return ratios(MODELS[name], ROUNDS)[2]


def _by_torch(constructor: Constructor) -> Any:
    return constructor()


def _by_refinit(constructor: Constructor) -> Any:
    with refinit.accelerate_torch():
        return constructor()


def _by_plain_fills(constructor: Constructor) -> Any:
    with refinit.accelerate_torch(), zeros_instead():
        return constructor()


_WAYS = (_by_torch, _by_refinit, _by_plain_fills)


def _seconds(way: Callable[[Constructor], Any], constructor: Constructor) -> float:
    """Of the whole, with what it takes to switch; a garbage collection is nobody's."""
    torch.manual_seed(0)
    gc.collect()
    start = time.perf_counter()
    model = way(constructor)
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
    torch.manual_seed(0)
    if not same(_by_refinit(constructor), expected):
        raise ValueError("expected the model that torch makes, got another one")
    del expected
    rows = []
    for index in range(rounds):
        first = index % len(_WAYS)
        order = _WAYS[first:] + _WAYS[:first]
        seconds = {way: _seconds(way, constructor) for way in order}
        by_torch, by_refinit, plain = (seconds[way] for way in _WAYS)
        rows.append((by_torch, by_torch / by_refinit, by_refinit / plain))
    by_torch, faster, above = (statistics.median(column) for column in zip(*rows, strict=True))
    return by_torch, faster, above
