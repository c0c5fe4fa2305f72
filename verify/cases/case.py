"""A case: one call of one initializer on one weight; and the parameters and weights each function is tried with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import prod, sqrt
from typing import Any

from .formats import ANY, FLOATING, FORMATS, REAL
from .layouts import LAYOUTS
from .models import Layer, Shape

Parameters = tuple[tuple[str, Any], ...]
# Where a call's random numbers come from: a generator passed, the default one, or a generator passed with each of the
# blocks that the weight is cut into.
SOURCES = ("generator", "default", "shards")


@dataclass(frozen=True, repr=False)
class Case:
    """One call: `function(weight, **parameters)` with dtype, memory layout and source of randomness.

    The parameters may be given as a mapping; what no function takes is refused.
    """

    function: str
    shape: Shape
    dtype: str = "float32"
    parameters: Parameters = ()
    layout: str = "contiguous"
    source: str = "generator"
    model: str = ""
    layer: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", _lengths(self.shape))
        given = self.parameters.items() if isinstance(self.parameters, Mapping) else self.parameters
        object.__setattr__(self, "parameters", tuple(given))
        self._check()

    def __repr__(self) -> str:
        """Python text that makes it, without what goes without saying."""
        given = {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if getattr(self, one.name) != one.default
        }
        if self.parameters:
            given["parameters"] = self.named
        text = ", ".join(f"{name}={value!r}" for name, value in list(given.items())[2:])
        return f"{type(self).__name__}({self.function!r}, {self.shape}{', ' if text else ''}{text})"

    def _check(self) -> None:
        _among("function", self.function, FUNCTIONS)
        _among("dtype", self.dtype, FORMATS)
        _among("layout", self.layout, LAYOUTS)
        _among("source", self.source, SOURCES)
        FUNCTIONS[self.function].check(self.shape, self.named)

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
        return self.random and self.source != "default"

    @property
    def id(self) -> str:
        """Unique text naming the case, stable between versions: hashes are kept under it."""
        arguments = ", ".join([str(self.shape), *(f"{name}={value!r}" for name, value in self.parameters)])
        return f"{self.function}({arguments}) {self.dtype} {self.layout} {self.source}"


@dataclass(frozen=True, repr=False)
class Topic(Case):
    """What a finding is about that is no fill: a formula, or a call that is refused."""

    def _check(self) -> None:
        """Whatever it is about."""

    @property
    def random(self) -> bool:
        """Nothing is drawn."""
        return False


def _among(what: str, name: str, allowed: Collection[str]) -> None:
    if name not in allowed:
        raise ValueError(f"expected a {what} among {', '.join(allowed)}; got {name!r}")


def _lengths(shape: Any) -> Shape:
    try:
        return tuple(int(length) for length in shape)
    except (TypeError, ValueError):
        raise TypeError(f"expected a shape such as (96, 64), got {shape!r}") from None


@dataclass(frozen=True)
class Function:
    """What an initializer accepts, and the parameter sets it is tried with."""

    name: str
    dtypes: tuple[str, ...]
    ndims: tuple[int, ...] | None
    parameters: tuple[dict[str, Any], ...] = ({},)
    random: bool = True
    sources: tuple[str, str] = ("generator", "default")
    accepts: Callable[[Shape, dict[str, Any]], bool] = field(default=lambda shape, parameters: True)

    def takes(self, layer: Layer) -> bool:
        """Whether a weight of that shape can be filled at all."""
        return self.ndims is None or len(layer.shape) in self.ndims

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Its parameters by name: some set tries each."""
        return tuple(dict.fromkeys(name for named in self.parameters for name in named))

    def check(self, shape: Shape, named: dict[str, Any]) -> None:
        """Refuse weights and parameters that it does not take, and calls without one that it needs."""
        if self.ndims is not None and len(shape) not in self.ndims:
            axes = " or ".join(map(str, self.ndims))
            raise ValueError(f"{self.name} takes weights of {axes} axes; got shape {shape}")
        if unknown := [name for name in named if name not in self.arguments]:
            taken = f"takes {', '.join(self.arguments)}" if self.arguments else "takes no parameters"
            raise ValueError(f"{self.name} {taken}; got {', '.join(map(repr, unknown))}")
        for name in self.arguments:
            # What every set gives has no default.
            if name not in named and all(name in tried for tried in self.parameters):
                raise ValueError(f"{self.name} needs {name}: parameters={{{name!r}: ...}}")


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

# Where position alone decides, half types factorise, tails that torch would wait for in vain are as cheap as any
# interval, and a weight may be filled block by block. A default generator there is none.
_TAILS: tuple[dict[str, Any], ...] = ({"a": 8.0, "b": 12.0}, {"std": 0.02, "a": 0.5, "b": 1.0})
_MORE: dict[str, dict[str, Any]] = {
    "orthogonal_": {"dtypes": REAL},
    "trunc_normal_": {"parameters": (*FUNCTIONS["trunc_normal_"].parameters, *_TAILS)},
}
COUNTER_FUNCTIONS: dict[str, Function] = {
    name: replace(function, sources=("generator", "shards"), **_MORE.get(name, {}))
    for name, function in FUNCTIONS.items()
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
