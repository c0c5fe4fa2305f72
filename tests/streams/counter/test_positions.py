"""The counter stream's elements are those of its description: each at its place, of each dtype."""

import math
import warnings

import numpy as np
import pytest
from scipy import stats

import refinit
from refinit.streams.counter.host.orthogonal import _normals
from tests.tables.cases import FLOATS, REALS
from tests.tables.counter_streams import at_fill
from tests.tables.places import dtype_of
from tests.tables.references.counter import (
    Stream,
    normal_bounds,
    standard_normal,
    uniform,
    zeros_of_column,
)
from verify.laws.counter_words import VALUES, philox

KEY = 0x0123456789ABCDEF
LONGEST = 4096 + 3
#: Both sides of the ends of lanes, of pairs and of tiles, for reals of 32 and 64 bits and for pairs of them.
SIZES = (0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, LONGEST)
BOUNDS = (
    (0.0, 1.0),
    (-0.1, 0.1),
    (-5.0, -4.9),
    (1.0, 1.000001),
    (0.25, 0.25),
    (0.0, 1e-44),
    (-1e-310, 3e-308),
    (-3e4, 3e4),
)
NORMALS = ((0.0, 1.0), (3.7, 0.013), (-1.5, 0.0), (0.0, 1e-44), (1e4, 3e4))


def reals(array):
    return array.view({"complex64": np.float32, "complex128": np.float64}.get(array.dtype.name, array.dtype))


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((2**32 - 1,) * 4, 2**64 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),  # digits of pi
            0x299F31D0_A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
    ids=["zeros", "ones", "pi"],
)
def test_the_references_philox_gives_the_known_answers_of_its_authors(counter, key, words):
    assert philox(counter, key) == words


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("bounds", BOUNDS, ids=repr)
def test_uniforms_are_exactly_the_reference_at_every_size(bounds, dtype):
    for fill in (0, 1, 2**32 - 1):
        expected = uniform(Stream(KEY, fill), dtype, np.arange(LONGEST), *bounds)
        for size in SIZES:
            array = refinit.uniform_(np.zeros(size, dtype_of(dtype)), *bounds, generator=at_fill(fill, KEY))
            assert np.array_equal(array, expected[:size]), (fill, size)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("law", NORMALS, ids=repr)
def test_normals_are_within_a_few_places_of_the_reference_at_every_size(law, dtype):
    for fill in (0, 1, 2**32 - 1):
        low, high = normal_bounds(Stream(KEY, fill), dtype, np.arange(LONGEST), *law)
        array = refinit.normal_(np.zeros(LONGEST, dtype_of(dtype)), *law, generator=at_fill(fill, KEY))
        found = reals(array)
        assert ((low <= found) & (found <= high)).all(), fill
        for size in SIZES:
            shorter = refinit.normal_(np.zeros(size, dtype_of(dtype)), *law, generator=at_fill(fill, KEY))
            assert shorter.tobytes() == array[:size].tobytes(), (fill, size)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bounds_around_the_normals_would_see_a_neighbour(dtype):
    """The allowance of the test above is small against what another element, word or branch would give."""
    low, high = normal_bounds(Stream(KEY), dtype, np.arange(LONGEST), 0.0, 1.0)
    z = standard_normal(Stream(KEY), dtype, np.arange(LONGEST))
    assert ((high - low) <= 40 * np.finfo(dtype).eps * np.abs(z)).all()
    for shift in (1, 16, 32, 64):
        assert ((low <= np.roll(z, shift)) & (np.roll(z, shift) <= high)).sum() == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_partners_lie_sixteen_apart_on_a_circle(dtype):
    """Cosine first, sine sixteen elements on: their squares sum to -2 log of a uniform that no other pair has."""
    z = (
        refinit.normal_(np.empty(4096, dtype), generator=at_fill(0, KEY))
        .astype(np.float64)
        .reshape(-1, 2, 16)
    )
    radius_squared = (z**2).sum(axis=1)
    stream, long = Stream(KEY), dtype == "float64"
    first = np.arange(4096).reshape(-1, 2, 16)[:, 0]
    words, bits = (stream.long_words(first) >> 11, 53) if long else (stream.words(first), 32)
    expected = -2 * np.log((words.astype(np.float64) + 1) * 2.0**-bits)
    assert np.allclose(radius_squared, expected, rtol=0, atol=2e-6)
    turns = np.arctan2(z[:, 1], z[:, 0]) / (2 * math.pi) % 1
    angles = (stream.long_words if long else stream.words)(first + 16) * 2.0 ** -(64 if long else 32)
    assert np.abs((turns - angles + 0.5) % 1 - 0.5).max() < 1e-6


@pytest.mark.parametrize(("single", "double"), [("float32", "complex64"), ("float64", "complex128")])
@pytest.mark.parametrize("function", ["uniform_", "normal_"])
def test_complex_element_i_is_reals_2_i_and_2_i_plus_1(function, single, double):
    parameters = {"uniform_": (-1.0, 3.0), "normal_": (0.5, 2**0.5)}[function]
    fill = getattr(refinit, function)
    both = fill(np.empty(1001, double), *parameters, generator=at_fill(3, KEY))
    half_variance = (0.5, 2**0.5 / math.sqrt(2)) if function == "normal_" else parameters
    parts = fill(np.empty(2002, single), *half_variance, generator=at_fill(3, KEY))
    assert both.view(single).tobytes() == parts.tobytes()


