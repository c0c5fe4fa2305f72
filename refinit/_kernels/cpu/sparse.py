"""sparse_ on the torch stream: for each column the first elements of a random permutation of its rows become 0."""

from numpy import int64, uint8, uint16, uint32, uint64

from ..._core.intrinsics import core, high_product
from ..._core.mt19937 import WORDS, tempered
from ..pointers import load, offset, store
from .words import loop, position, set_position, skip, twist


@core
def remainder(word, divisor, reciprocal):
    """word mod divisor, exactly, with reciprocal = ceil(2**64 / divisor) mod 2**64 (Lemire, Kaser & Kurz 2019, Software:
    Practice and Experience 49(6), theorem 1).  Divisor 1 has the reciprocal 0, and so every remainder is 0.
    """
    return uint32(high_product(uint64(uint64(word) * reciprocal), uint64(divisor)))


@loop
def next_word(cursor):
    at = position(cursor)
    if at >= WORDS:
        twist(cursor)
        at = int64(0)
    set_position(cursor, at + 1)
    return tempered(load(cursor, at))


@loop
def shuffle_head(cursor, rows, head, permutation, reciprocals):
    """torch's randperm: the Fisher-Yates swaps that settle the first ``head`` places; the other words pass by."""
    for i in range(rows):
        store(permutation, i, uint32(i))
    steps = min(head, rows - 1)
    for i in range(steps):
        z = i + int64(remainder(next_word(cursor), uint32(rows - i), load(reciprocals, i)))
        swapped = load(permutation, i)
        store(permutation, i, load(permutation, z))
        store(permutation, z, swapped)
    if rows > 1:
        skip(cursor, rows - 1 - steps)


def _sparse(zero):
    def sparse(cursor, out, columns, rows, row_step, column_step, units, zeros, permutation, reciprocals):
        """``out``'s steps are in units of its type; an element is ``units`` of them."""
        for c in range(columns):
            shuffle_head(cursor, rows, zeros, permutation, reciprocals)
            column = offset(out, c * column_step)
            for i in range(zeros):
                element = offset(column, int64(load(permutation, i)) * row_step)
                for k in range(units):
                    store(element, k, zero(0))

    return sparse


KERNELS = {"sparse_8": _sparse(uint8), "sparse_16": _sparse(uint16), "sparse_32": _sparse(uint32)}
KERNELS["sparse_64"] = _sparse(uint64)
