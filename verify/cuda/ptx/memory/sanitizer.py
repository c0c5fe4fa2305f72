"""The check behind every memory access: whose memory it is, whether the access is right, who else was there.

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
START, STOP, SHIFT, GRANULE, KIND, SHADOW = range(6)
COLUMNS = 6
#: Columns of the shadow.
WRITER, READER, ATOMIC_USER, WRITES = range(4)
#: A log entry: problem, instruction, tag, address, the other's tag. The log's first word counts them.
ENTRY, ENTRIES = 5, 20
MANY_THREADS = (1 << p.THREAD_BITS) - 1
SEVERAL_BLOCKS = -1


def _note(log: Any, problem: int, where: int, tag: int, address: int, other: int) -> int:
    """Write down a violation; returns 0, the address of nothing."""
    count = log[0]
    log[0] = count + 1
    if count < ENTRIES:
        at = 1 + ENTRY * count
        log[at] = problem
        log[at + 1] = where
        log[at + 2] = tag
        log[at + 3] = address
        log[at + 4] = other
    return 0


note = njit(_note)


def _conflicts(old: int, tag: int) -> bool:
    """Whether an earlier access by `old` and one by `tag` are not ordered by a barrier."""
    if old in (0, tag):
        return False
    return (old >> 31) != (tag >> 31) or (old >> 11) == (tag >> 11)


conflicts = njit(_conflicts)


def _joined(old: int, tag: int) -> int:
    """The tag of all who read (or used atomically) since the last barrier."""
    if old in (0, tag):
        return tag
    if (old >> 31) != (tag >> 31):
        return SEVERAL_BLOCKS
    return old | MANY_THREADS if (old >> 11) == (tag >> 11) else tag


joined = njit(_joined)


def _judged(shadow: Any, at: int, kind: int, access: int, tag: int) -> tuple[int, int]:
    """The problem with one granule, or -1, and whom it is with; remembers the access."""
    writer, reader, user = shadow[at + WRITER], shadow[at + READER], shadow[at + ATOMIC_USER]
    unwritten = writer == 0 and user == 0 and shadow[at + WRITES] == 0
    racing = 0
    if conflicts(writer, tag):
        racing = writer
    elif access != p.ATOMIC and conflicts(user, tag):
        racing = user
    elif access in (p.WRITE, p.ATOMIC) and conflicts(reader, tag):
        racing = reader
    if access in (p.READ, p.READ_CONSTANT):
        shadow[at + READER] = joined(reader, tag)
    elif access == p.ATOMIC:
        shadow[at + ATOMIC_USER] = joined(user, tag)
        shadow[at + WRITES] += 1
    else:
        shadow[at + WRITER] = tag
        shadow[at + WRITES] += 1
    # PTX promises no zeros in shared memory or an output, also not to an atomic operation.
    if access != p.WRITE and unwritten and kind in (p.OUTPUT, p.OWN):
        return p.UNWRITTEN, 0
    if racing != 0:
        return p.RACE, racing
    if kind == p.OUTPUT and access == p.WRITE and shadow[at + WRITES] > 1:
        return p.TWICE, 0
    return -1, 0


judged = njit(_judged)


def _misplaced(kind: int, access: int, space: int) -> int:
    """The problem with an access to memory of that kind, or -1."""
    if (space == p.SHARED and kind != p.OWN) or (space == p.GLOBAL and kind == p.OWN):
        return p.WRONG_SPACE
    if kind == p.INPUT and access in (p.WRITE, p.ATOMIC):
        return p.READ_ONLY
    if kind == p.ELSEWHERE and access != p.WRITE:
        return p.NOT_HELD
    return p.NOT_CONSTANT if access == p.READ_CONSTANT and kind != p.INPUT else -1


misplaced = njit(_misplaced)


def _region_of(table: Any, address: int, size: int) -> int:
    """The row of the region that holds all bytes of an access, or 0."""
    for row in range(1, table[0] + 1):
        at = row * COLUMNS
        if table[at + START] <= address and address + size <= table[at + STOP]:
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
    where: int,
    tag: int,
) -> Any:
    """The host's address of what may be accessed, or 0."""
    if access >= p.LOCAL:
        return note(log, p.OUTSIDE_LOCAL if access == p.LOCAL else p.NO_END, where, tag, address, 0)
    if address % size != 0:
        return note(log, p.MISALIGNED, where, tag, address, 0)
    row = region_of(table, address, size) * COLUMNS
    if row == 0:
        return note(log, p.OUTSIDE, where, tag, address, 0)
    kind = table[row + KIND]
    problem = misplaced(kind, access, space)
    if problem >= 0:
        return note(log, problem, where, tag, address, 0)
    if kind == p.ELSEWHERE:
        return 0
    first = (address - table[row + START]) >> table[row + GRANULE]
    last = (address + size - 1 - table[row + START]) >> table[row + GRANULE]
    for granule in range(first, last + 1):
        problem, other = judged(shadow, table[row + SHADOW] + 4 * granule, kind, access, tag)
        if problem >= 0:
            return note(log, problem, where, tag, address, other)
    return address + table[row + SHIFT]


@cache
def check() -> Any:
    """Compile the check; what it returns must stay alive as long as code that calls its `address`."""
    pointer, word = types.CPointer(types.int64), types.int64
    return cfunc(word(pointer, pointer, pointer, *[word] * 6))(_access)


def new_log() -> npt.NDArray[np.int64]:
    """An empty log."""
    return np.zeros(1 + ENTRY * ENTRIES, np.int64)
