"""Laws without chance: constants, identities and Dirac kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..dtypes import Element
from .law import Law


@dataclass(frozen=True, slots=True)
class Constant(Law):
    """Every element is ``value``, a number that the element type holds (see ``dtypes.held_value``)."""

    value: complex
    random: ClassVar[bool] = False


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
