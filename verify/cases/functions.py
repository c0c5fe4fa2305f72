"""The functions that are tried: what each accepts, and the sets of parameters it is tried with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import sqrt
from typing import Any

from .formats import ANY, FLOATING, REAL
from .models import Layer, Shape


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
            arguments = ", ".join(self.arguments) or "no parameters"
            raise ValueError(f"{self.name} takes {arguments}; got {', '.join(map(repr, unknown))}")
        for name in self.arguments:
            # What every set gives has no default.
            if name not in named and all(name in parameters for parameters in self.parameters):
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

# A function of somebody else's is added by name; its law goes into laws.reference.LAWS.
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

# Where position alone decides, half types factorise, and tails that torch would wait for in vain are as cheap as any
# interval.
_TAILS: tuple[dict[str, Any], ...] = ({"a": 8.0, "b": 12.0}, {"std": 0.02, "a": 0.5, "b": 1.0})
_BY_POSITION: dict[str, dict[str, Any]] = {
    "orthogonal_": {"dtypes": REAL},
    "trunc_normal_": {"parameters": (*FUNCTIONS["trunc_normal_"].parameters, *_TAILS)},
}


def by_position(function: Function) -> Function:
    """The same on the counter stream, which fills a weight block by block and is nobody's default generator."""
    return replace(function, sources=("generator", "shards"), **_BY_POSITION.get(function.name, {}))


class _ByPosition(Mapping[str, Function]):
    """FUNCTIONS by position, also those that are added later."""

    def __getitem__(self, name: str) -> Function:
        return by_position(FUNCTIONS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(FUNCTIONS)

    def __len__(self) -> int:
        return len(FUNCTIONS)


COUNTER_FUNCTIONS: Mapping[str, Function] = _ByPosition()

# What torch makes of a negative or fractional constant in an unsigned or boolean weight is no matter of laws.
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64", "bool")


def parameter_sets(function: Function, shape: Shape, dtype: str) -> tuple[dict[str, Any], ...]:
    """The parameter sets that make sense for that weight."""
    return tuple(
        parameters
        for parameters in function.parameters
        if function.accepts(shape, parameters) and not (dtype in _UNSIGNED and parameters.get("val", 0) < 0)
    )
