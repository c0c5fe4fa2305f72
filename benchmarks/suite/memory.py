"""Memory: the peak of a process that fills a tensor, and what a fill needs beyond the tensor."""

from __future__ import annotations

from pathlib import Path

from asv_runner.benchmarks.mark import SkipNotImplemented

from .cases import FUNCTIONS, PARAMETERS, ours, shape_for

SIZE = 2048
STATUS = Path("/proc/self/status")
RESET_PEAK = Path("/proc/self/clear_refs")


class PeakMemory:
    """Peak resident memory of a process with one filled 16 MiB tensor; the interpreter is part of it."""

    params = FUNCTIONS
    param_names = ["function"]

    def setup(self, name: str) -> None:
        self.call = ours(name, shape_for(name, SIZE), "float32", PARAMETERS.get(name, {}))

    def peakmem_fill(self, name: str) -> None:  # noqa: ARG002 - asv passes all
        self.call()


class ExtraMemory:
    """Bytes by which a fill raises the resident size of its process, after a small one has loaded the kernel."""

    params = FUNCTIONS
    param_names = ["function"]
    unit = "bytes"

    def setup(self, name: str) -> None:
        if not RESET_PEAK.exists():
            raise SkipNotImplemented("the peak of a process can be reset on Linux only")
        parameters = PARAMETERS.get(name, {})
        ours(name, shape_for(name, 32), "float32", parameters)()
        self.call = ours(name, shape_for(name, SIZE), "float32", parameters)

    def track_extra_bytes(self, name: str) -> int:  # noqa: ARG002 - asv passes all
        RESET_PEAK.write_text("5")
        before = resident("VmHWM")
        self.call()
        return resident("VmHWM") - before


def resident(field: str) -> int:
    """Return a figure of Linux's status of this process, in bytes: VmHWM is the peak of its resident size."""
    return 1024 * int(STATUS.read_text().partition(f"{field}:")[2].split()[0])
