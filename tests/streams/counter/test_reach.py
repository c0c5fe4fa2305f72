"""The ends of the counter stream: the last elements, the largest normals, the bounds of half types."""

import itertools
import math
import re

import numba
import numpy as np
import pytest
from numpy import uint32, uint64

import refinit
from refinit.arrays.opening import target_of
from refinit.kernels.cpu.formats import FORMATS as ENCODERS
from refinit.laws.law import Uniform
from refinit.streams.counter.math.box_muller import normal_pair32, normal_pair64
from refinit.streams.counter.math.logarithm import radius_squared32, radius_squared64
from refinit.streams.counter.math.positions import uniform32
from refinit.streams.counter.parameters import parameters_of
from tests.tables.cases import FLOATS, REALS
from tests.tables.places import dtype_of
from tests.tables.references.counter import Stream, allowed, normal_bounds, uniform, zeros_of_column

KEY = 0xFEDCBA9876543210
HUGE = (2**21, 2**20 + 1)  # 2^41 elements: 8 TiB of float32
#: Key 0, fill 0: word 0 of this block is 0, so the radius is the largest there is.  (It took 5e9 blocks to meet.)
FARTHEST_BLOCK = 4814787511
#: Key 0, fill 0: the top 24 bits of word 1 of this block are all ones, so the uniform is the largest there is.
LARGEST_UNIFORM_BLOCK = 1118185


def element_of(block, word):
    """The element that takes this word: tiles of 16 blocks, 64 elements."""
    return block // 16 * 64 + word * 16 + block % 16


def shard(shape, dtype, whole, offset):
    return refinit.Shard(np.empty(shape, dtype_of(dtype)), whole, offset)


def elements(shape, whole, offset):
    axes = [np.arange(n, dtype=np.uint64) + np.uint64(at) for n, at in zip(shape, offset, strict=True)]
    steps = [np.uint64(math.prod(whole[axis + 1 :])) for axis in range(len(whole))]
    return sum(
        np.ix_(*(axis * step for axis, step in zip(axes, steps, strict=True))), np.zeros((), np.uint64)
    )


def assert_as_the_reference(dtype, shape, whole, offset):
    places = elements(shape, whole, offset)
    generator = refinit.CounterGenerator(KEY)
    block = shard(shape, dtype, whole, offset)
    found = refinit.uniform_(block, -1.0, 2.0, generator=generator).array
    expected = uniform(Stream(KEY, 0), dtype, places.ravel(), -1.0, 2.0)
    assert found.tobytes() == expected.tobytes()
    normals = refinit.normal_(block, generator=generator).array.ravel()
    low, high = normal_bounds(Stream(KEY, 1), dtype, places.ravel(), 0.0, 1.0)
    assert ((low <= normals.view(low.dtype)) & (normals.view(low.dtype) <= high)).all()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "offset",
    [(0, 0), (2**11, 2**20 - 60), (2**12 - 1, 77), (2**20, 5), (2**21 - 3, 2**20 + 1 - 131)],
    ids=str,
)
def test_blocks_of_a_huge_tensor_are_at_their_places(offset, dtype):
    shape = tuple(min(n, whole - at) for n, whole, at in zip((3, 131), HUGE, offset, strict=True))
    assert_as_the_reference(dtype, shape, HUGE, offset)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("power", [31, 32, 33, 34, 35, 40, 60])
def test_the_block_number_carries_into_its_upper_word(power, dtype):
    """2^32 blocks are 2^34 elements, 2^33 of 64 bits, 2^33 or 2^32 complex ones; no power loses a bit."""
    assert_as_the_reference(dtype, (300,), (2**61,), (2**power - 150,))


def test_five_axes_and_runs_that_cross_rows():
    for shape, offset in (
        ((2, 3, 1, 5, 4), (7, 1000, 3, 0, 0)),
        ((1, 1, 2, 3, 2), (9, 99999, 3, 2, 1)),
        ((2, 2, 5, 5, 4), (0, 5, 0, 0, 0)),
    ):
        assert_as_the_reference("float32", shape, (2**20, 2**20, 5, 5, 4), offset)
        assert_as_the_reference("complex128", shape, (2**20, 2**20, 5, 5, 4), offset)


@pytest.mark.parametrize("column", [0, 2**32 - 1, 2**40 + 3])
def test_the_masks_of_far_columns_are_at_their_places(column):
    block = shard((37, 5), "float32", (37, 2**50), (0, column))
    found = refinit.sparse_(block, 0.4, 1.0, generator=refinit.CounterGenerator(KEY)).array
    for j in range(5):
        zeros = zeros_of_column(Stream(KEY), column + j, 37, 15)
        assert set(np.flatnonzero(found[:, j] == 0).tolist()) == zeros


@pytest.mark.parametrize(
    ("whole", "offset", "dtype"),
    [
        ((2**40, 2**40), (2**39, 0), "float32"),
        ((2**64,), (2**63 - 1,), "float32"),
        ((2**63,), (2**62,), "complex64"),
    ],
    ids=["2**79", "2**63", "complex-2**63"],
)
def test_elements_beyond_63_bits_are_refused_before_anything_happens(whole, offset, dtype):
    generator, block = refinit.CounterGenerator(KEY), shard((2,) * len(whole), dtype, whole, offset)
    block.array[...] = 7
    for function in (refinit.uniform_, refinit.normal_):
        with pytest.raises((ValueError, OverflowError), match=re.escape(str(whole))):
            function(block, generator=generator)
    assert (block.array == 7).all()
    assert generator.fill_number == 0


