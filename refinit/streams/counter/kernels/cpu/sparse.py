"""sparse_ on the counter stream: in each column, zeros at the places of a subset that every other equals in chance."""

from numpy import int64, uint8, uint16, uint32, uint64

from .....kernels.cpu.pointers import as_pointer, load, loop, offset, store, store_bytes
from .....kernels.math.philox import round_keys
from ...math.positions import LANES
from ...math.subset import mask_numbers, place_up_to
from .elementwise import Tile, run_of


@loop
def _numbers(out, number, fill, key, parameters):
    for lane in range(LANES):
        lower, upper = mask_numbers(number, uint64(lane), fill, round_keys(key))
        store(out, lane, lower)
        store(out, lane + LANES, upper)


_next_numbers = run_of(Tile(2 * LANES, _numbers), uint64)


@loop
def mark_subset(marks, step, numbers, rows, size):
    """Marks ``size`` of ``rows`` places, ``step`` bytes apart, by Floyd's algorithm (``math/subset.py``)."""
    for j in range(size):
        last = rows - size + j
        place = int64(place_up_to(uint64(last), load(numbers, j)))
        place = last if load(marks, place * step) != uint8(0) else place
        store(marks, place * step, uint8(1))


def _sparse(word):
    """``word``: what memory is written in; an element is ``units`` of them."""
    width = word(0).nbytes

    @loop
    def clear_row(row, marks, columns, column_step, units, zero):
        if column_step == width and units == 1:
            dense = as_pointer(row, word)
            for c in range(columns):
                store(dense, c, load(dense, c) if load(marks, c) != zero else word(0))
            return
        for c in range(columns):
            if load(marks, c) == zero:
                for unit in range(units):
                    store_bytes(row, c * column_step + unit * width, word(0))

    def sparse(
        state,
        out,
        column,
        columns,
        row,
        rows,
        all_rows,
        size,
        zero,
        row_step,
        column_step,
        units,
        panel,
        marks,
        numbers,
    ):
        """``panel``: columns at once; their marks take that many bytes in each row."""
        key, fill = load(state, 0), load(state, 1)
        done = int64(0)
        while done < columns:
            count = min(panel, columns - done)
            for i in range(all_rows * panel):
                store(marks, i, uint8(0))
            for c in range(count):
                _next_numbers(numbers, (column + done + c) * all_rows, size, fill, key, ())
                mark_subset(offset(marks, c), panel, numbers, all_rows, size)
            for r in range(rows):
                place = offset(out, r * row_step + done * column_step)
                clear_row(place, offset(marks, (row + r) * panel), count, column_step, units, uint8(zero))
            done += count

    return sparse


KERNELS = {
    f"counter_sparse_{bits}": _sparse(word)
    for bits, word in ((8, uint8), (16, uint16), (32, uint32), (64, uint64))
}
