"""Fills: raw times, and their ratios to torch and to a plain fill."""

from __future__ import annotations

from asv_runner.benchmarks.mark import SkipNotImplemented

from .cases import DTYPES, FUNCTIONS, PARAMETERS, RATIO_DTYPES, SIZES, ours, plain_fill, shape_for, theirs
from .interleaved import interleaved, median_ratio


def skip_refused(name: str, dtype: str) -> None:
    """Skip what torch, and so refinit, refuses; inside setup, so that asv's parameters never change."""
    from refinit.registry import INITIALIZERS

    if dtype not in INITIALIZERS[name].dtypes:
        raise SkipNotImplemented(f"{name} refuses {dtype}, as torch does")


class Fill:
    """Seconds of `LOOPS[size]` calls: a timed body stays far above 100 us also for small tensors."""

    params = [FUNCTIONS, DTYPES, SIZES]
    param_names = ["function", "dtype", "size"]
    loops = {8: 100, 1024: 1}
    warmup_time = 0
    rounds = 2

    def setup(self, name: str, dtype: str, size: int) -> None:
        skip_refused(name, dtype)
        self.call = ours(name, shape_for(name, size), dtype, PARAMETERS.get(name, {}))
        self.call()  # loads or compiles the kernel

    def time_fill(self, name: str, dtype: str, size: int) -> None:  # noqa: ARG002 - asv passes all
        for _ in range(self.loops[size]):
            self.call()


class Ratio:
    """Medians of paired ratios, both sides interleaved in one process with two threads each."""

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
