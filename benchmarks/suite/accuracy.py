"""Accuracy: a regression here is a regression too."""

from __future__ import annotations

from importlib import import_module

import numpy as np

from .cases import numpy_dtype


class Orthogonal:
    """Largest entry of |Q^T Q - I| in units of the dtype's epsilon, the product taken in double."""

    params = [["float32", "float64"], [16, 256, 1024]]
    param_names = ["dtype", "size"]
    unit = "eps"

    def track_orthogonality_error(self, dtype: str, size: int) -> float:
        import refinit

        generator = refinit.Generator().manual_seed(0)
        matrix = refinit.orthogonal_(np.empty((size, size), numpy_dtype(dtype)), generator=generator)
        wide = np.asarray(matrix, np.float64)
        return float(np.abs(wide.T @ wide - np.eye(size)).max() / np.finfo(dtype).eps)


class Verify:
    """The share of the planted faults that turn verify red on their own example."""

    timeout = 300

    def track_kill_rate(self) -> float:
        # By its installed name: asv may build and measure a wheel, in which there is no other.
        faults = import_module("refinit_verify.faults")
        plan_of = import_module("refinit_verify.runs.plan").plan_of
        run = import_module("refinit_verify.runs.run").run
        plans = [plan_of(faults.planted(name), 0, [fault.example]) for name, fault in faults.PLANTED.items()]
        verdicts = [run(plan).verdict for plan in plans]
        return verdicts.count("fail") / len(verdicts)
