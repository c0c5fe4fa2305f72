"""The global memory of a launch: arrays, each with a role, and windows of arrays too large to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .violations import INOUT, INPUT, OUTPUT, UNSAMPLED, Unwritten

#: Bytes between the addresses of allocations: each lies beyond 32 bits, and far from every other.
ALLOCATION_STRIDE = 1 << 44
#: Bytes of the widest vector: windows of sampled memory begin and end at multiples of it.
MAX_VECTOR_BYTES = 32
#: Bytes that CUDA's own allocations, and shared memory, begin at multiples of.
ALIGNMENT = 256
#: Every byte of memory that nothing was written to: NaN as a float, -1 as an integer.
POISON = 0xFF


@dataclass(frozen=True)
class Region:
    """A range of device addresses of one role, with the host's array behind it if there is one."""

    start: int
    stop: int
    role: int
    array: npt.NDArray[Any] | None
    #: log2 of the bytes that are checked as one.
    granule: int
    #: Writes to each granule, by all launches so far.
    writes: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Allocation:
    """Global memory: its device address, and the regions it consists of."""

    address: int
    bytes: int
    regions: tuple[Region, ...]

    def pointer(self, offset: int = 0) -> Pointer:
        """A pointer to a byte of it."""
        return Pointer(self, offset)

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """The arrays behind it, in order of address: one, or the windows of sampled memory."""
        return tuple(region.array for region in self.regions if region.array is not None)


@dataclass(frozen=True)
class Pointer:
    """An offset into an allocation; as a kernel's argument it becomes an address."""

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
        return self._array(array, INPUT, skew)

    def output(self, array: npt.NDArray[Any], skew: int = 0) -> Allocation:
        """An array of which every element must be written, once, before it is read."""
        return self._array(array, OUTPUT, skew)

    def inout(self, array: npt.NDArray[Any], skew: int = 0) -> Allocation:
        """An array that is read and written, only checked for races."""
        return self._array(array, INOUT, skew)

    def sampled(
        self, dtype: npt.DTypeLike, size: int, windows: Sequence[tuple[int, int]], skew: int = 0
    ) -> Allocation:
        """An output of `size` elements of which only windows [start, stop) are held.

        What is written elsewhere in it is dropped; every element of a window must be written once.
        """
        itemsize = np.dtype(dtype).itemsize
        address, regions, end = self._next_address(skew), [], 0
        for start, stop in windows:
            if not end <= start < stop <= size:
                raise ValueError(f"expected ascending windows within {size} elements, got {list(windows)}")
            for edge in (start, stop):
                if edge < size and (edge * itemsize + skew) % MAX_VECTOR_BYTES:
                    raise ValueError(
                        f"expected edges at multiples of {MAX_VECTOR_BYTES} bytes, got element {edge}"
                    )
            regions.append(_unsampled_region(address, end * itemsize, start * itemsize))
            array = poisoned(np.empty(stop - start, dtype))
            regions.append(_array_region(address + start * itemsize, array, OUTPUT))
            end = stop
        regions.append(_unsampled_region(address, end * itemsize, size * itemsize))
        return self._add(address, size * itemsize, regions)

    def _array(self, array: npt.NDArray[Any], role: int, skew: int) -> Allocation:
        if not array.flags.c_contiguous or (role != INPUT and not array.flags.writeable):
            raise ValueError("expected a contiguous array, writeable unless it is an input")
        for region in self.regions:
            shared = region.array is not None and np.may_share_memory(region.array, array)
            if shared and (role, region.role) != (INPUT, INPUT):
                raise ValueError("expected separate arrays, got one that shares memory with another")
        address = self._next_address(skew)
        return self._add(address, array.nbytes, [_array_region(address, array, role)])

    def _next_address(self, skew: int) -> int:
        """An address for a new allocation, `skew` bytes beyond a multiple of 256, as a slice may begin."""
        return ALLOCATION_STRIDE * (len(self.allocations) + 1) + skew

    def _add(self, address: int, size: int, regions: Sequence[Region]) -> Allocation:
        non_empty = tuple(
            region for region in regions if region.array is not None or region.stop > region.start
        )
        self.allocations.append(Allocation(address, size, non_empty))
        return self.allocations[-1]

    @property
    def regions(self) -> list[Region]:
        """All regions."""
        return [region for allocation in self.allocations for region in allocation.regions]

    def check_written(self) -> None:
        """Raise Unwritten if an element of an output has not been written."""
        for number, allocation in enumerate(self.allocations):
            for region in allocation.regions:
                missing = np.flatnonzero(region.writes == 0) if region.role == OUTPUT else region.writes[:0]
                if missing.size:
                    first = (region.start - allocation.address >> region.granule) + int(missing[0])
                    raise Unwritten(
                        f"allocation {number}: {missing.size} elements are never written, the first is {first}"
                    )


def poisoned(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array, with every byte set to POISON."""
    array.view(np.uint8)[...] = POISON
    return array


def aligned(size: int) -> npt.NDArray[np.uint8]:
    """That many bytes of POISON, from a multiple of ALIGNMENT on."""
    buffer = poisoned(np.empty(size + ALIGNMENT, np.uint8))
    start = -int(buffer.ctypes.data) % ALIGNMENT
    return buffer[start : start + size]


def _array_region(address: int, array: npt.NDArray[Any], role: int) -> Region:
    size = array.itemsize // (2 if array.dtype.kind == "c" else 1)
    granule = (size & -size).bit_length() - 1
    writes = np.zeros(array.nbytes >> granule, np.int64)
    return Region(address, address + array.nbytes, role, array, granule, writes)


def _unsampled_region(address: int, start: int, stop: int) -> Region:
    return Region(address + start, address + stop, UNSAMPLED, None, 0, np.zeros(0, np.int64))


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
