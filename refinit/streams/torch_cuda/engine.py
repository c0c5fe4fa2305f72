"""The state of torch's CUDA generator, and how a fill spreads over a GPU's threads: by it a stream is replayed."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from ...laws.arguments import integer_argument
from ..engine import Engine

#: torch's own serialisation of its CUDA generator: seed and offset, little endian.
_STATE = struct.Struct("<QQ")
_SEED_BYTES = 8
#: Threads in each of torch's blocks, and how much of the offset a call of cuRAND is counted as.
_BLOCK, _CALL = 256, 4
_WRAP = 2**64


class Geometry(NamedTuple):
    """The GPU of a fill: torch starts as many threads as it holds at once, and their number decides who draws what.

    ``multiprocessors`` and ``threads_per_multiprocessor`` as ``torch.cuda.get_device_properties`` states them.
    """

    multiprocessors: int
    threads_per_multiprocessor: int

    def threads(self, reals: int) -> int:
        """How many threads fill that many reals."""
        resident = self.multiprocessors * (self.threads_per_multiprocessor // _BLOCK)
        return _BLOCK * min(-(-reals // _BLOCK), resident)


class ThreadShare(NamedTuple):
    """A fill's part of the stream: real i is number i // ``threads`` of thread i mod ``threads``.

    Each thread makes ``calls`` calls of cuRAND, of which the first is its call number ``call`` since the seed.
    """

    threads: int
    call: int
    calls: int


class TorchCudaEngine(Engine):
    """Seed and offset. ``geometry``: the GPU whose stream is replayed, or None."""

    device_types = ("cpu", "cuda")

    def __init__(self, seed: int, geometry: Geometry | None) -> None:
        super().__init__()
        self.geometry: Geometry | None = geometry
        self.start(seed)

    def start(self, seed: int) -> None:
        """Starts the stream of a 64-bit seed."""
        self.restore(seed, 0)

    def restore(self, seed: int, offset: int) -> None:
        """Takes a saved state."""
        self.seed, self.offset = seed, offset

    def packed(self) -> bytes:
        """The 16 bytes of the state."""
        return _STATE.pack(self.seed, self.offset)

    def unpack(self, raw: bytes) -> None:
        """Takes a state from its 16 bytes, or from the seed's 8 alone.

        Raises
        ------
        RuntimeError
            If they are none.
        """
        if len(raw) == _SEED_BYTES:  # as torch saved it before it had offsets
            raw += bytes(_SEED_BYTES)
        if len(raw) != _STATE.size:
            raise RuntimeError(
                f"RNG state is wrong size: expected the {_STATE.size} bytes of a CUDA generator, got {len(raw)}"
            )
        seed, offset = _STATE.unpack(raw)
        if offset % _CALL:
            raise RuntimeError(f"offset must be a multiple of {_CALL}, got {offset}")
        self.restore(seed, offset)

    def take_call(self) -> int:
        """Takes one call of cuRAND of a thread alone: its number since the seed."""
        call = self.offset // _CALL
        self.offset = (self.offset + _CALL) % _WRAP
        return call

    def take_share(self, reals: int, per_call: int, geometry: Geometry) -> ThreadShare:
        """Takes the numbers of a fill of ``reals`` >= 1, of which a call of cuRAND gives ``per_call``, on that GPU."""
        threads = geometry.threads(reals)
        share = ThreadShare(threads, self.offset // _CALL, -(-reals // (threads * per_call)))
        self.offset = (self.offset + _CALL * share.calls) % _WRAP
        return share


def stated_geometry(multiprocessors: Any, threads_per_multiprocessor: Any) -> Geometry | None:
    """The arguments of ``Generator``, checked.

    Raises
    ------
    TypeError
        If one is missing, or no integer.
    ValueError
        If there is no multiprocessor, or no place on it for a block of threads.
    """
    if multiprocessors is None and threads_per_multiprocessor is None:
        return None
    if multiprocessors is None or threads_per_multiprocessor is None:
        raise TypeError(
            "expected both multiprocessors and threads_per_multiprocessor or neither, got "
            f"{multiprocessors!r} and {threads_per_multiprocessor!r}; for example, of an H100, 132 and 2048"
        )
    return Geometry(
        integer_argument(multiprocessors, "multiprocessors", 1),
        integer_argument(threads_per_multiprocessor, "threads_per_multiprocessor", _BLOCK),
    )
