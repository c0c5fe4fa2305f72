"""What the tables of kernels for CPUs and for CUDA share; plain Python, so that a warm process needs no numba."""

from collections.abc import Iterable
from typing import TypeVar

#: The formats of floating-point numbers in memory.
FLOATS = ("float32", "float64", "float16", "bfloat16")

Kernel = TypeVar("Kernel")


def enter(table: dict[str, Kernel], kernels: Iterable[tuple[str, Kernel]]) -> dict[str, Kernel]:
    """Enters kernels into a target's table, and returns them by name.

    Raises
    ------
    ValueError
        If the table has another kernel of that name.
    """
    own = {}
    for name, kernel in kernels:
        if table.setdefault(name, kernel) != kernel:
            raise ValueError(f"expected one kernel of the name {name}, got {kernel} beside {table[name]}")
        own[name] = kernel
    return own
