"""The global memory of a launch: arrays with what kernels may do to them, and pieces of arrays too large to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .violations import BOTH, ELSEWHERE, INPUT, OUTPUT, Unwritten

#: Each allocation begins a multiple of this above 0: beyond 32 bits, and far from every other.
DISTANCE = 1 << 44
#: Windows of sampled memory begin and end at multiples of this, the widest vector.
WIDEST = 32
#: What memory holds before anything is written: NaN as a float, -1 as an integer.
POISON = 0xFF


@dataclass(frozen=True)
class Region:
    """A range of device addresses of one kind, with the host's array behind it if there is one."""

    start: int
    stop: int
    kind: int
    array: npt.NDArray[Any] | None
    #: log2 of the bytes that are watched as one.
    granule: int
    #: Writes to each granule, by all launches so far.
    writes: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Allocation:
    """Global memory: its device address, and the regions it consists of."""

    address: int
    bytes: int
    regions: tuple[Region, ...]

    def at(self, offset: int = 0) -> Pointer:
        """A pointer to a byte of it."""
        return Pointer(self, offset)

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """The arrays behind it, in order of address: one, or the windows of sampled memory."""
        return tuple(region.array for region in self.regions if region.array is not None)


@dataclass(frozen=True)
class Pointer:
    """A place in an allocation; a kernel's argument becomes its address."""

    allocation: Allocation
    offset: int

    @property
    def device(self) -> int:
        """The address that a sanitized kernel works with."""
        return self.allocation.address + self.offset

    @property
    def host(self) -> int:
        """The address in this process."""
        if len(self.allocation.regions) != 1:
            raise ValueError("expected memory that is held whole, got sampled memory: run with sanitize=True")
        (array,) = self.allocation.arrays
        return int(array.ctypes.data) + self.offset


@dataclass
class Memory:
    """Allocations of one or more launches. Arrays are used in place, never copied."""

    allocations: list[Allocation] = field(default_factory=list)

    def input(self, array: npt.NDArray[Any], skew: int = 0) -> Allocation:
        """An array that is only read."""
        return self._whole(array, INPUT, skew)

    def output(self, array: npt.NDArray[Any], skew: int = 0) -> Allocation:
        """An array of which every element must be written, once, and read only by who has written it."""
        return self._whole(array, OUTPUT, skew)

    def both(self, array: npt.NDArray[Any], skew: int = 0) -> Allocation:
        """An array that is read and written, only watched for races."""
        return self._whole(array, BOTH, skew)

    def sampled(
        self, dtype: npt.DTypeLike, size: int, windows: Sequence[tuple[int, int]], skew: int = 0
    ) -> Allocation:
        """An output of `size` elements of which only windows [start, stop) are held.

        What is written elsewhere in it is dropped; every element of a window must be written once.
        """
        kind = np.dtype(dtype)
        address, regions, end = self._next(skew), [], 0
        for start, stop in windows:
            if not end <= start < stop <= size:
                raise ValueError(f"expected ascending windows within {size} elements, got {list(windows)}")
            for edge in (start, stop):
                if edge < size and (edge * kind.itemsize + skew) % WIDEST:
                    raise ValueError(f"expected edges at multiples of {WIDEST} bytes, got element {edge}")
            regions.append(_elsewhere(address, end * kind.itemsize, start * kind.itemsize))
            array = poisoned(np.empty(stop - start, kind))
            regions.append(_held(address + start * kind.itemsize, array, OUTPUT))
            end = stop
        regions.append(_elsewhere(address, end * kind.itemsize, size * kind.itemsize))
        return self._added(address, size * kind.itemsize, regions)

    def _whole(self, array: npt.NDArray[Any], kind: int, skew: int) -> Allocation:
        if not array.flags.c_contiguous or (kind != INPUT and not array.flags.writeable):
            raise ValueError("expected a contiguous array, writeable unless it is an input")
        for region in self.regions:
            shared = region.array is not None and np.may_share_memory(region.array, array)
            if shared and (kind, region.kind) != (INPUT, INPUT):
                raise ValueError("expected separate arrays, got one that shares memory with another")
        address = self._next(skew)
        return self._added(address, array.nbytes, [_held(address, array, kind)])

    def _next(self, skew: int) -> int:
        """An address for a new allocation, `skew` bytes beyond a multiple of 256, as a slice may begin."""
        return DISTANCE * (len(self.allocations) + 1) + skew

    def _added(self, address: int, size: int, regions: Sequence[Region]) -> Allocation:
        kept = tuple(region for region in regions if region.array is not None or region.stop > region.start)
        self.allocations.append(Allocation(address, size, kept))
        return self.allocations[-1]

    @property
    def regions(self) -> list[Region]:
        """All regions."""
        return [region for allocation in self.allocations for region in allocation.regions]

    def check_written(self) -> None:
        """Raise Unwritten if an element of an output has not been written."""
        for number, allocation in enumerate(self.allocations):
            for region in allocation.regions:
                missing = np.flatnonzero(region.writes == 0) if region.kind == OUTPUT else region.writes[:0]
                if missing.size:
                    first = (region.start - allocation.address >> region.granule) + int(missing[0])
                    raise Unwritten(
                        f"allocation {number}: {missing.size} elements are never written, the first is {first}"
                    )


def poisoned(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array, with every byte set to what nobody would write."""
    array.view(np.uint8)[...] = POISON
    return array


def _held(address: int, array: npt.NDArray[Any], kind: int) -> Region:
    size = array.itemsize // (2 if array.dtype.kind == "c" else 1)
    granule = (size & -size).bit_length() - 1
    writes = np.zeros(array.nbytes >> granule, np.int64)
    return Region(address, address + array.nbytes, kind, array, granule, writes)


def _elsewhere(address: int, start: int, stop: int) -> Region:
    return Region(address + start, address + stop, ELSEWHERE, None, 0, np.zeros(0, np.int64))


def array_arguments(
    pointer: Pointer, shape: Sequence[int], itemsize: int, strides: Sequence[int] | None = None
) -> list[Any]:
    """The parameters that numba passes for an array: two null pointers, size, item size, data, shape, strides.

    Strides in bytes; C order without them.
    """
    steps: list[int] = []
    step = itemsize
    for extent in reversed(shape):
        steps.insert(0, step)
        step *= extent
    size = step // itemsize
    return [0, 0, size, itemsize, pointer, *shape, *(steps if strides is None else strides)]
