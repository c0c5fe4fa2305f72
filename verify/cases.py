"""A case: one call of one initializer on one weight; and the parameters and weights each function is tried with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod, sqrt
from typing import Any

from .formats import ANY, FLOATING, REAL
from .models import Layer, Shape

Parameters = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Case:
    """One call: `function(weight, **parameters)` with dtype, memory layout and source of randomness."""

    function: str
    shape: Shape
    dtype: str = "float32"
    parameters: Parameters = ()
    layout: str = "contiguous"
    source: str = "generator"
    model: str = ""
    layer: str = ""

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def named(self) -> dict[str, Any]:
        """The parameters as keyword arguments."""
        return dict(self.parameters)

    @property
    def random(self) -> bool:
        """Whether the call draws at all."""
        return FUNCTIONS[self.function].random

    @property
    def passes_generator(self) -> bool:
        """Whether the call is made with generator=."""
        return self.random and self.source == "generator"

    @property
    def id(self) -> str:
        """Unique text naming the case, stable between versions: hashes are kept under it."""
        arguments = ", ".join([str(self.shape), *(f"{name}={value!r}" for name, value in self.parameters)])
        return f"{self.function}({arguments}) {self.dtype} {self.layout} {self.source}"


@dataclass(frozen=True)
class Function:
    """What an initializer accepts, and the parameter sets it is tried with."""

    name: str
    dtypes: tuple[str, ...]
    ndims: tuple[int, ...] | None
    parameters: tuple[dict[str, Any], ...] = ({},)
    random: bool = True
    accepts: Callable[[Shape, dict[str, Any]], bool] = field(default=lambda shape, parameters: True)

    def takes(self, layer: Layer) -> bool:
        """Whether a weight of that shape can be filled at all."""
        return self.ndims is None or len(layer.shape) in self.ndims


_MATRIX = (2, 3, 4, 5)
_EYE = tuple(name for name in ANY if name not in ("uint16", "uint32", "uint64"))
_GAINS: tuple[dict[str, Any], ...] = ({}, {"gain": sqrt(2.0)}, {"gain": 5.0 / 3}, {"gain": 0.1})
_KAIMING: tuple[dict[str, Any], ...] = (
    {},
    {"nonlinearity": "relu"},
    {"mode": "fan_out", "nonlinearity": "relu"},
    {"a": sqrt(5.0)},
    {"a": 0.2, "mode": "fan_out", "nonlinearity": "leaky_relu"},
    {"nonlinearity": "tanh"},
    {"mode": "fan_out", "nonlinearity": "linear"},
    {"nonlinearity": "selu"},
    {"mode": "fan_out", "nonlinearity": "sigmoid"},
    {"nonlinearity": "conv_transpose2d"},
)

FUNCTIONS: dict[str, Function] = {
    entry.name: entry
    for entry in (
        Function("uniform_", FLOATING, None, ({}, {"a": -0.1, "b": 0.1}, {"a": -3.0, "b": 5.0})),
        Function("normal_", FLOATING, None, ({}, {"std": 0.02}, {"mean": 1.5, "std": 0.5})),
        Function(
            "trunc_normal_",
            REAL,
            None,
            (
                {},
                {"std": 0.02},
                {"std": 0.02, "a": -0.04, "b": 0.04},
                {"mean": 0.3, "std": 0.8, "a": -1.0, "b": 0.5},
                {"a": 2.0, "b": 4.0},
                {"mean": 0.5, "a": -0.1, "b": 0.2},
            ),
        ),
        Function("constant_", ANY, None, ({"val": 0.3}, {"val": 3}, {"val": -1.5}), random=False),
        Function("ones_", ANY, None, random=False),
        Function("zeros_", ANY, None, random=False),
        Function("eye_", _EYE, (2,), random=False),
        Function(
            "dirac_",
            ANY,
            (3, 4, 5),
            ({}, {"groups": 2}, {"groups": 3}),
            random=False,
            accepts=lambda shape, parameters: shape[0] % parameters.get("groups", 1) == 0,
        ),
        Function("xavier_uniform_", FLOATING, _MATRIX, _GAINS),
        Function("xavier_normal_", FLOATING, _MATRIX, _GAINS),
        Function("kaiming_uniform_", FLOATING, _MATRIX, _KAIMING),
        Function("kaiming_normal_", FLOATING, _MATRIX, _KAIMING),
        Function("orthogonal_", ("float32", "float64"), _MATRIX, ({}, {"gain": sqrt(2.0)}, {"gain": 0.5})),
        Function(
            "sparse_",
            FLOATING,
            (2,),
            ({"sparsity": 0.1}, {"sparsity": 0.9}, {"sparsity": 1 / 3, "std": 1.0}, {"sparsity": 0.5}),
        ),
    )
}

# What torch makes of a negative or fractional constant in an unsigned or boolean weight is no matter of laws.
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64", "bool")


def parameter_sets(function: Function, shape: Shape, dtype: str) -> tuple[dict[str, Any], ...]:
    """The parameter sets that make sense for that weight."""
    return tuple(
        parameters
        for parameters in function.parameters
        if function.accepts(shape, parameters) and not (dtype in _UNSIGNED and parameters.get("val", 0) < 0)
    )


def case_of(
    function: Function, layer: Layer, dtype: str, parameters: dict[str, Any], layout: str, source: str
) -> Case:
    """The case of that call on that weight of a model."""
    return Case(
        function.name,
        layer.shape,
        dtype,
        tuple(parameters.items()),
        layout,
        source if function.random else "generator",
        layer.model,
        layer.name,
    )
