"""sparse_'s random subsets: the numbers they are drawn by, and Floyd's algorithm (Bentley & Floyd 1987, CACM 30(9)).

A subset of ``size`` among ``rows`` places grows by one place a step.  Step j takes number ``rows`` c + j of the mask,
c being the column, and by it a place up to the *last*, rows - size + j; if the subset has that, then the last itself.
"""

from numpy import uint64

from ....kernels.math.intrinsics import core, multiply_high
from .positions import LANES, MASK, block_words, joined


@core
def mask_numbers(tile, lane, fill, keys):
    """The two uint64 of lane ``lane`` in a tile of 32: the mask's numbers ``lane`` and 16 + ``lane`` of the tile."""
    a, b, c, d = block_words(tile, lane, fill, uint64(MASK), keys)
    return joined(a, b), joined(c, d)


@core
def mask_number(index, fill, keys):
    """The mask's number ``index``."""
    tile, within = index // uint64(2 * LANES), index % uint64(2 * LANES)
    lower, upper = mask_numbers(tile, within % uint64(LANES), fill, keys)
    return lower if within < uint64(LANES) else upper


@core
def place_up_to(last, number):
    """uint64 -> uint64 in [0, last], each by a chance that is off by 2^-64 at most."""
    return multiply_high(number, uint64(last + uint64(1)))
