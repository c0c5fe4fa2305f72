"""How much a recipe may ask for, whoever wrote it."""

from __future__ import annotations

import os

#: Of the JSON text; parsed, it takes some ten times as much.
LARGEST_TEXT = 1 << 28
#: Of names, of which a hub's largest models have some fifty characters.
LONGEST_NAME = 1024
#: Of remarks: the line of code that a step comes from, the call in the user's words.
LONGEST_REMARK = 1 << 16
#: Those that NumPy broadcasts; an array may have 64.
MOST_AXES = 32
#: Nested lists of operands.
DEEPEST = 4
#: Where the system does not say how much there is.
_UNKNOWN_MEMORY = 1 << 34


def machine_memory() -> int:
    """Bytes of memory that this machine has: what recipes may take where nothing else was told."""
    if not hasattr(os, "sysconf"):  # Windows
        return _UNKNOWN_MEMORY
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
