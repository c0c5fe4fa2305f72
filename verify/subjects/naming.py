"""How a reproducer names a subject: by its name here, by its class elsewhere, or by asking the reader."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass

from .base import Subject

_PACKAGE = __package__.rpartition(".")[0]


@dataclass(frozen=True)
class Naming:
    """Python that imports what is needed, and the expression that makes the subject; none where only its user can."""

    imports: str
    expression: str

    def lines(self, *body: str, setup: str = "") -> tuple[str, ...]:
        """The body, in which `tried` is the subject; comments where nobody but the user has it."""
        first = f"{self.imports}; tried = {self.expression}" if self.imports else f"tried = {self.expression}"
        lines = tuple(line for line in (setup, first, *body) if line)
        return lines if self.imports else tuple(f"# {line}" for line in lines)


def naming(tried: Subject) -> Naming:
    """How to make that subject in another process."""
    from . import subject, unknown

    kind = type(tried)
    if not unknown(tried.name) and type(subject(tried.name)) is kind:
        return Naming(f"from {_PACKAGE}.subjects import subject", f"subject({tried.name!r})")
    home = None if kind.__module__ == "__main__" else sys.modules.get(kind.__module__)
    reachable = getattr(home, kind.__name__, None) is kind
    if reachable and not inspect.signature(kind).parameters:
        return Naming(f"from {kind.__module__} import {kind.__name__}", f"{kind.__name__}()")
    return Naming("", f"{kind.__name__}(...)")
