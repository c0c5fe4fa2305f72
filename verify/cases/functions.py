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
    """What an initializer accepts, and the parameter sets it is tried with.

    `keywords` are refinit's own, which torch lacks; where `beyond` has sets with them, these are tried, too.
    """

    name: str
    dtypes: tuple[str, ...]
    ndims: tuple[int, ...] | None
    parameters: tuple[dict[str, Any], ...] = ({},)
    random: bool = True
    sources: tuple[str, str] = ("generator", "default")
    accepts: Callable[[Shape, dict[str, Any]], bool] = field(default=lambda shape, parameters: True)
    keywords: tuple[str, ...] = ()
    beyond: tuple[dict[str, Any], ...] = ()

    def takes(self, layer: Layer) -> bool:
        """Whether a weight of that shape can be filled at all."""
        return self.ndims is None or len(layer.shape) in self.ndims

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Its parameters by name: some set tries each."""
        names = dict.fromkeys(name for named in self.parameters for name in named)
        return (*names, *self.keywords)

    def answers(self, named: dict[str, Any]) -> bool:
        """Whether who is tried with this knows these parameters, refinit's own among them."""
        return bool(self.beyond) or not any(name in self.keywords for name in named)

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

_AXES = ("in_axis", "out_axis")

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
        Function("xavier_uniform_", FLOATING, _MATRIX, _GAINS, keywords=_AXES),
        Function("xavier_normal_", FLOATING, _MATRIX, _GAINS, keywords=_AXES),
        Function("kaiming_uniform_", FLOATING, _MATRIX, _KAIMING, keywords=_AXES),
        Function("kaiming_normal_", FLOATING, _MATRIX, _KAIMING, keywords=_AXES),
        Function("orthogonal_", ("float32", "float64"), _MATRIX, ({}, {"gain": sqrt(2.0)}, {"gain": 0.5})),
        Function(
            "sparse_",
            FLOATING,
            (2,),
            ({"sparsity": 0.1}, {"sparsity": 0.9}, {"sparsity": 1 / 3, "std": 1.0}, {"sparsity": 0.5}),
        ),
    )
}

# JAX's and Keras's (*kernel, in, out); a matrix used as x @ w; several axes each, as of attention's projections.
_LAST: dict[str, Any] = {"in_axis": -2, "out_axis": -1}
_FIRST: dict[str, Any] = {"in_axis": 0, "out_axis": 1}
_SEVERAL: dict[str, Any] = {"in_axis": (0, 2), "out_axis": (-1,)}
_BEYOND: dict[str, tuple[dict[str, Any], ...]] = {
    "xavier_uniform_": ({"gain": 5.0 / 3, **_LAST}, _SEVERAL),
    "xavier_normal_": (_LAST, {"gain": sqrt(2.0), **_SEVERAL}),
    "kaiming_uniform_": (_LAST, {"mode": "fan_out", **_FIRST}, {"nonlinearity": "relu", **_SEVERAL}),
    "kaiming_normal_": ({"nonlinearity": "relu", **_LAST}, {"mode": "fan_out", **_SEVERAL}, _FIRST),
}


def beyond_torch(function: Function) -> Function:
    """The same of refinit, which takes parameters that torch lacks."""
    return replace(function, beyond=_BEYOND.get(function.name, ()))


# Where position alone decides, half types factorise, and tails that torch would wait for in vain are as cheap as any
# interval.
_TAILS: tuple[dict[str, Any], ...] = ({"a": 8.0, "b": 12.0}, {"std": 0.02, "a": 0.5, "b": 1.0})
_BY_POSITION: dict[str, dict[str, Any]] = {
    "orthogonal_": {"dtypes": REAL},
    "trunc_normal_": {"parameters": (*FUNCTIONS["trunc_normal_"].parameters, *_TAILS)},
}


def by_position(function: Function) -> Function:
    """The same on the counter stream, which fills a weight block by block and is nobody's default generator."""
    own = beyond_torch(function)
    return replace(own, sources=("generator", "shards"), **_BY_POSITION.get(function.name, {}))


class _Changed(Mapping[str, Function]):
    """FUNCTIONS with a change, also those that are added later."""

    def __init__(self, change: Callable[[Function], Function]) -> None:
        self.change = change

    def __getitem__(self, name: str) -> Function:
        return self.change(FUNCTIONS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(FUNCTIONS)

    def __len__(self) -> int:
        return len(FUNCTIONS)


REFINIT_FUNCTIONS: Mapping[str, Function] = _Changed(beyond_torch)
COUNTER_FUNCTIONS: Mapping[str, Function] = _Changed(by_position)

# What torch makes of a negative or fractional constant in an unsigned or boolean weight is no matter of laws.
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64", "bool")


def parameter_sets(function: Function, shape: Shape, dtype: str) -> tuple[dict[str, Any], ...]:
    """The parameter sets that make sense for that weight."""
    return tuple(
        parameters
        for parameters in function.parameters
        if function.accepts(shape, parameters) and not (dtype in _UNSIGNED and parameters.get("val", 0) < 0)
    )
