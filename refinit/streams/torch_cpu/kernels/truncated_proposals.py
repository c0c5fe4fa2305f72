"""trunc_normal_ on the torch stream where torch proposes uniforms and accepts by the density (p <= 0.3).

Each round draws a whole tensor of candidates and, after it, a whole tensor of acceptance uniforms: two cursors walk
side by side.  ``masks`` as in ``truncated_redraws.py``, here without the entry for the last sixteen.
"""

from numpy import float32, float64, int64, uint16, uint32, uint64

from ....kernels.cpu.formats import FORMATS
from ....kernels.cpu.pointers import as_pointer, load, loop, offset, stack, store
from ....kernels.math.cephes import log_float32
from ....kernels.math.interval import below, spread
from ....kernels.math.intrinsics import libm_log
from ..math.uniform import low24, low53
from .uniform import pair
from .words import next_words, skip

TILE = 624
TILE_WORDS = 2 * TILE  # a float64 takes two


def _sample_of(name):
    """A uniform on [low, high) as torch stores and reads it back: rounded to the element type."""
    fmt = FORMATS[name]
    encode, equal = fmt.encode, fmt.equal

    @loop
    def sample_double(words, j, low, high):
        width = high - low
        return below(spread(low53(pair(as_pointer(words, uint64), j)), low, width), low, high)

    @loop
    def sample(words, j, low, high):
        width = float32(high - low)
        value = encode(spread(low24(load(words, j)), low, width))
        return encode(low) if equal(value, encode(high)) else value

    return sample_double if name == "float64" else sample


def _log_density_of(name):
    fmt = FORMATS[name]
    real, encode, decode = fmt.real, fmt.encode, fmt.decode

    @loop
    def log_density(x, mean, std, peak):
        """-((x - mean) / std)^2 / 2 - peak, every operation rounded to the element type, as torch's in-place chain."""
        t = decode(encode(real(x - mean)))
        t = decode(encode(real(t / std)))
        t = decode(encode(real(t * t)))
        t = decode(encode(real(t * real(-0.5))))
        return decode(encode(real(t - peak)))

    return log_density


def _rejects_of(name):
    fmt = FORMATS[name]
    real, encode, decode = fmt.real, fmt.encode, fmt.decode
    # How far the quick float32 logarithm can be from the one torch compares, relatively and absolutely
    relative = 0.01 if fmt.real is not fmt.memory else 1e-5

    @loop
    def rejects(w, density):
        """Whether log(w) > density: torch's "pending"."""
        if w == real(0):
            return False
        quick = float64(log_float32(float32(w)))
        gap = quick - float64(density)
        if abs(gap) > relative * abs(quick) + 1e-6:
            return gap > 0.0
        exact = decode(encode(real(libm_log(float64(w)))))
        return exact > density

    return rejects


def _round(name, is_first):
    """One round over a chunk; ``is_first``: the first one, in which all are pending and all candidates are written."""
    fmt = FORMATS[name]
    real, decode = fmt.real, fmt.decode
    words_per_real = 2 if name == "float64" else 1
    sample, log_density, rejects = _sample_of(name), _log_density_of(name), _rejects_of(name)

    @loop
    def tile(words, accept_words, out, n, low, high, mean, std, peak, masks):
        pending = uint16(0)
        for b in range((n + 15) // 16):
            mask = uint32(0xFFFF) if is_first else uint32(load(masks, b))
            rejected = uint32(0)
            if mask != 0:
                for j in range(min(16, n - 16 * b)):
                    if (mask >> uint32(j)) & uint32(1) != 0:
                        i = 16 * b + j
                        value = sample(words, i, low, high)
                        store(out, i, value)
                        density = log_density(decode(value), mean, std, peak)
                        w = decode(sample(accept_words, i, real(0), real(1)))
                        if rejects(w, density):
                            rejected |= uint32(uint32(1) << uint32(j))
            store(masks, b, uint16(rejected))
            pending |= uint16(rejected)
        return pending

    @loop
    def any_pending(masks, n):
        pending = uint16(0)
        for b in range((n + 15) // 16):
            pending |= load(masks, b)
        return pending != 0

    def whole_round(cursor, accept_cursor, out, n, low, high, mean, std, peak, masks):
        words, accept_words = stack(uint32, TILE_WORDS), stack(uint32, TILE_WORDS)
        pending = uint16(0)
        done = int64(0)
        while done < n:
            run = min(TILE, n - done)
            tile_masks = offset(masks, done // 16)
            if is_first or any_pending(tile_masks, run):
                next_words(cursor, words, run * words_per_real)
                next_words(accept_cursor, accept_words, run * words_per_real)
                target = offset(out, done)
                pending |= tile(words, accept_words, target, run, low, high, mean, std, peak, tile_masks)
            else:
                skip(cursor, run * words_per_real)
                skip(accept_cursor, run * words_per_real)
            done += run
        return int64(pending)

    return whole_round


KERNELS = {f"rejected_first_{name}": _round(name, True) for name in FORMATS}
KERNELS |= {f"rejected_again_{name}": _round(name, False) for name in FORMATS}
