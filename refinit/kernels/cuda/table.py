"""The CUDA kernels and the types of their arguments; plain Python, so that a warm process needs no numba.

Whoever has the body of a kernel declares it, in a ``table.py`` beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..math.philox_constants import ROUNDS
from ..table import enter

#: "u64" and so on, or that many of it in a tuple, which become parameters of their own.
Argument = str | tuple[str, int]

#: The round keys of Philox (``kernels/math/philox.py``), two for each round.
KEYS = ("u32", 2 * ROUNDS)


@dataclass(frozen=True)
class Kernel:
    """``module`` that defines it, the types of its arguments, and the threads of its blocks."""

    name: str
    module: str
    arguments: tuple[Argument, ...]
    block: int = 256


#: Those that are declared; ``streams/all_kernels.py`` imports every table.
KERNELS: dict[str, Kernel] = {}


def declare(*kernels: Kernel) -> dict[str, Kernel]:
    """Enters kernels into ``KERNELS``, and returns them by name; ValueError for a name that another one has."""
    return enter(KERNELS, ((kernel.name, kernel) for kernel in kernels))
