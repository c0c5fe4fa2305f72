"""The scalar mathematics of the counter stream: Philox, logarithm, box_muller, normal pair."""

from __future__ import annotations

import inspect
import math
import re

import mpmath as mp
import numba
import numpy as np
import pytest
from numba import types

from docs import coefficients
from refinit.streams.counter.math import box_muller, fitted, logarithm, quantile
from refinit.streams.counter.math.regimes import COEFFICIENTS, FITTED, HEADS

LAST32, LAST53, LAST64 = 2**32 - 1, 2**53 - 1, 2**64 - 1


@numba.njit(error_model="numpy")
def mapped(function, words, out):
    for i in range(words.size):
        out[i] = function(words[i])
    return out


@numba.njit(error_model="numpy")
def mapped_to_pairs(function, words, first, second):
    for i in range(words.size):
        first[i], second[i] = function(words[i])
    return first, second


@numba.njit(error_model="numpy")
def normals32(radius, angle, mean, std, first, second):
    for i in range(radius.size):
        first[i], second[i] = box_muller.normal_pair32(radius[i], angle[i], mean, std)


@numba.njit(error_model="numpy")
def normals64(radius, angle, mean, std, first, second):
    for i in range(radius.size):
        first[i], second[i] = box_muller.normal_pair64(radius[i], angle[i], mean, std)


