"""A subject around another one, which does whatever the outer one does not define."""

from __future__ import annotations

from ..cases.case import Case
from ..laws.streams import TORCH
from .base import Filled, Subject


class Wrapped(Subject):
    """`base` under another name; a subclass defines what differs."""

    name, stream = "wrapped", TORCH  # each one has its base's

    def __init__(self, base: Subject) -> None:
        self.base = base
        classes = type(self).__mro__
        defined = {name for kind in classes[: classes.index(Wrapped)] for name in vars(kind)}
        for name in dir(base):
            if not (name.startswith("_") or name in defined):
                setattr(self, name, getattr(base, name))

    def fill(self, case: Case, seed: int) -> Filled:
        """The base's fill."""
        return self.base.fill(case, seed)
