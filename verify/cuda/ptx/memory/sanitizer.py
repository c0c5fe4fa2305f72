"""The check behind every memory access: the region that it lies in, its rights there, and its races.

Compiled by numba, called by the translated kernel with bare pointers. Each granule of memory (an element of an
array, a byte of shared memory) remembers the last writer, reader and atomic access as tags, and counts its writes.
Two accesses of different threads race unless both read, both are atomic, or a barrier of their block lies between.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import cfunc, njit, types

from . import violations as p

#: Columns of the table of regions. Its first row holds their number.
START, STOP, SHIFT, GRANULE, ROLE, SHADOW = range(6)
COLUMNS = 6
#: Columns of the shadow.
WRITER, READER, ATOMIC_USER, WRITES = range(4)
#: A log entry: problem, instruction, tag, address, the other's tag. The log's first word counts all violations.
ENTRY_WORDS, MAX_ENTRIES = 5, 20
SEVERAL_THREADS = (1 << p.THREAD_BITS) - 1
SEVERAL_BLOCKS = -1


def _record(log: Any, problem: int, index: int, tag: int, address: int, other: int) -> int:
    """Add a violation to the log; returns 0, the null address."""
    count = log[0]
    log[0] = count + 1
    if count < MAX_ENTRIES:
        entry = 1 + ENTRY_WORDS * count
        log[entry] = problem
        log[entry + 1] = index
        log[entry + 2] = tag
        log[entry + 3] = address
        log[entry + 4] = other
    return 0


record = njit(_record)


def _conflicts(old: int, tag: int) -> bool:
    """Whether an earlier access by `old` and one by `tag` are not ordered by a barrier."""
    if old in (0, tag):
        return False
    return (old >> 31) != (tag >> 31) or (old >> 11) == (tag >> 11)


conflicts = njit(_conflicts)


def _merged(old: int, tag: int) -> int:
    """The tag of all threads that read (or used atomically) since the last barrier."""
    if old in (0, tag):
        return tag
    if (old >> 31) != (tag >> 31):
        return SEVERAL_BLOCKS
    return old | SEVERAL_THREADS if (old >> 11) == (tag >> 11) else tag


merged = njit(_merged)


def _check_granule(shadow: Any, base: int, role: int, access: int, tag: int) -> tuple[int, int]:
    """The problem with one granule, or -1, and the tag it is with; records the access in the shadow."""
    writer, reader, user = shadow[base + WRITER], shadow[base + READER], shadow[base + ATOMIC_USER]
    uninitialized = writer == 0 and user == 0 and shadow[base + WRITES] == 0
    racing = 0
    if conflicts(writer, tag):
        racing = writer
    elif access != p.ATOMIC and conflicts(user, tag):
        racing = user
    elif access in (p.WRITE, p.ATOMIC) and conflicts(reader, tag):
        racing = reader
    if access in (p.READ, p.READ_NONCOHERENT):
        shadow[base + READER] = merged(reader, tag)
    elif access == p.ATOMIC:
        shadow[base + ATOMIC_USER] = merged(user, tag)
        shadow[base + WRITES] += 1
    else:
        shadow[base + WRITER] = tag
        shadow[base + WRITES] += 1
    # PTX promises no zeros in shared memory or an output, also not to an atomic operation.
    if access != p.WRITE and uninitialized and role in (p.OUTPUT, p.BLOCK_SHARED):
        return p.UNINITIALIZED, 0
    if racing != 0:
        return p.RACE, racing
    if role == p.OUTPUT and access == p.WRITE and shadow[base + WRITES] > 1:
        return p.WRITTEN_TWICE, 0
    return -1, 0


check_granule = njit(_check_granule)


def _forbidden(role: int, access: int, space: int) -> int:
    """The problem with an access to memory of that role, or -1."""
    if (space == p.SHARED and role != p.BLOCK_SHARED) or (space == p.GLOBAL and role == p.BLOCK_SHARED):
        return p.WRONG_SPACE
    if role == p.INPUT and access in (p.WRITE, p.ATOMIC):
        return p.WRITTEN_INPUT
    if role == p.UNSAMPLED and access != p.WRITE:
        return p.READ_UNSAMPLED
    return p.NONCOHERENT_WRITABLE if access == p.READ_NONCOHERENT and role != p.INPUT else -1


forbidden = njit(_forbidden)


def _region_of(table: Any, address: int, size: int) -> int:
    """The row of the region that holds all bytes of an access, or 0."""
    for row in range(1, table[0] + 1):
        columns = row * COLUMNS
        if table[columns + START] <= address and address + size <= table[columns + STOP]:
            return row
    return 0


region_of = njit(_region_of)


def _access(
    table: Any,
    shadow: Any,
    log: Any,
    address: int,
    size: int,
    access: int,
    space: int,
    index: int,
    tag: int,
) -> Any:
    """The host's address of what may be accessed, or 0."""
    if access == p.LOCAL_FAULT:
        return record(log, p.LOCAL_OUT_OF_BOUNDS, index, tag, address, 0)
    if access == p.FUEL_FAULT:
        return record(log, p.ENDLESS_LOOP, index, tag, address, 0)
    if address % size != 0:
        return record(log, p.MISALIGNED, index, tag, address, 0)
    row = region_of(table, address, size) * COLUMNS
    if row == 0:
        return record(log, p.OUT_OF_BOUNDS, index, tag, address, 0)
    role = table[row + ROLE]
    problem = forbidden(role, access, space)
    if problem >= 0:
        return record(log, problem, index, tag, address, 0)
    if role == p.UNSAMPLED:
        return 0
    first = (address - table[row + START]) >> table[row + GRANULE]
    last = (address + size - 1 - table[row + START]) >> table[row + GRANULE]
    for granule in range(first, last + 1):
        problem, other = check_granule(shadow, table[row + SHADOW] + 4 * granule, role, access, tag)
        if problem >= 0:
            return record(log, problem, index, tag, address, other)
    return address + table[row + SHIFT]


@cache
def compiled_check() -> Any:
    """Compile the check; the result must stay alive as long as code that calls its `address`."""
    pointer, word = types.CPointer(types.int64), types.int64
    return cfunc(word(pointer, pointer, pointer, *[word] * 6))(_access)


def new_log() -> npt.NDArray[np.int64]:
    """An empty log."""
    return np.zeros(1 + ENTRY_WORDS * MAX_ENTRIES, np.int64)
