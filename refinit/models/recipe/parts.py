"""What the step format is made of: buffers, views of them, literals, and the two kinds of steps.

=========  =====================================================================================================
Fill       an initializer with its arguments, of a view: ``normal_``, ``kaiming_uniform_``, ``zeros_``
Operation  a copy, a write of a literal, or arithmetic between views, literals and numbers, written to a view
=========  =====================================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory of one element type (``dtypes.ELEMENTS``), dense and in C order, that no step has written to yet."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Its number of elements."""
        return math.prod(self.shape)

    @property
    def whole(self) -> View:
        """All of it."""
        return View(self.name, 0, self.shape, dense_strides(self.shape))


@dataclass(frozen=True, slots=True)
class View:
    """Some elements of a buffer, as torch counts them: offset and strides in elements; strides are not negative."""

    buffer: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """Values that no random number reached; ``array`` is read-only, and broadcast where all elements are equal."""

    array: NDArray[Any]
    dtype: str


@dataclass(frozen=True, slots=True)
class Fill:
    """``refinit.<function>(out, **arguments)``, which draws from the generator if the initializer does.

    ``call``: the initializer that the user's code called, in its words; ``where``: that line of code.
    """

    function: str
    out: View
    arguments: Mapping[str, Any] = field(default_factory=dict)
    call: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """``out[...] = name(*operands, **options)``, one of ``replay/operations``; a view among the operands is read."""

    name: str
    out: View
    operands: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""


Step = Fill | Operation


def dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides, in elements, of a dense array in C order."""
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= max(length, 1)
    return tuple(reversed(strides))
