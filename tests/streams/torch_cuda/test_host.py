"""torch's CUDA stream in host memory: numbers that others printed, and a slow replay of torch's kernel."""

import numpy as np
import pytest
from numpy import uint32, uint64

import refinit
from refinit.streams.torch_cuda.math import angle32, half_turns64, unit32, unit64
from tests.tables.cases import FLOATS, Call
from tests.tables.places import MATRICES, SENTINEL, Place, array_at, dtype_of, memory
from tests.tables.references.torch import torch_module
from tests.tables.references.torch_cpu import walk
from tests.tables.references.torch_cuda import Stream, real_of

SEED = 2**63 + 12345678901
#: (multiprocessors, threads on each): 256 and 1024 threads, so that a few thousand reals take several calls.
SMALL = ((1, 256), (2, 767))
SIZES = (1, 2, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2048, 2049, 4095, 4096, 4097, 9001)
BOUNDS = ((0.0, 1.0), (-0.1, 0.3), (1.0, 1.01), (0.25, 0.25), (-3e4, 3e4), (-5.0, -4.9), (0.0, 1e-7))
T4, L4, A100, H100 = (40, 1024), (58, 1536), (108, 2048), (132, 2048)


def generator(gpu, seed=SEED):
    multiprocessors, threads = gpu
    made = refinit.Generator("cuda", multiprocessors=multiprocessors, threads_per_multiprocessor=threads)
    return made.manual_seed(seed)


def offset_of(made):
    return int(made.get_state().view(np.uint64)[1])


def array_of(count, dtype):
    return np.empty(count, dtype_of(dtype))


def reals_of(array):
    return array.ravel().view(dtype_of(real_of(array.dtype.name)))


RAND_0 = (
    *(0.3990, 0.5167, 0.0249, 0.9401, 0.9459, 0.7967, 0.4150, 0.8203),
    *(0.2290, 0.9096, 0.1183, 0.0752, 0.4092, 0.9601, 0.2093, 0.1940),
)
RANDN_0 = (
    *(-0.9247, -0.4253, -2.6438, 0.1452, -0.1209, -0.5797),
    *(-0.6229, -0.3284, -1.0745, -0.3631, -1.6711, 2.2655),
)
RANDN_42 = (0.1940, 2.1614, -0.1721, 0.8491, -1.9244, 0.6530, -0.6494, -0.8175, 0.5280, -1.2753)


@pytest.mark.parametrize("gpu", [T4, A100, H100], ids=str)
@pytest.mark.parametrize(
    ("fill", "seed", "printed"),
    [("uniform_", 0, RAND_0), ("normal_", 0, RANDN_0), ("normal_", 42, RANDN_42)],
    ids=["rand-0", "randn-0", "randn-42"],
)
def test_the_numbers_that_torch_users_print_on_gpus(fill, seed, printed, gpu):
    """torch.manual_seed(seed); torch.rand(16, device="cuda"), or randn; four digits, as torch prints them."""
    found = getattr(refinit, fill)(array_of(len(printed), "float32"), generator=generator(gpu, seed))
    assert [round(float(x), 4) for x in found] == list(printed)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("gpu", SMALL, ids=str)
def test_uniforms_are_the_slow_replays_bit_for_bit(gpu, dtype):
    ours, theirs = generator(gpu), Stream(SEED, *gpu)
    for number, size in enumerate(SIZES):
        low, high = BOUNDS[number % len(BOUNDS)]
        found = reals_of(refinit.uniform_(array_of(size, dtype), low, high, generator=ours))
        assert found.tobytes() == theirs.uniform(dtype, found.size, low, high).tobytes(), size
        assert offset_of(ours) == theirs.offset


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
def test_bounds_are_rounded_as_torch_rounds_them(bounds, dtype):
    ours, theirs = generator((1, 256)), Stream(SEED, 1, 256)
    found = reals_of(refinit.uniform_(array_of(3000, dtype), *bounds, generator=ours))
    assert found.tobytes() == theirs.uniform(dtype, found.size, *bounds).tobytes()


def assert_normal(found, theirs, dtype, mean, std):
    """Within 1e-6 std (1e-14 in float64), and a place of the type or of the sum."""
    std = std / 2**0.5 if real_of(dtype) != dtype else std
    expected = theirs.normal(dtype, found.size) * std + mean
    eps = float(np.finfo(found.dtype).eps) if real_of(dtype) != "bfloat16" else 2.0**-7
    slack = std * (1e-14 if real_of(dtype) == "float64" else 1e-6) + eps * np.abs(expected)
    assert (np.abs(found.astype(np.float64) - expected) <= slack).all()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("gpu", SMALL, ids=str)
def test_normals_are_close_to_the_slow_replays(gpu, dtype):
    ours, theirs = generator(gpu), Stream(SEED, *gpu)
    for number, size in enumerate(SIZES):
        mean, std = ((0.0, 1.0), (0.5, 0.02), (-3.0, 2.0))[number % 3]
        found = reals_of(refinit.normal_(array_of(size, dtype), mean, std, generator=ours))
        assert_normal(found, theirs, dtype, mean, std)
        assert offset_of(ours) == theirs.offset


@pytest.mark.parametrize("offset", [0, 4, 2**34 - 8, 2**34, 2**63, 2**64 - 4])
def test_every_offset_is_a_place_to_go_on_from(offset):
    """Counted in fours, the offset is the counter's low 64 bits; itself it counts modulo 2**64."""
    state = np.array([SEED, offset], np.uint64).view(np.uint8)
    ours, theirs = generator((1, 256)).set_state(state), Stream(SEED, 1, 256, offset)
    found = refinit.uniform_(array_of(3000, "float32"), generator=ours)
    assert found.tobytes() == theirs.uniform("float32", 3000, 0.0, 1.0).tobytes()
    assert offset_of(ours) == theirs.offset % 2**64


