"""Runs of a contiguous buffer to and from strided memory, in memory order (see ``arrays/walks/memory.py``)."""

from numpy import int64, uint8, uint16, uint32, uint64

from ..pointers import load, load_bytes, loop, offset, stack, store, store_bytes

SIDE = 16  # of a tile: a cache line of float32
MAX_AXES = 66  # NumPy's 64, one for the parts of a complex number, one to spare


@loop
def start_at(coordinates, shape, strides, axes, start):
    """Coordinates of flat index ``start``; their byte offset."""
    rest, address = start, int64(0)
    for back in range(axes):
        axis = axes - 1 - back
        size = load(shape, axis)
        store(coordinates, axis, rest % size)
        address += (rest % size) * load(strides, axis)
        rest //= size
    return address


@loop
def carry(coordinates, shape, strides, axes, address):
    """From the end of an innermost run to the start of the next."""
    axis = axes - 1
    while axis > 0 and load(coordinates, axis) >= load(shape, axis):
        address -= load(coordinates, axis) * load(strides, axis)
        store(coordinates, axis, int64(0))
        axis -= 1
        store(coordinates, axis, load(coordinates, axis) + 1)
        address += load(strides, axis)
    return address


def _transfer(copy):
    def transfer(buffer, memory, axes, shape, strides, start, count):
        coordinates = stack(int64, MAX_AXES)
        address = start_at(coordinates, shape, strides, axes, start)
        inner, step = load(shape, axes - 1), load(strides, axes - 1)
        done = int64(0)
        while done < count:
            index = load(coordinates, axes - 1)
            run = min(inner - index, count - done)
            copy(offset(buffer, done), memory, address, step, run)
            done += run
            store(coordinates, axes - 1, index + run)
            address = carry(coordinates, shape, strides, axes, address + run * step)

    return transfer


def _scatter(element):
    width = element(0).nbytes

    @loop
    def scatter_run(buffer, memory, address, step, run):
        if step == width:  # said apart, so that it vectorises
            for j in range(run):
                store_bytes(memory, address + j * width, load(buffer, j))
            return
        for j in range(run):
            store_bytes(memory, address + j * step, load(buffer, j))

    return _transfer(scatter_run)


def _gather(element):
    @loop
    def gather_run(buffer, memory, address, step, run):
        for j in range(run):
            store(buffer, j, load_bytes(memory, address + j * step, element))

    return _transfer(gather_run)


def _transpose(element):
    def transpose(buffer, memory, rows, columns, row_step, column_step):
        """memory[r, c] = buffer[r, c] where memory's rows lie closer than its columns: 16 x 16 at a time."""
        for row in range(0, rows, SIDE):
            height = min(SIDE, rows - row)
            for column in range(0, columns, SIDE):
                for c in range(column, min(column + SIDE, columns)):
                    address = row * row_step + c * column_step
                    for r in range(height):
                        store_bytes(memory, address + r * row_step, load(buffer, (row + r) * columns + c))

    return transpose


_WIDTHS = {8: uint8, 16: uint16, 32: uint32, 64: uint64}
KERNELS = {f"scatter_{bits}": _scatter(element) for bits, element in _WIDTHS.items()}
KERNELS |= {f"gather_{bits}": _gather(element) for bits, element in _WIDTHS.items()}
KERNELS |= {f"transpose_{bits}": _transpose(element) for bits, element in _WIDTHS.items()}