@pytest.mark.parametrize(("half", "steps"), [("float16", 2**-11), ("bfloat16", 2**-8)])
@pytest.mark.parametrize("function", ["normal_", "uniform_"])
def test_half_types_are_the_float32_fill_rounded_once(function, half, steps):
    single = getattr(refinit, function)(np.empty(LONGEST, np.float32), generator=at_fill(0, KEY))
    rounded = getattr(refinit, function)(np.empty(LONGEST, dtype_of(half)), generator=at_fill(0, KEY))
    top = 1 - steps if function == "uniform_" else np.inf
    assert rounded.tobytes() == np.minimum(single, np.float32(top)).astype(rounded.dtype).tobytes()


@pytest.mark.parametrize("key", [0, 1, 2**32 - 1, 2**32, 2**63, 2**64 - 1])
def test_both_halves_of_the_key_count(key):
    array = refinit.uniform_(np.empty(100, np.float32), generator=refinit.CounterGenerator(key))
    assert array.tobytes() == uniform(Stream(key), "float32", np.arange(100), 0.0, 1.0).tobytes()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (37, 70), (100, 33), (64, 65)], ids=str)
@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.5, 0.51, 0.9, 1.0])
def test_sparse_is_normal_with_the_zeros_of_floyds_algorithm(sparsity, shape, dtype):
    sparse = refinit.sparse_(np.empty(shape, dtype_of(dtype)), sparsity, 1.0, generator=at_fill(2, KEY))
    expected = refinit.normal_(np.empty(shape, dtype_of(dtype)), 0.0, 1.0, generator=at_fill(2, KEY))
    zeros = math.ceil(sparsity * shape[0])
    for column in range(shape[1]):
        expected[sorted(zeros_of_column(Stream(KEY, 2), column, shape[0], zeros)), column] = 0
    assert sparse.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(70, 33), (33, 70), (20, 20)], ids=str)
def test_orthogonals_normals_are_those_of_normal(shape, dtype):
    """By blocks of the tall matrix: the tensor's, or that of its transpose."""
    whole = refinit.normal_(np.empty(shape, dtype), generator=at_fill(4, KEY))
    tall = whole.T if shape[0] < shape[1] else whole
    generator = at_fill(4, KEY)
    address = generator._engine.cursor()
    wide = shape[0] < shape[1]
    for row, column, rows, columns in ((0, 0, *tall.shape), (3, 2, 17, 11), (19, 19, 1, 1)):
        out = np.empty((columns, rows), dtype).T if wide else np.empty((rows, columns), dtype)
        _normals(shape, address, np.dtype(dtype))(row, column, rows, columns, out)
        assert np.array_equal(out, tall[row : row + rows, column : column + columns])


TRUNCATED = (
    ({}, False),
    ({"std": 0.02}, False),
    ({"mean": 0.3, "std": 2.0, "a": -1.0, "b": 3.0}, False),
    ({"mean": 0.0, "std": 1.0, "a": 3.0, "b": 4.0}, False),
    ({"mean": 0.1, "std": 0.7, "a": -4.0, "b": -1.3}, True),
    ({"mean": 5.0, "std": 0.1, "a": 4.9, "b": 5.05}, True),
)


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize(("law", "mirrored"), TRUNCATED, ids=str)
def test_truncated_normals_are_the_quantiles_of_their_words(law, mirrored, dtype):
    """CDF = (word + 1/2) / N, or 1 less it where the interval is mostly below the mean; closer: test_truncation_map."""
    mean, std, a, b = ({"mean": 0.0, "std": 1.0, "a": -2.0, "b": 2.0} | law).values()
    stream, places = Stream(KEY, 1), np.arange(LONGEST)
    u = (
        (stream.long_words(places) * 2.0**-64)
        if dtype == "float64"
        else (stream.words(places) + 0.5) * 2.0**-32
    )
    z = stats.truncnorm.ppf(1 - u if mirrored else u, (a - mean) / std, (b - mean) / std)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the mean may be far outside
        array = refinit.trunc_normal_(np.empty(LONGEST, dtype_of(dtype)), **law, generator=at_fill(1, KEY))
    precision = {"float16": 2e-3, "bfloat16": 1e-2, "float32": 1e-5, "float64": 1e-9}[dtype]
    expected = np.clip(mean + std * z, a, b)
    assert np.abs(array.astype(np.float64) - expected).max() <= precision * max(abs(a), abs(b), std)


def test_purposes_have_words_of_their_own():
    values, mask = (Stream(KEY, 0, purpose).long_words(np.arange(2000)) for purpose in (VALUES, VALUES + 1))
    assert not np.intersect1d(values, mask).size


@pytest.mark.parametrize("shape", [(30, 20), (20, 30), (8, 3, 3, 3), (1, 1)], ids=str)
@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_orthogonal_in_half_types_is_that_of_float32_rounded_once(shape, half):
    single = refinit.orthogonal_(np.empty(shape, np.float32), 0.7, generator=refinit.CounterGenerator(3))
    w = refinit.orthogonal_(np.empty(shape, dtype_of(half)), 0.7, generator=refinit.CounterGenerator(3))
    assert (w == single.astype(dtype_of(half))).all()