LAYOUTS = (
    *MATRICES,
    Place("negative", (30, 40), (-40, 1), 1160),
    Place("cube", (6, 7, 30), (1, 180, 6)),
    Place("cube-step", (6, 7, 30), (2, 400, 13), 5),
)


@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64", "complex64"])
@pytest.mark.parametrize("place", LAYOUTS, ids=str)
def test_strided_memory_is_filled_in_its_own_order_and_nothing_beside_it(place, dtype):
    found, expected = memory(place, dtype), memory(place, dtype)
    theirs = Stream(SEED, 1, 256)
    array = array_at(expected, place, dtype)
    values = theirs.uniform(dtype, reals_of(np.empty(place.shape, array.dtype)).size, -1.0, 2.0)
    walk(array, [float(value) for value in values])
    ours = generator((1, 256))
    refinit.uniform_(array_at(found, place, dtype), -1.0, 2.0, generator=ours)
    assert found == expected
    assert offset_of(ours) == theirs.offset


def test_memory_at_an_odd_address():
    buffer = bytearray([SENTINEL]) * 4003
    odd = np.frombuffer(buffer, np.uint8)[1:4001].view(np.float32)
    refinit.uniform_(odd, generator=generator((1, 256)))
    assert odd.tobytes() == Stream(SEED, 1, 256).uniform("float32", 1000, 0.0, 1.0).tobytes()
    assert buffer[0] == buffer[4001] == SENTINEL


@pytest.mark.parametrize("function", ["uniform_", "normal_"])
@pytest.mark.parametrize("shape", [(600001,), (771, 779)], ids=str)
def test_threads_do_not_change_the_numbers(function, shape, request):
    before = refinit.get_num_threads()
    request.addfinalizer(lambda: refinit.set_num_threads(before))
    results = []
    for number in (1, 2, 5):
        refinit.set_num_threads(number)
        memory_of = np.empty((*shape[:-1], shape[-1] + 3), np.float32)[..., :-3]
        made = generator((3, 1024))
        getattr(refinit, function)(memory_of, generator=made)
        results.append((memory_of.tobytes(), offset_of(made)))
    assert results[0] == results[1] == results[2]


def test_a_large_fill_is_the_slow_replays():
    found = refinit.uniform_(array_of(600001, "float32"), generator=generator((3, 1024)))
    assert found.tobytes() == Stream(SEED, 3, 1024).uniform("float32", 600001, 0.0, 1.0).tobytes()


@pytest.mark.parametrize("function", ["uniform_", "normal_"])
@pytest.mark.parametrize(("count", "alike"), [(40960, True), (40961, False)])
def test_the_gpu_matters_from_its_number_of_threads_on(count, alike, function):
    """A T4 holds 40 * 1024 threads at once; a user measured the same of a T4 and an L4 (pytorch#194676)."""
    fill = getattr(refinit, function)
    fills = {fill(array_of(count, "float32"), generator=generator(gpu)).tobytes() for gpu in (T4, L4)}
    assert (len(fills) == 1) == alike


MADE_OF_THEM = (
    Call("xavier_uniform_"),
    Call("xavier_normal_", {"gain": 2.0}),
    Call("kaiming_uniform_", {"nonlinearity": "relu"}),
    Call("kaiming_normal_", {"mode": "fan_out"}),
)


@pytest.mark.parametrize("call", MADE_OF_THEM, ids=str)
def test_what_is_built_on_the_two_takes_their_numbers(call):
    """A uniform or normal law is its standard one, scaled: the same reals in the same order."""
    found = call.on(refinit, np.empty((60, 70), np.float64), generator((1, 256)))
    plain = refinit.uniform_ if "uniform" in call.function else refinit.normal_
    standard = plain(
        np.empty((60, 70)),
        *((-1.0, 1.0) if "uniform" in call.function else ()),
        generator=generator((1, 256)),
    )
    ratio = found / standard
    assert np.allclose(ratio, ratio[0, 0], rtol=1e-9, atol=0)


def test_torch_tensors_are_filled_too():
    tensor = refinit.normal_(torch_module().empty(30, 40), generator=generator((1, 256)))
    assert (
        tensor.numpy().tobytes()
        == refinit.normal_(array_of(1200, "float32"), generator=generator((1, 256))).tobytes()
    )


def test_the_ends_of_the_unit_interval():
    """(0, 1]: 1.0 for the top 128 words; what comes out as the upper bound becomes the lower one."""
    assert unit32(uint32(0)) == 2.0**-33
    assert unit32(uint32(2**32 - 128)) == unit32(uint32(2**32 - 1)) == 1.0
    assert unit32(uint32(2**32 - 129)) == np.float32(1 - 2.0**-24)
    assert angle32(uint32(0)) == np.float32(2 * np.pi) * 2.0**-33
    assert angle32(uint32(2**32 - 1)) == np.float32(2 * np.pi)
    assert unit64(uint64(0)) == 2.0**-54
    assert unit64(uint64(2**53 - 1)) == 1.0
    assert unit64(uint64(2**53 - 2)) == 1 - 2.0**-52  # a tie, to even
    assert half_turns64(uint64(0)) == 2.0**-53
    assert half_turns64(uint64(2**53 - 1)) == 2.0
