"""sparse_: in each column, zeros at the places of a random subset, by all threads at once.

Step j of Floyd's algorithm (``math/subset.py``) takes its last place instead of the one that it draws if an earlier
step has drawn the same, or has taken just that as its own last place.  So it is enough to know for each place which
step draws it *first*: whether a step takes its last place follows by a walk to earlier steps, which goes on only where
a step is the first to draw a place, and that is an earlier step's last one: by a chance of a half at most.  (The walk
comes to a step by a last place that nobody has drawn till then, so it never stays.)  A place is in the subset if a step
draws it, or takes it as its last.
"""

from numba import cuda
from numpy import uint16, uint32, uint64

from .....kernels.cuda.intrinsics import inlined, load, store, store_minimum
from ...math.subset import mask_number, place_up_to

#: No step has drawn the place.
_UNDRAWN = uint32(0xFFFFFFFF)


@inlined
def _draw(index, marks, mark_steps, column, rows, size, fill, keys):
    row_mark, column_mark = mark_steps
    c = uint32(index // size)
    step = uint32(index - uint32(c * size))
    number = mask_number((column + uint64(c)) * rows + uint64(step), fill, keys)
    place = place_up_to(rows - uint64(size) + uint64(step), number)
    store_minimum(marks + uint64(c) * column_mark + place * row_mark, step)


def draw_subset(count, marks, mark_steps, column, rows, size, fill, keys):
    """Leaves in each place's mark which step draws it first; one step a thread, ``size`` for each column."""
    index = uint64(cuda.grid(1))
    if index < uint64(count):
        _draw(uint32(index), marks, mark_steps, column, rows, size, fill, keys)


@inlined
def _is_in_subset(place, marks, row_mark, base, numbers, fill, keys):
    """Whether the subset of the column whose marks and numbers begin there has the place."""
    if load(marks + place * row_mark, uint32) != _UNDRAWN:
        return True
    while place >= base:
        step = place - base
        candidate = place_up_to(place, mask_number(numbers + step, fill, keys))
        if uint64(load(marks + candidate * row_mark, uint32)) < step:
            return True
        place = candidate
    return False


def _clear(word):
    width = uint64(word(0).nbytes)

    @inlined
    def clear_one(row, c, out, steps, parts, marks, mark_steps, origin, zero, rows, size, fill, keys):
        row_step, column_step = steps
        row_mark, column_mark = mark_steps
        first_row, column = origin
        first_number, base = (column + c) * rows, rows - uint64(size)
        marks += c * column_mark
        if _is_in_subset(first_row + row, marks, row_mark, base, first_number, fill, keys) == (
            zero != uint32(0)
        ):
            place = out + row * row_step + c * column_step
            store(place, word(0))
            if parts == uint32(2):
                store(place + width, word(0))

    @inlined
    def clear_at(index, inner, by_columns, *arguments):
        outer = uint32(index // inner)
        within = uint32(index - uint32(outer * inner))
        row, c = (within, outer) if by_columns != uint32(0) else (outer, within)
        clear_one(uint64(row), uint64(c), *arguments)

    def clear_subset(
        count, inner, by_columns, out, steps, parts, marks, mark_steps, origin, zero, rows, size, fill, keys
    ):
        """Zeros, one element a thread, where the subset has a place (``zero`` = 1) or has none (0).

        ``inner``: the length of the axis that lies closer in memory, the rows of a column if ``by_columns``.
        Pairs are those of rows and columns: steps in the block, steps in the marks, where the block begins.
        """
        index = uint64(cuda.grid(1))
        if index < uint64(count):
            place = out, steps, parts, marks, mark_steps, origin, zero, rows, size, fill, keys
            clear_at(uint32(index), inner, by_columns, *place)

    return clear_subset


KERNELS = {"draw_subset": draw_subset}
for _word in (uint16, uint32, uint64):
    KERNELS[f"clear_subset_{8 * _word(0).nbytes}"] = _clear(_word)
