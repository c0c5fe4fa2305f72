"""The memory of one MT19937, as kernels and their callers see it; plain Python, so that a warm process needs no numba.

624 uint32 key words and the position behind them (the "cursor"), padded; then two float64, the waiting normal and
whether there is one (the "cache").
"""

CURSOR_WORDS = 628
CURSOR_BYTES = 4 * CURSOR_WORDS
CACHE_WORDS = 4
