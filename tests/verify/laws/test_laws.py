"""The exact null distributions: against mpmath, against enumeration of every random word, against each other."""

from math import inf

import mpmath
import numpy as np
import pytest
from scipy import stats

from verify.cases.formats import FORMATS, all_values, numpy_dtype
from verify.laws import sums
from verify.laws.elements import Continuous, distribution, quantiles
from verify.laws.half import uniform_cells
from verify.laws.realised import realise
from verify.laws.reference import Normal, TruncatedNormal, Uniform
from verify.laws.streams import TORCH

LAWS = [
    Uniform(0.0, 1.0),
    Uniform(-0.1, 0.1),
    Uniform(-3.0, 5.0),
    Normal(0.0, 0.02),
    Normal(1.5, 0.5),
    TruncatedNormal(0.0, 1.0, -2.0, 2.0),
    TruncatedNormal(0.3, 0.8, -1.0, 0.5),
    TruncatedNormal(0.0, 1.0, 2.0, 4.0),
    TruncatedNormal(0.5, 1.0, -0.1, 0.2),
    TruncatedNormal(0.0, 0.02, -2.0, 2.0),
]


def mp_distribution(law, x):
    if isinstance(law, Uniform):
        return (x - law.low) / (law.high - law.low)
    if isinstance(law, Normal):
        return mpmath.ncdf(x, law.mean, law.std)
    ends = [mpmath.ncdf(bound, law.mean, law.std) for bound in (law.low, x, law.high)]
    return (ends[1] - ends[0]) / (ends[2] - ends[0])


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_distribution_functions_agree_with_mpmath(law):
    with mpmath.workdps(40):
        for probability in (1e-3, 0.25, 0.5, 0.9, 0.999):
            x = float(quantiles(law, np.array([probability]))[0])
            assert float(mp_distribution(law, mpmath.mpf(x))) == pytest.approx(probability, rel=1e-9)
            assert float(distribution(law, np.array([x]))[0]) == pytest.approx(probability, rel=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_nodes_carry_the_moments_of_the_law(law, dtype):
    form = FORMATS[dtype]
    points, weights = realise(law, form, TORCH, 6.0).nodes()
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (weights > 0).all()
    truth = continuous_moments(law)
    # The end rule of a two-byte uniform moves an atom of up to a cell's mass across the interval.
    width = (law.high - law.low) if isinstance(law, Uniform) else law.std
    atom = form.epsilon if form.is_half else 1e-12
    assert weights @ points == pytest.approx(truth[0], abs=4 * atom * (width + abs(truth[0])))
    variance = weights @ (points - weights @ points) ** 2
    tolerance = 0.06 if isinstance(law, TruncatedNormal) and form.is_half else 8 * atom
    assert variance == pytest.approx(truth[1], rel=tolerance, abs=16 * atom * width**2)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("law", [Normal(0.0, 1.0), Normal(1.5, 0.5), Uniform(-0.1, 0.1)], ids=str)
def test_grouped_nodes_have_the_moments_of_all_values(law, dtype):
    realised = realise(law, FORMATS[dtype], TORCH, inf)
    points, weights = realised.nodes()
    assert points.size < realised.values.size / 2
    mean, square = (realised.masses @ realised.values**k for k in (1, 2))
    variance = square - mean**2
    assert weights @ points == pytest.approx(mean, abs=1e-12 * np.sqrt(variance))
    assert 0 <= square - weights @ points**2 <= 2.0**-24 * variance


def continuous_moments(law):
    if isinstance(law, Uniform):
        return (law.low + law.high) / 2, (law.high - law.low) ** 2 / 12
    if isinstance(law, Normal):
        return law.mean, law.std**2
    alpha, beta = (law.low - law.mean) / law.std, (law.high - law.mean) / law.std
    frozen = stats.truncnorm(alpha, beta, law.mean, law.std)
    return float(frozen.mean()), float(frozen.var())


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-0.1, 0.1), (-3.0, 5.0)])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_cell_masses_are_those_of_all_2_24_words(low, high, dtype):
    """torch's own recipe over every 24-bit word, fma in double (exact before the last rounding for these bounds)."""
    words = np.arange(2**24, dtype=np.float64) * 2.0**-24
    lo, hi = np.float32(low), np.float32(high)
    drawn = (words * np.float64(hi - lo) + np.float64(lo)).astype(np.float32).astype(numpy_dtype(dtype))
    drawn = drawn.astype(np.float64)
    first, last = (float(np.float32(bound).astype(numpy_dtype(dtype))) for bound in (low, high))
    drawn[drawn == last] = first
    values, masses = uniform_cells(low, high, dtype, TORCH)
    found = np.bincount(np.searchsorted(values, drawn), minlength=values.size) / 2**24
    assert np.isin(drawn, values).all()
    assert np.abs(found - masses).max() <= 2.0**-21
    assert found @ values == pytest.approx(masses @ values, abs=2.0**-22 * (high - low))


