"""sparse_ on the torch stream: for each column the first elements of a random permutation of its rows become 0."""

from numpy import int64, uint8, uint16, uint32, uint64

from ....kernels.cpu.pointers import load, loop, offset, store
from ....kernels.math.integers import remainder
from .words import next_words, skip

GROUP = 32  # columns whose zeros are collected as bits before memory is touched, row by row


@loop
def shuffle_head(cursor, rows, head, permutation, words, inverses):
    """torch's randperm: the Fisher-Yates swaps that decide the first ``head`` places; the other words are skipped."""
    for i in range(rows):
        store(permutation, i, uint32(i))
    steps = min(head, rows - 1)
    next_words(cursor, words, steps)
    for i in range(steps):
        store(words, i, uint32(i + remainder(load(words, i), rows - i, load(inverses, i))))
    for i in range(steps):
        z = int64(load(words, i))
        swapped = load(permutation, i)
        store(permutation, i, load(permutation, z))
        store(permutation, z, swapped)
    if rows > 1:
        skip(cursor, rows - 1 - steps)


@loop
def zero_row(row, bits, width, column_step, units, zero):
    """Zeros the elements of one row whose bit is set."""
    for c in range(width):
        for k in range(units):
            place = c * column_step + k
            value = load(row, place)
            store(row, place, zero if (bits >> uint32(c)) & uint32(1) != 0 else value)


def _sparse(unit):
    zero = unit(0)

    def sparse(
        cursor, out, columns, rows, row_step, column_step, units, zeros, permutation, words, bits, inverses
    ):
        """``out``'s steps are in units of its type; an element is ``units`` of them; ``bits``: one word per row."""
        done = int64(0)
        while done < columns:
            width = min(GROUP, columns - done)
            for i in range(rows):
                store(bits, i, uint32(0))
            for c in range(width):
                shuffle_head(cursor, rows, zeros, permutation, words, inverses)
                for i in range(zeros):
                    row = int64(load(permutation, i))
                    store(bits, row, uint32(load(bits, row) | uint32(1 << c)))
            group = offset(out, done * column_step)
            for i in range(rows):
                row = offset(group, i * row_step)
                if units == 1 and column_step == 1 and width == GROUP:
                    zero_row(row, load(bits, i), GROUP, 1, 1, zero)  # known lengths make one vector of it
                else:
                    zero_row(row, load(bits, i), width, column_step, units, zero)
            done += width

    return sparse


KERNELS = {"sparse_8": _sparse(uint8), "sparse_16": _sparse(uint16), "sparse_32": _sparse(uint32)}
KERNELS["sparse_64"] = _sparse(uint64)
