"""Every law stated a second time, from the papers, in float64. Nothing here is imported from the code under test.

Glorot & Bengio 2010 (AISTATS) eq. 16; He et al. 2015 arXiv:1502.01852 eqs. 10 and 14; Saxe et al. 2014
arXiv:1312.6120; Martens 2010 (ICML) section 5; gains: the table in torch.nn.init.calculate_gain's documentation.
Operations come in torch's order: where a bound meets a value of a two-byte format, as sqrt(3 / 768) does, its last bit
decides whether that value belongs to the law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, prod, sqrt

import numpy as np
import numpy.typing as npt

from ..cases.case import Case
from ..cases.models import Shape


@dataclass(frozen=True)
class Uniform:
    """Density 1 / (high - low) on [low, high)."""

    low: float
    high: float


@dataclass(frozen=True)
class Normal:
    """Mean and standard deviation."""

    mean: float
    std: float


@dataclass(frozen=True)
class TruncatedNormal:
    """The normal law with that mean and standard deviation given that it falls in [low, high]."""

    mean: float
    std: float
    low: float
    high: float


@dataclass(frozen=True)
class Exactly:
    """One array, no randomness: the kind is constant, identity or dirac."""

    kind: str
    parameter: float = 0.0


@dataclass(frozen=True)
class Sparse:
    """In each column exactly `zeros` zeros, every subset equally likely; the rest normal."""

    zeros: int
    std: float


@dataclass(frozen=True)
class Haar:
    """gain times a uniformly distributed (semi-)orthogonal matrix of (rows, columns)."""

    gain: float
    rows: int
    columns: int


Law = Uniform | Normal | TruncatedNormal | Exactly | Sparse | Haar

# One axis or several.
Axes = int | tuple[int, ...]

_LINEAR = (
    "linear",
    "sigmoid",
    *(f"conv{n}d" for n in (1, 2, 3)),
    *(f"conv_transpose{n}d" for n in (1, 2, 3)),
)
NONLINEARITIES: tuple[str, ...] = (*_LINEAR, "tanh", "relu", "leaky_relu", "selu")


def gain(nonlinearity: str, slope: float | None = None) -> float:
    """The factor that keeps the variance of activations through that nonlinearity."""
    if nonlinearity in _LINEAR:
        return 1.0
    if nonlinearity == "leaky_relu":
        return sqrt(2.0 / (1.0 + (0.01 if slope is None else slope) ** 2))
    return {"tanh": 5.0 / 3.0, "relu": sqrt(2.0), "selu": 0.75}[nonlinearity]


def fans(shape: Shape, in_axis: Axes = 1, out_axis: Axes = 0) -> tuple[int, int]:
    """(fan_in, fan_out): connections into one output and out of one input.

    The axes as those of jax.nn.initializers.variance_scaling: what is neither input nor output is the kernel.
    """
    inputs, outputs = (
        {axis % len(shape) for axis in (axes if isinstance(axes, tuple) else (axes,))}
        for axes in (in_axis, out_axis)
    )
    # every connection into one output: all axes but the outputs', and the other way round
    fan_in, fan_out = (
        prod(length for axis, length in enumerate(shape) if axis not in others)
        for others in (outputs, inputs)
    )
    return fan_in, fan_out


def xavier_std(shape: Shape, scale: float = 1.0, **axes: Axes) -> float:
    """Glorot & Bengio eq. 12: variance 2 / (fan_in + fan_out), times the squared gain."""
    return scale * sqrt(2.0 / sum(fans(shape, **axes)))


def kaiming_std(
    shape: Shape, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", **axes: Axes
) -> float:
    """He et al. eqs. 10 and 14: variance gain**2 / fan."""
    fan = fans(shape, **axes)[("fan_in", "fan_out").index(mode)]
    return gain(nonlinearity, a) / sqrt(fan)


def symmetric(std: float) -> Uniform:
    """The uniform law around zero with that standard deviation: a variance of b**2 / 3."""
    bound = sqrt(3.0) * std
    return Uniform(-bound, bound)


def orthogonal(shape: Shape, gain: float = 1.0) -> Haar:
    """Saxe et al.: what follows the first axis is flattened into columns."""
    return Haar(gain, shape[0], prod(shape[1:]))


def sparse(shape: Shape, sparsity: float, std: float = 0.01) -> Sparse:
    """Martens section 5, as torch counts: ceil(sparsity * rows) zeros in each column."""
    return Sparse(ceil(sparsity * shape[0]), std)


# The law of each initializer from its weight's shape and torch's parameters. A function of somebody else's is added by
# name, and to cases.functions.FUNCTIONS.
LAWS: dict[str, Callable[..., Law]] = {
    "uniform_": lambda shape, a=0.0, b=1.0: Uniform(a, b),
    "normal_": lambda shape, mean=0.0, std=1.0: Normal(mean, std),
    "trunc_normal_": lambda shape, mean=0.0, std=1.0, a=-2.0, b=2.0: TruncatedNormal(mean, std, a, b),
    "constant_": lambda shape, val: Exactly("constant", val),
    "ones_": lambda shape: Exactly("constant", 1.0),
    "zeros_": lambda shape: Exactly("constant", 0.0),
    "eye_": lambda shape: Exactly("identity"),
    "dirac_": lambda shape, groups=1: Exactly("dirac", groups),
    "xavier_uniform_": lambda shape, gain=1.0, **axes: symmetric(xavier_std(shape, gain, **axes)),
    "xavier_normal_": lambda shape, gain=1.0, **axes: Normal(0.0, xavier_std(shape, gain, **axes)),
    "kaiming_uniform_": lambda shape, **parameters: symmetric(kaiming_std(shape, **parameters)),
    "kaiming_normal_": lambda shape, **parameters: Normal(0.0, kaiming_std(shape, **parameters)),
    "orthogonal_": orthogonal,
    "sparse_": sparse,
}


def law(case: Case) -> Law:
    """What the elements of that weight must be distributed as."""
    if case.function not in LAWS:
        raise KeyError(f"no reference law for {case.function}: add it to LAWS in laws/reference.py")
    return LAWS[case.function](case.shape, **case.named)


def expected_array(shape: Shape, law: Exactly) -> npt.NDArray[np.float64]:
    """The one array an exact law allows, in float64."""
    if law.kind == "constant":
        return np.full(shape, law.parameter, np.float64)
    if law.kind == "identity":
        rows, columns = shape
        return np.eye(rows, columns)
    return _dirac(shape, int(law.parameter))


def _dirac(shape: Shape, groups: int) -> npt.NDArray[np.float64]:
    """Output channel c of each group passes input channel c through the middle tap, k // 2, of each axis."""
    result = np.zeros(shape)
    per_group = shape[0] // groups
    middle = tuple(size // 2 for size in shape[2:])
    for row in range(shape[0]):
        if row % per_group < shape[1]:
            result[(row, row % per_group, *middle)] = 1.0
    return result
