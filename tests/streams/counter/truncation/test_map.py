"""The truncated normal's quantile function, of every regime, against the law's CDF."""

from __future__ import annotations

from functools import cache

import ml_dtypes
import mpmath
import numba
import numpy as np
import pytest
from scipy.special import erfcx, ndtr

from refinit.kernels.math.halves import bfloat16_bits, float16_bits
from refinit.streams.counter.math import fitted, quantile
from refinit.streams.counter.math.regimes import FITTED, HEADS
from tests.tables.truncations import FAMILIES, INF, TYPES, Law, laws_of, ready

mp = mpmath.mp.clone()
mp.dps = 40  # an interval may be 1e-10 wide
HALVES = {"float16": (float16_bits, np.float16), "bfloat16": (bfloat16_bits, ml_dtypes.bfloat16)}


@numba.njit(error_model="numpy")
def mapped(function, words, block, out):
    for i in range(words.size):
        out[i] = function(words[i], block)
    return out


@cache
def some_words(bits: int, count: int) -> np.ndarray:
    """Ascending: random ones, both ends, and neighbours of powers of two from either end."""
    powers = {2**k + d for k in range(bits) for d in (-1, 0)}
    ends = powers | {2**bits - 1 - p for p in powers}
    random = np.random.default_rng(7).integers(0, 2**bits, count, np.uint64)
    words = np.union1d(random, np.array(sorted(ends), np.uint64))
    return words.astype(np.uint32 if bits == 32 else np.uint64)