@pytest.mark.parametrize(("dtype", "places"), [("float32", 6.6604), ("float16", 6.66), ("bfloat16", 6.656)])
def test_the_farthest_normal_comes_from_the_word_0(dtype, places):
    """Both members of the pair, through the public door: the radius is sqrt(64 log 2)."""
    pair = []
    for word in (0, 1):
        block = shard((1,), dtype, (2**40,), (element_of(FARTHEST_BLOCK, word),))
        pair.append(float(refinit.normal_(block, generator=refinit.CounterGenerator(0)).array[0]))
    assert Stream(0).words([element_of(FARTHEST_BLOCK, 0)])[0] == 0
    assert math.hypot(*pair) == pytest.approx(
        math.sqrt(64 * math.log(2)), rel=2**-7 if dtype[0] == "b" else 1e-3
    )
    assert max(map(abs, pair)) <= math.sqrt(64 * math.log(2)) * (1 + 2**-8)
    assert math.hypot(*pair) == pytest.approx(places, abs=0.02)


@numba.njit
def pairs32(radius, angles, out):
    for i in range(angles.size):
        out[i] = normal_pair32(radius, angles[i], np.float32(0), np.float32(1))


@numba.njit
def pairs64(radius, angles, out):
    for i in range(angles.size):
        out[i] = normal_pair64(radius, angles[i], np.float64(0), np.float64(1))


REACH = {
    "float32": (pairs32, uint32, 32, radius_squared32, math.sqrt(64 * math.log(2))),
    "float64": (pairs64, uint64, 64, radius_squared64, math.sqrt(106 * math.log(2))),
}


@pytest.mark.parametrize("dtype", REACH)
def test_no_pair_of_words_gives_more_than_the_reach(dtype):
    """Radius words at both ends, and angle words around each eighth of a turn, where quadrants and signs change."""
    pairs, word, bits, _, reach = REACH[dtype]
    eighths = (np.arange(8, dtype=np.uint64) << np.uint64(bits - 3))[:, None]
    near = eighths + np.concatenate([np.arange(500), -np.arange(1, 500)]).astype(np.int64).view(np.uint64)
    angles = (near.ravel() & np.uint64(2**bits - 1)).astype(word)
    out = np.empty((angles.size, 2), dtype)
    slack = 1 + 4 * np.finfo(dtype).eps
    pairs(word(0), angles, out)
    assert np.isfinite(out).all()
    assert reach / slack <= np.abs(out).max() <= reach * slack
    assert np.allclose(np.hypot(out[:, 0], out[:, 1]), reach, rtol=1e-6)
    pairs(word(2**bits - 1), angles, out)
    assert (out == 0).all()


@pytest.mark.parametrize("dtype", REACH)
def test_radii_are_finite_at_both_ends_and_fall_in_between(dtype):
    _, word, bits, squared, reach = REACH[dtype]
    bits = min(bits, 53)
    words = sorted({0, 1, 2, 3, 2**bits - 2, 2**bits - 1, *(2**k for k in range(bits))})
    radii = [float(squared(word(w))) for w in words]
    assert radii[0] == pytest.approx(reach**2, rel=2 * float(np.finfo(dtype).eps))
    assert radii[-1] == 0
    assert all(a > b for a, b in itertools.pairwise(radii))


HALF_BOUNDS = (
    (0.0, 1.0),
    (-0.1, 0.1),
    (-1.0, 1.0),
    (0.3, 0.7),
    (-5.0, -4.9),
    (1.0, 1.01),
    (-(2.0**-14), 0.0),
    (-3e4, 3e4),
    (0.25, 0.25),
)


@numba.njit
def extremes(encode, decode, parameters):
    """The smallest and largest value, as stored, over every uniform there is: all 2^24 of them."""
    low, high = decode(encode(uniform32(uint32(0), parameters))), np.float32(-np.inf)
    for i in range(1 << 24):
        value = decode(encode(uniform32(uint32(i << 8), parameters)))
        low, high = min(low, value), max(high, value)
    return low, high


def kernel_parameters(dtype, bounds):
    """What the kernels get for these bounds."""
    _, parameters = parameters_of(target_of(np.empty(1, dtype_of(dtype))), Uniform(*bounds))
    return tuple(np.ctypeslib.as_array(parameters))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("bounds", HALF_BOUNDS, ids=repr)
def test_half_types_never_give_the_excluded_bound(bounds, dtype):
    encoder = ENCODERS[dtype]
    low, high = extremes(encoder.encode, encoder.decode, kernel_parameters(dtype, bounds))
    first, last = allowed(dtype, *bounds)
    assert bounds[0] <= first == low
    assert high <= last < bounds[1] or bounds[0] == bounds[1]
    assert high == last or bounds[1] == 0  # the last of 2^24 steps is coarser than the numbers next to 0


@pytest.mark.parametrize("dtype", REALS)
def test_the_largest_uniform_stays_below_the_bound(dtype):
    """The word of 24 ones, through the public door; in float64 its upper bits."""
    word = 1
    place = element_of(LARGEST_UNIFORM_BLOCK, word)
    if dtype == "float64":  # words 0 and 1 are one number, the second is its low half: nothing extreme
        place = LARGEST_UNIFORM_BLOCK // 16 * 32 + LARGEST_UNIFORM_BLOCK % 16
    for low, high in ((0.0, 1.0), (-1.0, 0.0), (1.0, 2.0), (-0.1, 0.1)):
        block = shard((1,), dtype, (2**40,), (place,))
        value = refinit.uniform_(block, low, high, generator=refinit.CounterGenerator(0)).array[0]
        end = dtype_of(dtype).type(high)
        assert low <= float(value) < high
        if dtype != "float64":
            step = end - np.nextafter(end, dtype_of(dtype).type(-np.inf))
            assert float(end - value) <= 2 * max(float(step), 2.0**-24 * (high - low))
