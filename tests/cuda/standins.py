"""Fills on devices that need no GPU, beside the same fills of NumPy arrays."""

from contextlib import ExitStack, contextmanager

import numpy as np

from refinit import Shard
from refinit.devices import device as devices
from tests.tables.places import SENTINEL, array_at, dtype_of
from verify.cuda.executors import CudaArray, PtxDevice, ptx_of
from verify.cuda.ptx import run

#: The layouts that tests/tables/places.py leaves to torch, which has no negative strides: rows and columns backwards.
BACKWARDS = (
    (slice(None, None, -1), slice(None)),
    (slice(None), slice(None, None, -1)),
    (slice(None, None, -2), slice(40, 3, -3)),
)


def checked():
    """A device that checks each access."""
    return PtxDevice(sanitize=True)


def flat(arguments):
    return [one for group in arguments for one in (group if isinstance(group, tuple) else [group])]


class Backwards(PtxDevice):
    """Its last thread begins."""

    def run(self, kernel, grid, block, arguments):
        values = flat(arguments)
        run(ptx_of(kernel), kernel, grid, block, values, self.memory, complete=False, backwards=True)


class Far(PtxDevice):
    """It runs only the first and the last blocks of a launch: for fills of more memory than there is."""

    def run(self, kernel, grid, block, arguments):
        assert grid[1] == 1
        blocks = sorted({*range(min(3, grid[0])), *range(max(0, grid[0] - 3), grid[0])})
        run(ptx_of(kernel), kernel, grid, block, flat(arguments), self.memory, blocks, complete=False)


class AtAddress:
    """CUDA memory that no array of the host shows."""

    def __init__(self, address, shape, strides, typestr="|u1"):
        facts = {"typestr": typestr, "version": 3, "data": (address, False)}
        self.__cuda_array_interface__ = facts | {"shape": shape, "strides": strides}


class WritingOnce(PtxDevice):
    """It refuses to write a byte twice, or to read one; ``writes`` counts them."""

    def __init__(self):
        super().__init__(sanitize=True)

    @contextmanager
    def holding(self, base):
        allocation = self.memory.output(base.reshape(-1).view(np.uint8))
        yield allocation.address - int(base.ctypes.data)
        self.memory.allocations.pop()
        (region,) = allocation.regions
        self.writes = region.writes


@contextmanager
def on(device, base):
    """A function that shows views of ``base``, dense memory, as arrays of the device."""
    with devices.reached_by(lambda place: device), device.holding(base) as distance:
        yield lambda view: CudaArray(view, distance)


def same(call, place, dtype, device=None):
    """Calls it on the same place of host memory and of a device's, and compares all around, too."""
    expected, found = (np.full(place.room * dtype_of(dtype).itemsize, SENTINEL, np.uint8) for _ in range(2))
    call(array_at(expected.data, place, dtype))
    device = device or checked()
    with on(device, found.view(dtype_of(dtype))) as shown:
        call(shown(array_at(found.data, place, dtype)))
    assert found.tobytes() == expected.tobytes()
    return device


def same_view(call, shape, index, dtype, device=None):
    """The same for a view of a dense array, ``call`` being given what lies at ``index``."""
    size = int(np.prod(shape)) * dtype_of(dtype).itemsize
    expected, found = (np.full(size, SENTINEL, np.uint8).view(dtype_of(dtype)) for _ in range(2))
    call(expected.reshape(shape)[index])
    device = device or checked()
    with on(device, found) as shown:
        call(shown(found.reshape(shape)[index]))
    assert found.tobytes() == expected.tobytes()
    return device


def block_by_block(call, shape, blocks, dtype):
    """Fills a dense array of a device by blocks, each a Shard that ``call`` is given, and returns it."""
    found = np.full(int(np.prod(shape)) * dtype_of(dtype).itemsize, SENTINEL, np.uint8).view(dtype_of(dtype))
    with ExitStack() as stack:
        shown = stack.enter_context(on(checked(), found))
        for block in blocks:
            offset = tuple(piece.start for piece in block)
            call(Shard(shown(found.reshape(shape)[block]), shape, offset))
    return found.reshape(shape)
