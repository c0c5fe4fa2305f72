"""Arithmetic of parameters that have no numbers yet: noted as torch's operations, for replay to do."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ....laws.arguments import type_name


class Arithmetic:
    """Operators that make a new parameter, and methods that change this one."""

    __slots__ = ()

    def mul_(self, other: Any) -> Self:
        """Notes that it is multiplied, by a number or another parameter."""
        return self._changed("mul", other)

    def div_(self, other: Any) -> Self:
        """Notes that it is divided."""
        return self._changed("div", other)

    def add_(self, other: Any) -> Self:
        """Notes that a number or another parameter is added."""
        return self._changed("add", other)

    def sub_(self, other: Any) -> Self:
        """Notes that a number or another parameter is subtracted."""
        return self._changed("sub", other)

    def clamp_(self, min: float | None = None, max: float | None = None) -> Self:  # noqa: A002 - torch's names
        """Notes that it is cut to an interval."""
        return self.note("clamp", self, min, max)

    def __mul__(self, other: Any) -> Self:
        return self._result("mul", self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Self:
        return self._result("div", self, other)

    def __add__(self, other: Any) -> Self:
        return self._result("add", self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Self:
        return self._result("sub", self, other)

    def __neg__(self) -> Self:
        return self._result("neg", self)

    def _changed(self, name: str, other: Any) -> Self:
        shape = self._shape_of(other)
        if np.broadcast_shapes(self.shape, shape) != self.shape:
            raise RuntimeError(f"expected a shape that can be broadcast to {self.shape}, got {shape}")
        return self.note(name, self, other)

    def _result(self, name: str, *operands: Any) -> Self:
        return self.new(np.broadcast_shapes(*map(self._shape_of, operands))).note(name, *operands)

    def _shape_of(self, operand: Any) -> tuple[int, ...]:
        if isinstance(operand, Arithmetic):
            if operand.dtype != self.dtype:
                raise TypeError(f"expected a parameter of {self.dtype}, got one of {operand.dtype}")
            return operand.shape
        if not isinstance(operand, numbers.Real):
            raise TypeError(f"expected a number or a Parameter, got {type_name(operand)}")
        return ()

    if TYPE_CHECKING:  # of Parameter

        @property
        def shape(self) -> tuple[int, ...]:
            """As of an array."""

        @property
        def dtype(self) -> str:
            """The name of the element type."""

        def note(self, function: str, *operands: Any, **arguments: Any) -> Self:
            """Notes a write to it."""

        def new(self, shape: tuple[int, ...]) -> Self:
            """One of the same type."""
