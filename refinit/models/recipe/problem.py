"""What is wrong with a recipe, and where."""

from __future__ import annotations

import reprlib

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60


class RecipeError(ValueError):
    """A recipe that is none, or that cannot be carried out: the place, what was expected, what came, what to do."""

    __module__ = "refinit"

    def __init__(self, place: str, expected: str, came: str = "", advice: str = "") -> None:
        text = f"{place}: expected {expected}" if place else f"expected {expected}"
        super().__init__(text + (f", got {came}" if came else "") + (f"; {advice}" if advice else ""))
        self.place = place


def shown(value: object) -> str:
    """A value in a message, shortened."""
    return _short.repr(value)


def listed(names: object) -> str:
    """Some names in a message."""
    return ", ".join(sorted(map(str, names)))  # type: ignore[call-overload]
