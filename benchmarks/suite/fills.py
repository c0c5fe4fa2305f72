"""Fills: raw times, and their ratios to torch and to a plain fill."""

from __future__ import annotations

from statistics import median

from asv_runner.benchmarks.mark import SkipNotImplemented

from .cases import DTYPES, FUNCTIONS, PARAMETERS, RATIO_DTYPES, SIZES, ours, plain_fill, shape_for, theirs
from .interleaved import interleaved, loops_for, median_ratio, seconds_per_call


def skip_refused(name: str, dtype: str) -> None:
    """Skip what torch, and so refinit, refuses; inside setup, so that asv's parameters never change."""
    from refinit.registry import INITIALIZERS

    if dtype not in INITIALIZERS[name].dtypes:
        raise SkipNotImplemented(f"{name} refuses {dtype}, as torch does")


class Fill:
    """Seconds per call: a median of bodies of as many calls each as `interleaved.py` finds long enough to be timed.

    A `time_` method would be asv's way, but no one number of calls suits the quickest function and the slowest.
    """

    params = [FUNCTIONS, DTYPES, SIZES]
    param_names = ["function", "dtype", "size"]
    unit = "s"
    measured_rounds = 5

    def setup(self, name: str, dtype: str, size: int) -> None:
        skip_refused(name, dtype)
        self.call = ours(name, shape_for(name, size), dtype, PARAMETERS.get(name, {}))

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
