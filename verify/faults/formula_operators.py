"""Operators that break formulas and writes: functions from the right subject, a case and a seed to a wrong fill."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor, prod, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from ..cases.case import Case
from ..cases.formats import numpy_dtype, rounded
from ..laws import reference
from ..laws.streams import normals_case
from ..subjects import Filled, Subject
from ..subjects.base import ACCEPTED, KnownDivergence


def with_parameters(case: Case, **changes: Any) -> Case:
    """The case with some parameters changed."""
    return replace(case, parameters=tuple({**case.named, **changes}.items()))


def scaled(base: Subject, case: Case, seed: int, factor: float) -> Filled:
    """The fill with its bound or standard deviation multiplied by a factor."""
    law, function = reference.law(case), "normal_"
    if isinstance(law, reference.Uniform):
        function, parameters = "uniform_", {"a": law.low * factor, "b": law.high * factor}
    else:
        assert isinstance(law, reference.Normal)
        parameters = {"mean": law.mean, "std": law.std * factor}
    return base.fill(replace(case, function=function, parameters=tuple(parameters.items())), seed)


def with_values(filled: Filled, values: npt.NDArray[Any]) -> Filled:
    """The fill with other values."""
    return replace(filled, values=values)


def fans_swapped(base: Subject, case: Case, seed: int) -> Filled:
    """fan_out in the place of fan_in, and the other way round."""
    other = {"fan_in": "fan_out", "fan_out": "fan_in"}[case.named.get("mode", "fan_in")]
    return base.fill(with_parameters(case, mode=other), seed)


def receptive_field_ignored(base: Subject, case: Case, seed: int) -> Filled:
    """Fans that leave the kernel out, as for a matrix."""
    return scaled(base, case, seed, sqrt(prod(case.shape[2:])))


def gain_twice(base: Subject, case: Case, seed: int) -> Filled:
    """The gain multiplied into an already scaled bound or std."""
    xavier = "xavier" in case.function
    return scaled(base, case, seed, case.named.get("gain", 1.0) if xavier else _kaiming_gain(case))


def _kaiming_gain(case: Case) -> float:
    return reference.gain(case.named.get("nonlinearity", "leaky_relu"), case.named.get("a", 0.0))


def bound_reordered(base: Subject, case: Case, seed: int) -> Filled:
    """gain * sqrt(3 / fan): the same number on paper, another last bit."""
    fan = reference.fans(case.shape)[case.named.get("mode", "fan_in") == "fan_out"]
    bound = _kaiming_gain(case) * sqrt(3.0 / fan)
    return base.fill(replace(case, function="uniform_", parameters=(("a", -bound), ("b", bound))), seed)


def upper_bound_included(base: Subject, case: Case, seed: int) -> Filled:
    """A value that rounds to the excluded bound stays there: the lower bound's atom moves to it."""
    filled, law, dtype = base.fill(case, seed), reference.law(case), numpy_dtype(case.dtype)
    assert isinstance(law, reference.Uniform)
    low, high = (np.asarray(rounded(bound, case.dtype)).astype(dtype) for bound in (law.low, law.high))
    return with_values(filled, np.where(filled.values == low, high, filled.values).astype(dtype))


