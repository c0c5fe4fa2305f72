"""The bytes of torch's own state (``streams/torch_cpu/state.py``), taken and given back; of small fills in one call.

The state as uint64: the seed; ``left`` and ``seeded``, 32 bits each; ``next``, 32 bits; 624 key words; then float64: 0,
the waiting normal, 0; and whether one waits, 32 bits.
"""

from numpy import float64, int64, uint32, uint64

from ....kernels.cpu.pointers import as_pointer, load, loop, offset, stack, store
from ..math.layout import CACHE_WORDS, CURSOR_WORDS
from ..math.mt19937 import WORDS
from .normal import KERNELS as NORMAL
from .uniform import KERNELS as UNIFORM
from .words import position, set_position

ENGINE_WORDS = CURSOR_WORDS + CACHE_WORDS
COUNTS, NEXT, KEY, WAITING, VALID = 1, 2, 3, 628, 630
LOW = uint64(0xFFFFFFFF)


@loop
def take(state, cursor):
    """Whether it is a state that seeds and fills reach; its key words, position and waiting normal."""
    counts = load(state, COUNTS)
    left, following = int64(counts & LOW), int64(load(state, NEXT) & LOW)
    fresh = (left == 1) & (following == 0)
    reachable = (left >= 1) & (left <= WORDS) & (fresh | (left + following == WORDS + 1))
    waits = load(state, VALID) & LOW != uint64(0)
    # of a fresh state only words may be drawn: it would stay one if the waiting normal was all that is
    if (not reachable) | (counts >> uint64(32) == uint64(0)) | (fresh & waits):
        return False
    for j in range(WORDS):
        store(cursor, j, uint32(load(state, KEY + j)))
    set_position(cursor, int64(WORDS) if fresh else following)
    cache = as_pointer(offset(cursor, CURSOR_WORDS), float64)
    store(cache, 0, load(as_pointer(state, float64), WAITING))
    store(cache, 1, 1.0 if waits else 0.0)
    return True


@loop
def give_back(state, cursor):
    index = position(cursor)
    store(state, COUNTS, uint64(WORDS + 1 - index) | (uint64(1) << uint64(32)))
    store(state, NEXT, uint64(index))
    for j in range(WORDS):
        store(state, KEY + j, uint64(load(cursor, j)))
    cache, normals = as_pointer(offset(cursor, CURSOR_WORDS), float64), as_pointer(state, float64)
    waits = load(cache, 1) != 0.0
    store(normals, WAITING, load(cache, 0) if waits else 0.0)
    store(state, VALID, uint64(1) if waits else uint64(0))


def _on_state(fill):
    fill = loop(fill)

    def run(state, out, n, first, second):
        """1, and nothing written, for a state that ``take`` does not."""
        cursor = stack(uint32, ENGINE_WORDS)
        if not take(state, cursor):
            return int64(1)
        fill(cursor, out, n, first, second)
        give_back(state, cursor)
        return int64(0)

    return run


def take_state(state, cursor):
    """1, and nothing to draw from, for a state that ``take`` does not."""
    return int64(0) if take(state, cursor) else int64(1)


def give_state(state, cursor):
    give_back(state, cursor)


KERNELS = {"take_torch_state": take_state, "give_torch_state": give_state}
KERNELS |= {
    f"torch_state_{name}": _on_state(fill)
    for name, fill in {**UNIFORM, **NORMAL}.items()
    if name.startswith(("uniform_", "normal_few_"))
}
