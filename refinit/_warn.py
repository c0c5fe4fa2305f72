"""Warnings that point at the user's own line, however deep inside refinit they arise."""

from __future__ import annotations

import sys
import warnings

_PACKAGE = __name__.partition(".")[0]


class RefinitWarning(UserWarning):
    """What torch has no warning for; those that torch has are of torch's categories.

    Examples
    --------
    >>> import warnings
    >>> import refinit as init
    >>> warnings.simplefilter("ignore", init.RefinitWarning)
    """


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warns as if the nearest caller outside refinit had done it."""
    level, frame = 1, sys._getframe(0)  # noqa: SLF001 - warnings.warn counts the same frames
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
