"""A case: one call of one initializer on one weight."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from math import prod
from typing import Any

from .formats import FORMATS
from .functions import FUNCTIONS
from .layouts import LAYOUTS
from .models import Shape

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
        pairs = self.parameters.items() if isinstance(self.parameters, Mapping) else self.parameters
        object.__setattr__(self, "parameters", tuple(pairs))
        self._check()

    def __repr__(self) -> str:
        """Python text that makes it, without what goes without saying."""
        optional = {entry.name: entry.default for entry in fields(self)[2:]}
        values = {name: getattr(self, name) for name in optional if getattr(self, name) != optional[name]}
        if self.parameters:
            values["parameters"] = self.named
        text = ", ".join(f"{name}={value!r}" for name, value in values.items())
        return f"{type(self).__name__}({self.function!r}, {self.shape}{', ' if text else ''}{text})"

    def _check(self) -> None:
        _require("function", self.function, FUNCTIONS)
        _require("dtype", self.dtype, FORMATS)
        _require("layout", self.layout, LAYOUTS)
        _require("source", self.source, SOURCES)
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


def _require(field: str, name: str, allowed: Collection[str]) -> None:
    if name not in allowed:
        raise ValueError(f"expected a {field} among {', '.join(allowed)}; got {name!r}")


def _lengths(shape: Any) -> Shape:
    try:
        return tuple(int(length) for length in shape)
    except (TypeError, ValueError):
        raise TypeError(f"expected a shape such as (96, 64), got {shape!r}") from None
