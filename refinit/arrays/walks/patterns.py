"""One pattern over runs of CUDA memory, sixteen bytes a thread."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...devices.device import Device
from .axes import INDEX_LIMIT
from .launches import launch_each

#: Bytes of a wide store, and what it needs to lie at a multiple of.
_STORE_BYTES = 16
#: Bytes of a run that one launch takes.
_LAUNCH_BYTES = 1 << 34


class Runs(NamedTuple):
    """``length`` runs of ``size`` bytes, ``stride`` bytes apart."""

    address: int
    size: int
    length: int = 1
    stride: int = 0

    @property
    def lines(self) -> int:
        """How many pieces of sixteen bytes, at multiples of that, hold a run."""
        alike = self.length == 1 or self.stride % _STORE_BYTES == 0
        skipped = self.address % _STORE_BYTES if alike else _STORE_BYTES - 1
        return -(-(skipped + self.size) // _STORE_BYTES)


def fill_runs(device: Device, runs: Runs, pattern: bytes) -> None:
    """Repeats a pattern of 1, 2, 4, 8 or 16 bytes in each run, from its beginning on."""
    address, size, length, stride = runs
    if size > _LAUNCH_BYTES:
        for offset in range(0, size, _LAUNCH_BYTES):
            for run in range(length):
                part = Runs(address + run * stride + offset, min(_LAUNCH_BYTES, size - offset))
                _launch_wide(device, part, pattern)
        return
    per_launch = INDEX_LIMIT // runs.lines
    for start in range(0, length, per_launch):
        part = Runs(address + start * stride, size, min(per_launch, length - start), stride)
        _launch_wide(device, part, pattern)


def fill_bytes(device: Device, address: int, size: int, pattern: bytes) -> None:
    """The same in one run."""
    fill_runs(device, Runs(address, size), pattern)


def _launch_wide(device: Device, runs: Runs, pattern: bytes) -> None:
    skew = -runs.address % len(pattern)
    line = (pattern[skew:] + pattern[:skew]) * (_STORE_BYTES // len(pattern))
    words = tuple(np.frombuffer(line, np.uint32).tolist())
    threads = runs.lines * runs.length
    arguments = runs.address, runs.size, runs.stride, runs.lines, threads, words
    launch_each(device, "wide_constant", threads, arguments)
