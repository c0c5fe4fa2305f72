"""Fills: raw times, and their ratios to torch and to a plain fill."""

from __future__ import annotations

from statistics import median
from typing import ClassVar

from asv_runner.benchmarks.mark import SkipNotImplemented

from .cases import (
    DEVICES,
    DTYPES,
    FUNCTIONS,
    PARAMETERS,
    RATIO_DTYPES,
    SIZES,
    ours,
    plain_fill,
    shape_for,
    theirs,
)
from .interleaved import interleaved, loops_for, median_ratio, seconds_per_call


def skip_refused(name: str, dtype: str, device: str, *, by_position: bool = False) -> None:
    """Skip what refinit refuses, or has no chance in; inside setup, so that asv's parameters never change."""
    from refinit.initializers.registry import INITIALIZERS

    entry = INITIALIZERS[name]
    stream = "counter" if by_position else "torch" if device == "cpu" else "torch_cuda"
    if by_position and not entry.random:
        raise SkipNotImplemented(f"{name} draws nothing")
    if dtype not in entry.dtypes[stream]:
        raise SkipNotImplemented(f"{name} refuses {dtype}")
    if device == "cuda" and not has_gpu():
        raise SkipNotImplemented("torch finds no CUDA device")


def has_gpu() -> bool:
    """Return whether there is a GPU that torch can use."""
    import torch

    return bool(torch.cuda.is_available())


class Fill:
    """Seconds per call: a median of bodies of as many calls each as `interleaved.py` finds long enough to be timed.

    A `time_` method would be asv's way, but no one number of calls suits the quickest function and the slowest.
    """

    params = [FUNCTIONS, DTYPES, SIZES, DEVICES]
    param_names = ["function", "dtype", "size", "device"]
    unit = "s"
    measured_rounds = 5
    by_position = False

    def setup(self, name: str, dtype: str, size: int, device: str) -> None:
        skip_refused(name, dtype, device, by_position=self.by_position)
        shape, parameters = shape_for(name, size), PARAMETERS.get(name, {})
        self.call = ours(name, shape, dtype, parameters, by_position=self.by_position, device=device)

    def track_seconds_per_call(self, *_: object) -> float:
        loops = loops_for(self.call)
        return median(seconds_per_call(self.call, loops) for _ in range(self.measured_rounds))


class Ratio:
    """Medians of paired ratios, both sides interleaved in one process with THREADS threads each."""

    params = [FUNCTIONS, RATIO_DTYPES, DEVICES]
    param_names = ["function", "dtype", "device"]
    sizes: ClassVar = {"cpu": 1024, "cuda": 8192}  # smaller fills of a GPU measure its launches
    measured_rounds = 5
    timeout = 300

    def setup(self, name: str, dtype: str, device: str) -> None:
        skip_refused(name, dtype, device)
        shape, parameters = shape_for(name, self.sizes[device]), PARAMETERS.get(name, {})
        self.ours = ours(name, shape, dtype, parameters, device=device)
        self.torch = theirs(name, shape, dtype, parameters, device)
        self.fill = plain_fill(shape, dtype, device)

    def track_ratio_vs_torch(self, *_: object) -> float:
        """Time of torch / time of refinit: larger is better."""
        times = interleaved({"ours": self.ours, "torch": self.torch}, self.measured_rounds)
        return median_ratio(times["torch"], times["ours"])

    def track_ratio_vs_fill(self, *_: object) -> float:
        """Time of refinit / time of a plain fill: smaller is better, 1 is memory speed."""
        times = interleaved({"ours": self.ours, "fill": self.fill}, self.measured_rounds)
        return median_ratio(times["ours"], times["fill"])


class CounterFill(Fill):
    """The same with a CounterGenerator."""

    by_position = True
