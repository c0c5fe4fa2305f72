"""The truncated normal's quantile function, of every regime, against the law's CDF."""

from __future__ import annotations

import hashlib
import itertools
import struct
from collections import Counter
from functools import cache
from typing import NamedTuple

import ml_dtypes
import mpmath
import numba
import numpy as np
import pytest
from scipy.special import erfcx, ndtr

from refinit import truncation
from refinit._core import quantile
from refinit._core.halves import bfloat16_bits, float16_bits
from refinit.truncation import Prepared, prepared

INF = float("inf")
mp = mpmath.mp.clone()
mp.dps = 40  # an interval may be 1e-10 wide
TYPES = ("float32", "float64", "float16", "bfloat16")
HALVES = {"float16": (float16_bits, np.float16), "bfloat16": (bfloat16_bits, ml_dtypes.bfloat16)}


class Law(NamedTuple):
    mean: float
    std: float
    lo: float
    hi: float

    @property
    def mirrored(self) -> bool:
        return self.mean - self.lo > self.hi - self.mean

    @property
    def mirror(self) -> Law:
        return Law(-self.mean, self.std, -self.hi, -self.lo)


def placed(alpha: float, beta: float, std: float) -> list[Law]:
    """The law of N(0, 1) on [alpha, beta], scaled; with its mean at 0, and (mean outside) with a bound at 0."""
    laws = [Law(0.0, std, alpha * std, beta * std)]
    if np.isfinite(alpha) and alpha != 0:
        laws.append(Law(-alpha * std, std, 0.0, (beta - alpha) * std))
    return laws


#: Where the law's mass lies next to alpha, from one-sided to nearly uniform, down to widths of 1e-10.
EDGES = [-1.9, -0.3, 0.0, 0.4, 0.9, 1.1, 1.9, 2.45, 2.55, 4.0, 8.0, 30.0]
WIDTHS = [1e-10, 1e-3, 0.02, 0.3, 0.7, 1.5, 4.0, INF]
FAMILIES = {
    "edges": [law for a, w in itertools.product(EDGES, WIDTHS) for law in placed(a, a + w, 1.0)],
    "around-the-mean": [
        law
        for a, b in [(-2, 2), (-3.2, 3.2), (-3.5, 3.6), (-2.9, 8), (-0.43, 0.44), (-0.44, 0.43), (-100, 100)]
        for std in (1.0, 0.02)
        for law in placed(a, b, std)
    ],
    "both-infinite": [Law(0.0, 1.0, -INF, INF), Law(0.3, 0.02, -INF, INF)],
    "far": [law for a in (100.0, 1e4, 1e6) for law in placed(a, INF, 1.0)],
    "defaults": [
        Law(0.0, 1.0, -2.0, 2.0),
        Law(0.0, 0.02, -2.0, 2.0),
        Law(5.0, 1.0, 0.0, 2.0),
        Law(5.0, 2.0, 1.0, 2.0),
    ],
}
LAWS = [law for family in FAMILIES.values() for law in family]


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
def ready(law: Law, name: str) -> Prepared | None:
    """None where the type has no value in the interval."""
    try:
        return prepared(*law, name)
    except ValueError as error:
        assert "widen [a, b]" in str(error)  # noqa: PT017 - the refusals have a test of their own
        return None


def laws_of(name: str, family: str | None = None) -> list[Law]:
    """The laws that have a value of the type."""
    return [law for law in (LAWS if family is None else FAMILIES[family]) if ready(law, name)]