def test_bfloat16_uniform_has_its_atom_at_zero():
    values, masses = uniform_cells(0.0, 1.0, "bfloat16", TORCH)
    assert masses[values == 0] == pytest.approx(2.0**-9, rel=1e-6)
    assert masses[values == 1] == 0


def test_two_byte_values_are_listed_once():
    for dtype, number in (("bfloat16", 2 * 255 * 128 - 1), ("float16", 2 * 31 * 1024 - 1)):
        assert all_values(dtype).size == number


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("law", [law for law in LAWS if isinstance(law, TruncatedNormal)], ids=str)
def test_two_byte_truncated_normals_are_torchs_own(law, dtype):
    """Exact binomials over the ten fullest cells and DKW, false_fail_rate 1e-6, fresh seed."""
    torch = pytest.importorskip("torch")
    generator = torch.Generator()
    generator.seed()
    n = 400_000
    w = torch.empty(n, dtype=getattr(torch, dtype))
    torch.nn.init.trunc_normal_(w, law.mean, law.std, law.low, law.high, generator=generator)
    drawn = np.sort(w.double().numpy())
    realised = realise(law, FORMATS[dtype], TORCH, inf)
    points, masses = realised.values, realised.masses
    distance = np.abs(np.searchsorted(drawn, points, "right") / n - realised.up_to(points)).max()
    assert sums.massart(distance, n, realised.slack) > 5e-7, generator.initial_seed()
    fullest = np.argsort(masses)[-10:]
    observed = np.searchsorted(drawn, points[fullest], "right") - np.searchsorted(
        drawn, points[fullest], "left"
    )
    p_values = sums.binomial(observed.astype(float), n, masses[fullest], realised.slack)
    assert p_values.min() > 5e-8, generator.initial_seed()


@pytest.mark.parametrize("n", [50, 4096, 100_000])
@pytest.mark.parametrize("sigmas", [-7.0, -3.0, 0.5, 4.0, 7.0])
def test_chi_square_tails_agree_with_mpmath(n, sigmas):
    total = n + sigmas * np.sqrt(2 * n)
    if total <= 0:
        return
    with mpmath.workdps(60):
        lower = mpmath.gammainc(mpmath.mpf(n) / 2, 0, mpmath.mpf(float(total)) / 2, regularized=True)
        truth = float(2 * min(lower, 1 - lower))
    assert sums.chi_square(float(total), n) == pytest.approx(min(1.0, truth), rel=1e-4)


@pytest.mark.parametrize("n", [1, 10, 1000, 10**6])
@pytest.mark.parametrize("probability", [0.5, 0.1, 0.9])
def test_chernoff_bounds_the_exact_binomial_tail_and_not_by_much(n, probability):
    spread = np.sqrt(n * probability * (1 - probability))
    for sigmas in (-6, -3, 3, 6):
        count = int(np.clip(np.rint(n * probability + sigmas * spread), 0, n))
        bound = sums.chernoff(np.array([0.0, 1.0]), np.array([1 - probability, probability]), count / n, n)
        tail = (
            stats.binom.sf(count - 1, n, probability)
            if sigmas > 0
            else stats.binom.cdf(count, n, probability)
        )
        assert bound >= min(1.0, tail) * (1 - 1e-9)
        assert bound <= min(1.0, 2 * np.sqrt(8 * (n + 1)) * tail)


@pytest.mark.parametrize(
    ("first", "second", "n"), [(3, 4, 10), (50, 40, 100), (10, 990, 1000), (2048, 2100, 4096)]
)
def test_marks_of_pairs_follow_fishers_law_and_not_much_more(first, second, n):
    """Against scipy's hypergeometric law, over its whole support."""
    low, high = max(0, first + second - n), min(first, second)
    for observed in range(low, high + 1, max(1, (high - low) // 200)):
        tails = (
            stats.hypergeom.sf(observed - 1, n, first, second),
            stats.hypergeom.cdf(observed, n, first, second),
        )
        truth, bound = min(1.0, 2 * min(tails)), sums.hypergeometric(observed, first, second, n)
        assert bound >= truth * (1 - 1e-9)
        assert bound <= 2 * truth or truth > 1e-3 or bound < 1e-300


def test_chernoff_of_an_impossible_average_is_zero():
    assert sums.chernoff(np.array([0.0, 1.0]), np.array([0.5, 0.5]), 1.5, 100) < 1e-300


def test_slack_only_ever_raises_a_p_value():
    values, weights = np.array([0.0, 1.0]), np.array([0.5, 0.5])
    assert sums.chernoff(values, weights, 0.6, 1000, 0.01) > sums.chernoff(values, weights, 0.6, 1000)
    assert sums.chi_square(1200.0, 1000, 0.01) > sums.chi_square(1200.0, 1000)
    assert sums.normal_mean(0.1, 1000, 1.0, 0.01) > sums.normal_mean(0.1, 1000, 1.0)


def test_fine_formats_keep_the_excluded_end():
    realised = realise(Uniform(-0.1, 0.1), FORMATS["float32"], TORCH, inf)
    assert isinstance(realised, Continuous)
    assert realised.excluded == float(np.float32(0.1))
