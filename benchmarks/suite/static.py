"""Figures of the compiled CUDA kernels' speed that need no GPU; static_figures.json has them all."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from asv_runner.benchmarks.mark import SkipNotImplemented

from .cases import CAPABILITIES, KERNELS


class StaticFigures:
    """Registers of a thread, and instructions per sixteen bytes that it stores; compiled now, by whichever compiler."""

    params = [KERNELS, CAPABILITIES]
    param_names = ["kernel", "capability"]

    def setup(self, kernel: str, capability: str) -> None:
        if find_spec("numba_cuda") is None:
            raise SkipNotImplemented("kernels are compiled by the package numba-cuda")
        # By its installed name: asv may build and measure a wheel, in which there is no other.
        kernels = import_module("refinit_verify.cuda.kernels")
        capabilities = {kernels.architecture(pair): pair for pair in kernels.CAPABILITIES}
        try:
            self.examined = kernels.examined(kernels.compiled(kernel, capabilities[capability]))
        except FileNotFoundError as error:
            raise SkipNotImplemented(str(error)) from None

    def track_registers(self, *_: object) -> int:
        return int(self.examined.registers)

    def track_issue_slots(self, *_: object) -> float:
        return float(self.examined.issue_slots)