@cache
def values(law: Law, name: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(u, x): the quantile function at some u, ascending, as the element type holds it, in float64."""
    regime, parameters, _, _ = ready(law, name)
    bits, real = (64, np.float64) if name == "float64" else (32, np.float32)
    numbers, head = tuple(map(real, parameters)), quantile.HEADS[regime]
    words = some_words(bits, count)
    function = getattr(quantile, f"{regime}{bits}")
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


def test_there_are_enough_laws_and_they_meet_every_regime():
    for name in ("float32", "float64"):
        laws = [one for law in laws_of(name) for one in {law, law.mirror}]
        assert len(set(laws)) > 200
        regimes = Counter(ready(law, name).regime for law in laws)
        assert all(regimes[regime] >= 8 for regime in quantile.HEADS), regimes


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


@pytest.mark.parametrize(
    ("name", "lo", "hi", "lowest", "highest"),
    [
        ("float32", 0.1, 0.2, float.fromhex("0x1.99999ap-4"), float.fromhex("0x1.999998p-3")),
        ("float32", 16777217.0, 16777219.0, 16777218.0, 16777218.0),
        ("float32", -INF, 1e300, -float.fromhex("0x1.fffffep127"), float.fromhex("0x1.fffffep127")),
        ("float32", 1e-46, 1.0, 2.0**-149, 1.0),
        ("float32", -1e-46, 1e-46, 0.0, 0.0),
        ("float16", 0.1, 0.2, 0.10003662109375, 0.199951171875),
        ("float16", -INF, 1e9, -65504.0, 65504.0),
        ("float16", 2049.0, 2051.0, 2050.0, 2050.0),
        ("bfloat16", 1.0001, 1.01, 1.0078125, 1.0078125),
        ("bfloat16", -1.01, -1.0001, -1.0078125, -1.0078125),
        ("bfloat16", -INF, INF, -float.fromhex("0x1.fep127"), float.fromhex("0x1.fep127")),
        ("bfloat16", 1e-41, 1.0, 2.0**-133, 1.0),
    ],
)
def test_the_bounds_are_the_outermost_values_of_the_type_within(name, lo, hi, lowest, highest):
    assert prepared(0.0, 1.0, lo, hi, name)[2:] == (lowest, highest)


@pytest.mark.parametrize(
    ("name", "lo", "hi"),
    [
        ("bfloat16", 1.0001, 1.0002),
        ("float32", 1 + 1e-12, 1 + 2e-12),
        ("float32", 1e39, 1e40),
        ("float16", -8e4, -7e4),
        ("float16", 1e-9, 2e-9),
        ("float32", INF, INF),
    ],
)
def test_bounds_with_no_value_between_them_are_refused(name, lo, hi):
    with pytest.raises(ValueError, match=rf"value of {name} between them, got a=.* and b=.*: widen \[a, b\]"):
        prepared(0.0, 1.0, lo, hi, name)


def test_zeros_have_one_sign_whatever_is_cached():
    for name in TYPES:
        for zero in (0.0, -0.0):
            prepared.cache_clear()
            above, below = prepared(0.0, 1.0, zero, 1.0, name), prepared(0.0, 1.0, -1.0, zero, name)
            assert not np.signbit(
                [above.lowest, above.parameters[2], below.highest, below.parameters[2]]
            ).any()


@pytest.mark.parametrize("name", TYPES)
def test_blocks_have_the_layout_the_kernels_expect(name):
    fitted = quantile.COEFFICIENTS[64 if name == "float64" else 32]
    real = np.float64 if name == "float64" else np.float32
    for law in laws_of(name):
        regime, parameters, *ends = ready(law, name)
        assert len(parameters) == quantile.HEADS[regime] + (fitted if regime in {"tail", "narrow"} else 0)
        assert list(parameters[:2]) == ends
        assert all(number == float(real(number)) for number in parameters)


def test_prepared_numbers_are_the_same_on_every_platform():
    """They make the stream: a change of one is a change of bits (CHANGELOG, "Streams")."""
    numbers = [
        number
        for name in ("float32", "float64")
        for law in LAWS
        if (one := ready(law, name))
        for number in one.parameters
    ]
    digest = hashlib.sha256(struct.pack(f"<{len(numbers)}d", *numbers)).hexdigest()
    assert digest == "7e4e7a5a04eeddce7693430277bf8eaf9df68e0fc446ee0b5398a4f195af61b3"


def test_the_contexts_of_callers_do_not_matter():
    import decimal

    law = Law(0.0, 1.0, 1.5, 7.0)
    expected = prepared.__wrapped__(*law, "float64")
    with decimal.localcontext(decimal.Context(prec=5, rounding=decimal.ROUND_UP, traps=[decimal.Inexact])):
        assert prepared.__wrapped__(*law, "float64") == expected


@pytest.mark.parametrize("alpha", ["1", "1.7", "2.5", "6", "300"], ids="alpha-{}".format)
def test_mills_ratio_by_either_way(alpha):
    with mp.workdps(50):
        x = mp.mpf(alpha)
        exact = mp.erfc(x / mp.sqrt(2)) * mp.exp(x * x / 2) * mp.sqrt(mp.pi / 2)
        with truncation.localcontext(truncation._CONTEXT):
            found = truncation._mills(truncation.Decimal(alpha))
        assert abs(mp.mpf(str(found)) / exact - 1) < 1e-28