@cache
def values(law: Law, name: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(u, x): the quantile function at some u, ascending, as the element type holds it, in float64."""
    regime, parameters, _, _ = ready(law, name)
    bits, real = (64, np.float64) if name == "float64" else (32, np.float32)
    numbers, head = tuple(map(real, parameters)), HEADS[regime]
    words = some_words(bits, count)
    function = getattr(fitted if regime in FITTED else quantile, f"{regime}{bits}")
    found = mapped(function, words, (numbers[:head], numbers[head:]), np.empty(words.size, real))
    if name in HALVES:
        encode, dtype = HALVES[name]
        found = np.array([encode(x) for x in found], np.uint16).view(dtype)
    u = ((words >> np.uint64(11)) + 0.5) * 2.0**-53 if bits == 64 else (words + 0.5) * 2.0**-32
    return (1 - u)[::-1] if law.mirrored else u, (found[::-1] if law.mirrored else found).astype(float)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


def cdf(law: Law, x: np.ndarray) -> np.ndarray:
    """The law's CDF in float64, good to about 1e-14: by quadrature, by erfcx in the tail, else by the normal CDF."""
    if law.mirrored:
        return 1 - cdf(law.mirror, -x)
    alpha, beta = (law.lo - law.mean) / law.std, (law.hi - law.mean) / law.std
    d, width = (x - law.lo) / law.std, (law.hi - law.lo) / law.std
    if width * (max(alpha, 0) + width / 2) < 5:

        def integral(upper):
            s = np.multiply.outer(upper, (NODES + 1) / 2)
            return upper * (np.exp(-s * (alpha + s / 2)) @ WEIGHTS)

        return integral(d) / integral(width)
    if alpha > 0:

        def ratio(d):
            return np.exp(-d * (alpha + d / 2)) * erfcx((alpha + d) / 2**0.5) / erfcx(alpha / 2**0.5)

        return (1 - ratio(d)) / (1 - (ratio(width) if np.isfinite(width) else 0.0))
    return (ndtr((x - law.mean) / law.std) - ndtr(alpha)) / (ndtr(beta) - ndtr(alpha))


@cache
def exact_tails(law: Law) -> tuple[mpmath.mpf, mpmath.mpf]:
    """2 Q(alpha) and 2 (Q(alpha) - Q(beta))."""
    a, b = ((mp.mpf(bound) - law.mean) / (law.std * mp.sqrt(2)) for bound in (law.lo, law.hi))
    return mp.erfc(a), mp.erfc(a) - mp.erfc(b)


def exact_cdf(law: Law, x: float) -> mpmath.mpf:
    if law.mirrored:
        return 1 - exact_cdf(law.mirror, -x)
    above, inside = exact_tails(law)
    return (above - mp.erfc((mp.mpf(float(x)) - law.mean) / (law.std * mp.sqrt(2)))) / inside


def step(x: np.ndarray, name: str) -> np.ndarray:
    """To the next value of the type, either way."""
    if name == "bfloat16":
        return np.maximum(np.abs(x), 1e-38) * 2.0**-7
    return np.spacing(np.abs(x).astype(np.dtype(name))).astype(float)


def excess(law: Law, name: str, count: int) -> float:
    """By how much a value lies beyond where its u leads, when one step of the type either way is granted."""
    u, x = values(law, name, count)
    near, far = (cdf(law, np.clip(x + s * step(x, name), law.lo, law.hi)) for s in (-1, 1))
    return max((near - u).max(), (u - far).max())


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_map_has_the_law(family, name):
    """Kolmogorov distance 8 * 2^-24, or one step of the type where its grid is coarser."""
    for law in laws_of(name, family):
        assert excess(law, name, 1800 if name == "float32" else 150) <= 8 * 2.0**-24, law


@pytest.mark.parametrize("family", FAMILIES)
def test_the_map_of_float64_has_the_law(family):
    """Kolmogorov distance 5e-15, or one step of the type where its grid is coarser."""
    for law in laws_of("float64", family):
        u, x = (part[::19] for part in values(law, "float64", 150))
        for at, value in zip(u, x, strict=True):
            if abs(exact_cdf(law, value) - at) > 5e-15:
                near, far = (np.clip(value + s * step(value, "float64"), law.lo, law.hi) for s in (-1, 1))
                assert exact_cdf(law, near) <= at <= exact_cdf(law, far), (law, at)


def test_the_map_of_float64_has_the_law_at_many_words():
    for law in (Law(0.0, 1.0, -2.0, 2.0), Law(-5.0, 1.0, 0.0, INF), Law(-1.0, 0.5, 0.0, 9.0)):
        u, x = values(law, "float64", 2000)
        for at, value in zip(u, x, strict=True):
            assert abs(exact_cdf(law, value) - at) <= 5e-15, (law, at)


@pytest.mark.parametrize("name", TYPES)
def test_the_map_rises_up_to_rounding(name):
    """From one u to the next it falls by no more than rounding: 2^-22 (5e-15) of the probability, or two steps."""
    slack = 5e-15 if name == "float64" else 2.0**-22
    for law in laws_of(name):
        _, x = values(law, name, 150)
        top = np.maximum.accumulate(x)
        assert (cdf(law, top) - cdf(law, np.minimum(x + 2 * step(x, name), law.hi)) <= slack).all(), law


@pytest.mark.parametrize("name", TYPES)
def test_every_value_lies_within_the_bounds(name):
    for law in laws_of(name):
        _, x = values(law, name, 150)
        _, _, lowest, highest = ready(law, name)
        assert law.lo <= lowest <= x.min() <= x.max() <= highest <= law.hi
        assert np.isfinite(x).all()


@pytest.mark.parametrize("name", TYPES)
def test_a_mirrored_law_gives_the_negated_values(name):
    for law in laws_of(name):
        if law.mean - law.lo != law.hi - law.mean:  # or it is its own mirror image
            assert ready(law.mirror, name).regime == ready(law, name).regime
            assert np.array_equal(values(law.mirror, name, 150)[1], -values(law, name, 150)[1][::-1]), law


@pytest.mark.parametrize(("name", "error"), [("float32", 2e-6), ("float64", 1e-13)])
@pytest.mark.parametrize(
    "law", [Law(-30.0, 1.0, 0.0, INF), Law(-3.0, 1.0, 0.0, 0.5)], ids=["one-sided", "two"]
)
def test_next_to_a_bound_at_zero_values_are_as_dense_as_the_type(law, name, error):
    """The CDF there is right relative to itself, down to 2^-33 (2^-54): values are no multiples of an ulp of alpha."""
    u, x = (part[values(law, name, 150)[0] < 0.3] for part in values(law, name, 150))
    assert (u < 2.0**-20).sum() > 15
    assert max(abs(exact_cdf(law, value) / at - 1) for at, value in zip(u, x, strict=True)) < error


@pytest.mark.parametrize(("name", "error"), [("float32", 5e-5), ("float64", 1e-8)])
@pytest.mark.parametrize("law", [Law(0.0, 1.0, -INF, INF), Law(0.0, 1.0, 3.0, INF)], ids=["both", "upper"])
def test_the_far_tails_are_right_relative_to_themselves(law, name, error):
    """P(Z > z), at the last words down to 2^-33 (2^-54), from the words below the last one."""
    bits, unused = (64, 11) if name == "float64" else (32, 0)
    _, x = values(law, name, 150)
    last = 2 ** (bits - unused) - 1
    rest = [(last - (int(word) >> unused) + 0.5) / (last + 1) for word in some_words(bits, 150)]
    assert rest[-1] < 2.0**-32
    above, _ = exact_tails(law)
    for at, value in zip(rest[-25:], x[-25:], strict=True):
        assert abs(mp.erfc(mp.mpf(float(value)) / mp.sqrt(2)) / above / at - 1) < error + value * step(
            value, name
        )


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("at", [0.5, -3.0, 40.0], ids="at-{}".format)
def test_an_interval_of_one_value_gives_it(name, at):
    for law in (Law(0.0, 1.0, at, at), Law(0.0, 1.0, at, at * (1 + 1e-17))):
        assert set(values(law, name, 150)[1]) == {at}