def dirac_centre(base: Subject, case: Case, seed: int) -> Filled:
    """The tap below the middle in even kernels."""
    values = np.zeros_like(base.fill(case, seed).values)
    per_group = case.shape[0] // case.named.get("groups", 1)
    centre = tuple((size - 1) // 2 for size in case.shape[2:])
    for row in range(case.shape[0]):
        if row % per_group < case.shape[1]:
            values[(row, row % per_group, *centre)] = 1
    return Filled(values, None)


def sparse_floor(base: Subject, case: Case, seed: int) -> Filled:
    """One zero too few wherever the count is not whole."""
    rows = case.shape[0]
    return base.fill(with_parameters(case, sparsity=floor(case.named["sparsity"] * rows) / rows), seed)


def sparse_mask_reused(base: Subject, case: Case, seed: int) -> Filled:
    """One permutation for all columns."""
    filled = base.fill(case, seed)
    dense = base.fill(with_parameters(case, sparsity=0.0), seed).values
    return with_values(filled, np.where(filled.values[:, :1] == 0, 0, dense).astype(filled.values.dtype))


def sparse_by_row(base: Subject, case: Case, seed: int) -> Filled:
    """Exact counts per row, none per column."""
    filled = base.fill(case, seed)
    dense = base.fill(with_parameters(case, sparsity=0.0), seed).values
    rows, columns = case.shape
    rng = np.random.default_rng(seed)
    mask = np.zeros(case.shape, bool)
    for row in range(rows):
        mask[row, rng.permutation(columns)[: ceil(case.named["sparsity"] * columns)]] = True
    return with_values(filled, np.where(mask, 0, dense).astype(filled.values.dtype))


def signs_not_fixed(base: Subject, case: Case, seed: int) -> Filled:
    """Householder's QR as LAPACK leaves it: the diagonal of R has either sign."""
    filled, law = base.fill(case, seed), reference.law(case)
    assert isinstance(law, reference.Haar)
    normals = base.fill(normals_case(case, law), seed).values.astype(np.float64)
    wide = law.rows < law.columns
    q, _ = np.linalg.qr(normals.T if wide else normals)
    matrix = (q.T if wide else q) * law.gain
    return with_values(filled, matrix.reshape(case.shape).astype(filled.values.dtype))


def clamp_for_truncate(base: Subject, case: Case, seed: int) -> Filled:
    """Values beyond the bounds put on the bounds."""
    law = reference.law(case)
    assert isinstance(law, reference.TruncatedNormal)
    normal = replace(case, function="normal_", parameters=(("mean", law.mean), ("std", law.std)))
    filled = base.fill(normal, seed)
    low, high = (rounded(bound, case.dtype) for bound in (law.low, law.high))
    return with_values(
        filled, np.clip(filled.values.astype(np.float64), low, high).astype(filled.values.dtype)
    )


def transposed_write(base: Subject, case: Case, seed: int) -> Filled:
    """The right values in column-major order."""
    filled = base.fill(case, seed)
    return with_values(filled, filled.values.reshape(-1).reshape(case.shape[::-1]).transpose())


def bfloat16_truncated(base: Subject, case: Case, seed: int) -> Filled:
    """A two-byte element made by cutting float32 off instead of rounding it."""
    filled = base.fill(case, seed)
    wide = np.ascontiguousarray(base.fill(replace(case, dtype="float32"), seed).values)
    cut = (wide.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    return with_values(filled, cut.astype(filled.values.dtype))


def constant_by_half(base: Subject, case: Case, seed: int) -> Filled:
    """A constant that went through float16."""
    filled = base.fill(case, seed)
    return with_values(filled, filled.values.astype(np.float16).astype(filled.values.dtype))


def writes_beside(base: Subject, case: Case, seed: int) -> Filled:
    """A sliced weight written with stride one."""
    return replace(base.fill(case, seed), spilled=case.layout == "sliced")


def last_unwritten(base: Subject, case: Case, seed: int) -> Filled:
    """A loop that ends one element early."""
    filled = base.fill(case, seed)
    flat = filled.values.reshape(-1).copy()
    flat[-1] = np.nan
    return with_values(filled, flat.reshape(case.shape))


def sqrt3_missing(base: Subject, case: Case, seed: int) -> Filled:
    """The standard deviation taken as the bound of a uniform law."""
    return scaled(base, case, seed, 1 / sqrt(3.0))


def std_one_percent_off(base: Subject, case: Case, seed: int) -> Filled:
    """A standard deviation 1 % too large."""
    return scaled(base, case, seed, 1.01)


def std_is_variance(base: Subject, case: Case, seed: int) -> Filled:
    """The argument std taken as a variance already squared."""
    return scaled(base, case, seed, case.named.get("std", 1.0))


def parameters_ignored(base: Subject, case: Case, seed: int) -> Filled:
    """Every parameter at its default."""
    return base.fill(replace(case, parameters=()), seed)


def axes_ignored(base: Subject, case: Case, seed: int) -> Filled:
    """torch's axes, whichever are named."""
    named = {name: value for name, value in case.named.items() if name not in ("in_axis", "out_axis")}
    return base.fill(replace(case, parameters=tuple(named.items())), seed)


def slope_ignored(base: Subject, case: Case, seed: int) -> Filled:
    """The negative slope a at its default."""
    return base.fill(with_parameters(case, a=0.0), seed)


def mean_ignored(base: Subject, case: Case, seed: int) -> Filled:
    """The mean at its default."""
    return base.fill(with_parameters(case, mean=0.0), seed)


def identity(base: Subject, case: Case, seed: int) -> Filled:
    """The right fill: the fault lies elsewhere than in fills."""
    return base.fill(case, seed)


def selu_gain_is_one(base: Subject, nonlinearity: str, parameter: float | None) -> float:
    """A table of gains without selu."""
    return 1.0 if nonlinearity == "selu" else base.gain(nonlinearity, parameter)


def fans_function_swapped(base: Subject, shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan_out, fan_in)."""
    fan_in, fan_out = base.fans(shape)
    return fan_out, fan_in


def nonsense_accepted(base: Subject, divergence: KnownDivergence) -> str:  # noqa: ARG001 - whatever the subject does
    """Nothing refused."""
    return ACCEPTED