def critical_words(bits: int) -> np.ndarray:
    """Both ends, and the neighbourhoods of multiples of an eighth, of powers of two, and of those times sqrt(2)."""
    places = {0, 2**bits} | {k * 2**bits // 8 for k in range(9)}
    places |= {2**k for k in range(bits)} | {math.isqrt(2 ** (2 * k + 1)) for k in range(bits)}
    places |= {2**bits - place for place in places}
    near = {place + d for place in places for d in range(-40, 41)}
    return np.array(sorted(word for word in near if 0 <= word < 2**bits), np.uint64)


def dense_words32() -> np.ndarray:
    """Every 4001st word, and the critical ones."""
    return np.concatenate([np.arange(0, 2**32, 4001, np.uint64), critical_words(32)]).astype(np.uint32)


def worst_ulp32(result: np.ndarray, exact: np.ndarray) -> float:
    """Largest error in units of the last place of the exact value; where that is 0, so must the other be."""
    assert not result[exact == 0].any()
    result, exact = result[exact != 0], exact[exact != 0]
    return float((np.abs(result - exact) / np.exp2(np.floor(np.log2(np.abs(exact))) - 23)).max())


def ulp64(result: float, exact: mp.mpf) -> float:
    return float(abs(mp.mpf(float(result)) - exact) / mp.mpf(2) ** (mp.frexp(exact)[1] - 53))


@pytest.fixture(autouse=True)
def _fifty_digits():
    with mp.workdps(50):
        yield


def test_the_squared_radius_is_within_its_bound():
    words = dense_words32()
    result = mapped(logarithm.radius_squared32, words, np.empty(words.size, np.float32))
    exact = -2 * np.log((words + 1.0) * 2.0**-32)
    assert worst_ulp32(result.astype(float), exact) <= 1.41


def test_the_squared_radius_has_its_ends():
    ends = np.array([0, LAST32 - 1, LAST32], np.uint32)
    result = mapped(logarithm.radius_squared32, ends, np.empty(3, np.float32))
    assert result.tolist() == [np.float32(64 * math.log(2)), 2.0**-31, 0.0]
    assert not np.signbit(result).any()


def test_the_logarithm_of_a_float_is_within_its_bound():
    """One octave either side of 1 has every mantissa; farther off only the exponent's multiple grows."""
    bits = np.arange(0x3F000000, 0x40000000, 7, dtype=np.uint32)
    x = np.concatenate([bits.view(np.float32), np.exp2(np.linspace(-60, 60, 40001)).astype(np.float32)])
    result = mapped(logarithm.minus_two_log32, x, np.empty(x.size, np.float32))
    assert worst_ulp32(result.astype(float), -2 * np.log(x.astype(float))) <= 0.93


def exact_circle(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """cos and sin in float64, the angle reduced to an eighth of a turn either way by integers."""
    quadrant = (words.astype(np.int64) + 2**29) >> 30
    angle = (words.astype(np.int64) - quadrant * 2**30) * (2 * np.pi * 2.0**-32)
    c, s = np.cos(angle), np.sin(angle)
    quadrant &= 3
    return np.choose(quadrant, [c, -s, -c, s]), np.choose(quadrant, [s, c, -s, -c])


def test_the_circle_is_within_its_bound():
    words = dense_words32()
    places = np.empty(words.size, np.float32)
    result = mapped_to_pairs(box_muller.circle32, words, places, places.copy())
    for mine, exact in zip(result, exact_circle(words), strict=True):
        assert worst_ulp32(mine.astype(float), exact) <= 1.62


@pytest.mark.parametrize(
    ("function", "kind", "bits"), [(box_muller.circle32, np.uint32, 32), (box_muller.circle64, np.uint64, 64)]
)
def test_the_quadrants_are_images_of_each_other(function, kind, bits):
    words = np.random.default_rng(1).integers(0, 2**bits, 1000, kind)
    real = np.float32 if bits == 32 else np.float64
    quarter = kind(1 << (bits - 2))
    (c, s), (turned_c, turned_s) = (
        mapped_to_pairs(function, w, np.empty(1000, real), np.empty(1000, real))
        for w in (words, words + quarter)
    )
    assert np.array_equal(turned_c, -s)
    assert np.array_equal(turned_s, c)
    four = [function(kind(k << (bits - 2))) for k in range(4)]
    assert four == [(1, 0), (0, 1), (-1, 0), (0, -1)]


def test_the_squared_radius_of_float64_is_within_its_bound():
    random = np.random.default_rng(2).integers(0, 2**53, 1500, np.uint64)
    hard = np.array([5754032081523657], np.uint64)  # 1.35 ulp if 2 log 2 were but one float64
    for bits in np.concatenate([hard, random, LAST53 - (random >> np.uint64(20)), critical_words(53)[::3]]):
        result = logarithm.radius_squared64(bits)
        exact = -2 * mp.log((int(bits) + 1) * mp.mpf(2) ** -53)
        assert result == exact == 0 or ulp64(result, exact) <= 1.3, bits


def test_the_circle_of_float64_is_within_its_bound():
    random = np.random.default_rng(3).integers(0, 2**64, 1500, np.uint64)
    for word in np.concatenate([random, critical_words(64)[::5]]):
        c, s = box_muller.circle64(word)
        angle = 2 * int(word) * mp.mpf(2) ** -64
        for result, exact in ((c, mp.cospi(angle)), (s, mp.sinpi(angle))):
            assert result == exact == 0 or ulp64(result, exact) <= 1.4, word


@pytest.mark.parametrize("mean", [0.0, 2.5], ids="mean-{}".format)
def test_a_pair_is_the_radius_times_cosine_and_sine(mean):
    """One rounding for the product, one for fma(., std, mean); the float64 sum here may round once more."""
    rng = np.random.default_rng(4)
    radius, angle = (rng.integers(0, 2**32, 20000, np.uint32) for _ in range(2))
    mean, std = np.float32(mean), np.float32(0.3)
    result = np.empty((2, radius.size), np.float32)
    normals32(radius, angle, mean, std, *result)
    places = np.empty(radius.size, np.float32)
    r = np.sqrt(mapped(logarithm.radius_squared32, radius, places.copy()))
    for mine, part in zip(
        result, mapped_to_pairs(box_muller.circle32, angle, places, places.copy()), strict=True
    ):
        expected = ((r * part).astype(float) * float(std) + float(mean)).astype(np.float32)
        assert np.abs(mine - expected).max() <= np.spacing(np.float32(4))
        assert (mine == expected).mean() > 0.999


def test_pairs_reach_as_far_as_their_bits():
    first, second = box_muller.normal_pair32(np.uint32(0), np.uint32(0), np.float32(0), np.float32(1))
    assert (first, second) == (np.sqrt(np.float32(64 * math.log(2))), 0)
    first, second = box_muller.normal_pair64(np.uint64(0), np.uint64(2**62), 0.0, 1.0)
    assert second == pytest.approx(math.sqrt(106 * math.log(2)), rel=1e-15)
    assert first == 0


def test_pairs_of_float64_use_all_their_bits():
    """The radius has the top 53 bits of its word, the angle all 64."""
    unit = np.uint64(1)
    base = box_muller.normal_pair64(unit << np.uint64(63), unit, 0.0, 1.0)
    assert box_muller.normal_pair64(unit << np.uint64(63) | np.uint64(2**11), unit, 0.0, 1.0)[0] < base[0]
    assert box_muller.normal_pair64(unit << np.uint64(63) | np.uint64(2**10), unit, 0.0, 1.0) == base
    assert box_muller.normal_pair64(unit << np.uint64(63), np.uint64(2), 0.0, 1.0)[1] == 2 * base[1]


def test_normal_pairs_have_the_normal_law():
    """Kolmogorov distance of 2 x 2^20 normals from equally spaced radii and angles that fill the square evenly."""
    from scipy.special import ndtr

    n = 2**20
    k = np.arange(n, dtype=np.uint64)
    radius = (k << np.uint64(12)).astype(np.uint32) + np.uint32(2**11)
    angle = (k * np.uint64(2654435769)).astype(np.uint32)  # multiples of the golden ratio
    result = np.empty((2, n), np.float32)
    normals32(radius, angle, np.float32(0), np.float32(1), *result)
    for values in result:
        cdf = ndtr(np.sort(values).astype(float))
        assert np.abs(cdf - (np.arange(n) + 0.5) / n).max() < 1e-4  # 5e-5, the square's own unevenness
    assert abs(np.corrcoef(result)[0, 1]) < 1e-4


@pytest.mark.parametrize("name", coefficients.FITS)
def test_the_coefficients_in_the_sources_are_the_computed_ones(name):
    part, bits = name[:-2], name[-2:]
    module, function = {
        "log": (logarithm, f"minus_two_log_parts{bits}"),
        "sine": (box_muller, f"circle{bits}"),
        "cosine": (box_muller, f"circle{bits}"),
        "near": (quantile, f"_near{bits}"),
        "far": (quantile, f"_far{bits}"),
    }[part]
    source = inspect.getsource(getattr(module, function).py_func)
    written = {float(text) for text in re.findall(rf"float{bits}\((-?[\d.e-]+)\)", source)}
    as_written = {float(np.float32(number)) if bits == "32" else number for number in written}
    assert set(coefficients.rounded(name)) <= as_written, "python -m docs.coefficients prints them"


SCALARS32 = (types.uint32, types.uint32, types.float32, types.float32)
FLOAT32 = {
    "normal_pair32": (box_muller.normal_pair32, SCALARS32),
    **{
        f"{regime}32": (
            getattr(fitted if regime in FITTED else quantile, f"{regime}32"),
            (
                types.uint32,
                types.Tuple(
                    (
                        types.UniTuple(types.float32, head),
                        types.UniTuple(types.float32, COEFFICIENTS[32] if regime in FITTED else 0),
                    )
                ),
            ),
        )
        for regime, head in HEADS.items()
    },
}


@pytest.mark.parametrize("name", FLOAT32)
def test_float32_laws_use_neither_float64_nor_a_library(name):
    """So that a GPU gives the same bits, at its float32 speed."""
    function, arguments = FLOAT32[name]
    compiled = numba.njit(arguments, error_model="numpy")(function.py_func)
    native = re.split(r"^define ", compiled.inspect_llvm(arguments), flags=re.MULTILINE)[1]
    body = native.partition("\n}")[0]
    assert "@cpython." not in body  # Python's wrapper, which follows, is another matter
    assert "float" in body
    assert "double" not in body
    assert set(re.findall(r"call [^@]*@([\w.]+)", body)) <= {"llvm.fma.f32", "llvm.sqrt.f32"}
