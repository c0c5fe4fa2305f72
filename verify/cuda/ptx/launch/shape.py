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
MAX_THREADS = 1024
MAX_BLOCK_DIM = (1024, 1024, 64)
MAX_GRID_DIM = (2**31 - 1, 65535, 65535)

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


def coordinates(index: int, sizes: Sizes) -> Sizes:
    """The coordinates of a linear index, x first."""
    x, y, _ = sizes
    return index % x, index // x % y, index // (x * y)


def shape_of(kernel: Kernel, grid: int | Sequence[int], block: int | Sequence[int]) -> Shape:
    """The launch's shape, within CUDA's limits and those that the kernel states."""
    shape = Shape(_triple(grid), _triple(block))
    for name, sizes, limits in (("grid", shape.grid, MAX_GRID_DIM), ("block", shape.block, MAX_BLOCK_DIM)):
        if any(not 1 <= size <= limit for size, limit in zip(sizes, limits, strict=True)):
            raise ValueError(f"expected a {name} of at most {limits}, got {sizes}")
    limit = min(kernel.max_threads or MAX_THREADS, MAX_THREADS)
    if shape.threads > limit:
        raise ValueError(f"expected at most {limit} threads in a block, got {shape.threads}")
    if kernel.required_threads and shape.block != kernel.required_threads:
        raise ValueError(f"expected blocks of {kernel.required_threads}, got {shape.block}")
    return shape


def _triple(sizes: int | Sequence[int]) -> Sizes:
    extents = (sizes,) if isinstance(sizes, int) else tuple(sizes)
    if not 1 <= len(extents) <= 3:
        raise ValueError(f"expected one to three sizes, got {extents}")
    x, y, z = (*extents, 1, 1)[:3]
    return x, y, z


def raise_divergence(
    kernel: Kernel,
    shape: Shape,
    block: int,
    statuses: npt.NDArray[np.int32],
    barriers: Sequence[Instruction],
) -> NoReturn:
    """Raise DivergentBarrier, which names the barriers that the threads of a block wait at."""
    groups: list[Any] = []
    for status in np.unique(statuses):
        threads = np.flatnonzero(statuses == status)
        barrier = barriers[status - 1]
        position = f"at line {barrier.line} ({barrier.text})" if status else "at the end"
        groups.append(f"{threads.size} {position}, the first {coordinates(int(threads[0]), shape.block)}")
    header = f"{kernel.name}: block {coordinates(block, shape.grid)}"
    raise DivergentBarrier(f"{header}: its threads are at different places: {'; '.join(groups)}")
