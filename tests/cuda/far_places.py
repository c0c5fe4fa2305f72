"""Memory of more elements than there is: pieces of it, and the blocks of threads that write them."""

from contextlib import contextmanager

import numpy as np

import refinit
from refinit import Shard
from refinit.devices import device as devices
from tests.cuda.standins import AtAddress, flat
from tests.tables.counter_streams import at_fill
from tests.tables.places import dtype_of
from verify.cuda.executors import PtxDevice
from verify.cuda.ptx import run

SIZE = 2**33 + 49
#: Bytes that a block of threads of a wide kernel fills.
BLOCK = 256 * 4 * 16
#: Elements at the beginning, around 2**31, 2**32 and 2**33, and at the end.
WINDOWS = ((0, 96), (2**31 - 64, 2**31 + 64), (2**32 - 64, 2**32 + 64), (2**33 - 192, SIZE))


class Sampled(PtxDevice):
    """It holds these windows of SIZE + 1 elements, times `apart`, and runs the blocks that write into them."""

    def __init__(self, dtype, apart=1, **options):
        super().__init__(sanitize=True, **options)
        self.dtype, self.apart = dtype_of(dtype), apart
        self.windows = [
            (apart * first, apart * stop) for first, stop in (*WINDOWS[:-1], (WINDOWS[-1][0], SIZE + 1))
        ]
        word = self.dtype if self.dtype.kind == "c" else f"u{self.dtype.itemsize}"
        self.held = self.memory.sampled(word, apart * (SIZE + 1), self.windows)

    def run(self, kernel, grid, block, arguments):
        real = self.dtype.itemsize // (2 if self.dtype.kind == "c" else 1)
        reach = BLOCK if kernel.startswith("wide") else block * real * self.apart
        start, chosen = int(arguments[0]) - self.held.address, set()
        for window in self.windows:
            first, stop = ((edge * self.dtype.itemsize - start) // reach for edge in window)
            chosen.update(range(max(first - 1, 0), min(stop + 2, grid[0])))
        place = kernel, grid, block, flat(arguments), self.memory, sorted(chosen)
        run(self.text_of(kernel), *place, complete=False, allow=self.allow)


@contextmanager
def shown(device, skip=0):
    """An array of SIZE elements of the device's memory, of which the first few are skipped."""
    size, address = device.dtype.itemsize, device.held.address
    with devices.reached_by(lambda place: device):
        yield AtAddress(address + skip * size, (SIZE,), (device.apart * size,), device.dtype.str)


def fill(call, tensor):
    call.on(refinit, tensor, at_fill(7, 2**63 + 11))


def found_and_expected(device, call, dtype, skip=0):
    """The part of each window that the array has, and the same part by the CPU."""
    for (first, stop), memory in zip(WINDOWS, device.held.arrays, strict=True):
        begin, end = max(first - skip, 0), min(stop - skip, SIZE)
        piece = np.empty(end - begin, dtype_of(dtype))
        fill(call, Shard(piece, (SIZE,), (begin,)))
        yield memory[:: device.apart][begin + skip - first :][: end - begin], piece
