"""The shape of a launch, within CUDA's limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from ..memory.violations import (
    DivergentBarrier,
)
from ..syntax.model import Instruction, Kernel

#: CUDA's limits (CUDA C++ Programming Guide, "Technical Specifications per Compute Capability").
MOST_THREADS = 1024
MOST_ALONG = (1024, 1024, 64)
MOST_BLOCKS = (2**31 - 1, 65535, 65535)

Sizes = tuple[int, int, int]


@dataclass(frozen=True)
class Shape:
    """Blocks of the grid and threads of a block, along x, y and z."""

    grid: Sizes
    block: Sizes

    @property
    def blocks(self) -> int:
        """How many blocks."""
        x, y, z = self.grid
        return x * y * z

    @property
    def threads(self) -> int:
        """How many threads a block has."""
        x, y, z = self.block
        return x * y * z


def place(index: int, sizes: Sizes) -> Sizes:
    """The coordinates of a linear index, x first."""
    x, y, _ = sizes
    return index % x, index // x % y, index // (x * y)


def shaped(kernel: Kernel, grid: int | Sequence[int], block: int | Sequence[int]) -> Shape:
    """The launch's shape, within CUDA's limits and those that the kernel states."""
    shape = Shape(_three(grid), _three(block))
    for name, sizes, limits in (("grid", shape.grid, MOST_BLOCKS), ("block", shape.block, MOST_ALONG)):
        if any(not 1 <= size <= limit for size, limit in zip(sizes, limits, strict=True)):
            raise ValueError(f"expected a {name} of at most {limits}, got {sizes}")
    most = min(kernel.most_threads or MOST_THREADS, MOST_THREADS)
    if shape.threads > most:
        raise ValueError(f"expected at most {most} threads in a block, got {shape.threads}")
    if kernel.required_threads and shape.block != kernel.required_threads:
        raise ValueError(f"expected blocks of {kernel.required_threads}, got {shape.block}")
    return shape


def _three(sizes: int | Sequence[int]) -> Sizes:
    given = (sizes,) if isinstance(sizes, int) else tuple(sizes)
    if not 1 <= len(given) <= 3:
        raise ValueError(f"expected one to three sizes, got {given}")
    x, y, z = (*given, 1, 1)[:3]
    return x, y, z


def raise_divergence(
    kernel: Kernel,
    shape: Shape,
    block: int,
    statuses: npt.NDArray[np.int32],
    barriers: Sequence[Instruction],
) -> NoReturn:
    """Say where the threads of a block are when they are not all at one barrier."""
    groups: list[Any] = []
    for status in np.unique(statuses):
        threads = np.flatnonzero(statuses == status)
        one = barriers[status - 1]
        where = f"at line {one.line} ({one.text})" if status else "at the end"
        groups.append(f"{threads.size} {where}, the first {place(int(threads[0]), shape.block)}")
    who = f"{kernel.name}: block {place(block, shape.grid)}"
    raise DivergentBarrier(f"{who}: its threads are at different places: {'; '.join(groups)}")
