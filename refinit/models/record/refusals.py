"""What a recording refuses, as it is found: at once, or only if the state turns out to depend on it."""

from __future__ import annotations

from dataclasses import dataclass

from ..recipe.steps import View


class Unrepresentable(Exception):
    """A tensor or argument that the step format has no word for."""


class Refused(NotImplementedError):
    """What a constructor does that a recipe cannot say."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A step that cannot be written down: refused if the state depends on it, else without consequence."""

    reason: str
    out: View
    where: str

    def refusal(self, name: str) -> Refused:
        """The error, where ``name`` of the state depends on this step."""
        return refused(f"{name} depends on {self.reason}", self.where)


def refused(reason: str, where: str) -> Refused:
    """The error that names a line of the constructor."""
    return Refused(f"cannot record this constructor: {reason}, at {where or 'a place unknown'}")
