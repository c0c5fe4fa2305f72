"""Laws without chance: constants, identities and Dirac kernels."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..dtypes import Element
from .law import Law, interned


@dataclass(frozen=True, slots=True)
class Constant(Law):
    """Every element is ``value``, a number that the element type holds (see ``streams/fixed/held.py``)."""

    value: complex
    ready: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # type: ignore[misc]
    random: ClassVar[bool] = False


_constants: dict[tuple[type, Any], Constant] = {}
_bits = struct.Struct("d").pack


def constant(value: complex) -> Constant:
    """``Constant(value)``, of plain numbers the same object for the same bits: what is ready with it stays ready."""
    kind = type(value)
    if kind is not float and kind is not int:
        return Constant(value)
    key = (kind, _bits(value) if kind is float else value)
    return _constants.get(key) or interned(_constants, key, Constant(value))


@dataclass(frozen=True, slots=True)
class Eye(Law):
    """Ones on the diagonal, zeros elsewhere."""

    random: ClassVar[bool] = False

    def check(self, element: Element, _size: int) -> None:
        """All but the wide unsigned integers, as in torch."""
        if element.kind == "u" and element.itemsize > 1:
            raise NotImplementedError(
                f"\"eye\" not implemented for '{element.scalar}': expected any type but uint16, uint32 and uint64, "
                f"got {element.name}"
            )


@dataclass(frozen=True, slots=True)
class Dirac(Law):
    """In each of ``groups`` groups of output channels, channel d passes input channel d at the kernel's centre."""

    groups: int
    random: ClassVar[bool] = False
