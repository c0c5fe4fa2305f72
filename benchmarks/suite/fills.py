"""Fills: raw times, and their ratios to torch and to a plain fill."""

from __future__ import annotations

from statistics import median

from asv_runner.benchmarks.mark import SkipNotImplemented

from .cases import DTYPES, FUNCTIONS, PARAMETERS, RATIO_DTYPES, SIZES, ours, plain_fill, shape_for, theirs
from .interleaved import interleaved, loops_for, median_ratio, seconds_per_call


def skip_refused(name: str, dtype: str, *, by_position: bool = False) -> None:
    """Skip what refinit refuses, or has no chance in; inside setup, so that asv's parameters never change."""
    from refinit.registry import INITIALIZERS

    entry = INITIALIZERS[name]
    if by_position and not entry.random:
        raise SkipNotImplemented(f"{name} draws nothing")
    if dtype not in entry.dtypes["counter" if by_position else "torch"]:
        raise SkipNotImplemented(f"{name} refuses {dtype}")


class Fill:
    """Seconds per call: a median of bodies of as many calls each as `interleaved.py` finds long enough to be timed.

    A `time_` method would be asv's way, but no one number of calls suits the quickest function and the slowest.
    """

    params = [FUNCTIONS, DTYPES, SIZES]
    param_names = ["function", "dtype", "size"]
    unit = "s"
    measured_rounds = 5
    by_position = False

    def setup(self, name: str, dtype: str, size: int) -> None:
        skip_refused(name, dtype, by_position=self.by_position)
        shape = shape_for(name, size)
        self.call = ours(name, shape, dtype, PARAMETERS.get(name, {}), by_position=self.by_position)

    def track_seconds_per_call(self, name: str, dtype: str, size: int) -> float:  # noqa: ARG002 - asv passes all
        loops = loops_for(self.call)
        return median(seconds_per_call(self.call, loops) for _ in range(self.measured_rounds))


class Ratio:
    """Medians of paired ratios, both sides interleaved in one process with THREADS threads each."""

    params = [FUNCTIONS, RATIO_DTYPES]
    param_names = ["function", "dtype"]
    size = 1024
    measured_rounds = 5
    timeout = 300

    def setup(self, name: str, dtype: str) -> None:
        skip_refused(name, dtype)
        shape = shape_for(name, self.size)
        parameters = PARAMETERS.get(name, {})
        self.ours = ours(name, shape, dtype, parameters)
        self.torch = theirs(name, shape, dtype, parameters)
        self.fill = plain_fill(shape, dtype)

    def track_ratio_vs_torch(self, name: str, dtype: str) -> float:  # noqa: ARG002 - asv passes all
        """Time of torch / time of refinit: larger is better."""
        times = interleaved({"ours": self.ours, "torch": self.torch}, self.measured_rounds)
        return median_ratio(times["torch"], times["ours"])

    def track_ratio_vs_fill(self, name: str, dtype: str) -> float:  # noqa: ARG002 - asv passes all
        """Time of refinit / time of a plain fill: smaller is better, 1 is memory speed."""
        times = interleaved({"ours": self.ours, "fill": self.fill}, self.measured_rounds)
        return median_ratio(times["ours"], times["fill"])


class CounterFill(Fill):
    """The same with a CounterGenerator."""

    by_position = True
