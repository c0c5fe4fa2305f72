"""CUDA devices as fills see them; how one is reached is exchangeable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from .._fork import undivided


class CudaPlace(NamedTuple):
    """Where CUDA memory lies and in which order it is worked on: a device's number, and a stream's handle."""

    ordinal: int
    stream: int


class Device(Protocol):
    """One CUDA device and one of its streams. Work is put on the stream and not waited for."""

    @property
    def multiprocessors(self) -> int:
        """How many streaming multiprocessors it has."""

    @property
    def threads_per_multiprocessor(self) -> int:
        """How many threads may reside on one of them."""

    def load(self, *kernels: str) -> None:
        """Makes kernels ready: what fills with several has them all, or raises, before the first of them writes."""

    def launch(self, kernel: str, grid: tuple[int, int], block: int, arguments: Sequence[Any]) -> None:
        """Runs the kernel of that name (``kernels/cuda/table.py``) with ``block`` threads in each of its blocks.

        Numbers and flat tuples of numbers; they are converted to the types that the table states.
        """

    def scratch(self, size: int) -> AbstractContextManager[int]:
        """The address of that many bytes, a multiple of 256, for work put on the stream inside the context."""


def _open_by_driver(place: CudaPlace) -> Device:
    with undivided():
        from . import driver  # where an executor opens devices, nobody needs it

    return driver.opened(place)


def _locate_by_driver(pointer: int) -> int:
    with undivided():
        from . import driver

    return driver.ordinal_of(pointer)


_open: Callable[[CudaPlace], Device] = _open_by_driver
_locate: Callable[[int], int] = _locate_by_driver


def opened(place: CudaPlace) -> Device:
    """The device at a place."""
    return _open(place)


def located(pointer: int) -> int:
    """The number of the device whose memory is there."""
    return _locate(pointer)


@contextmanager
def reached_by(
    open_device: Callable[[CudaPlace], Device], locate: Callable[[int], int] = lambda pointer: 0
) -> Iterator[None]:
    """Lets ``open_device`` open devices, and ``locate`` find them, meanwhile: for executors that need no GPU."""
    global _open, _locate
    previous = _open, _locate
    _open, _locate = open_device, locate
    try:
        yield
    finally:
        _open, _locate = previous
