"""Which names are meant: glob patterns, as of files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase


def selected(names: Sequence[str], only: str | Iterable[str] | None) -> list[str]:
    """The names that a pattern matches, in order; all of them if there is no pattern.

    Raises
    ------
    ValueError
        If a pattern matches none.
    """
    if only is None:
        return [*names]
    patterns = [only] if isinstance(only, str) else [*only]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            examples = ", ".join(repr(name) for name in names[:3]) or "none"
            raise ValueError(
                f"expected patterns of names in only, got {pattern!r}, which matches none of {len(names)}: {examples}"
                f"{', ...' if len(names) > 3 else ''}; * stands for any characters, dots too"
            )
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
