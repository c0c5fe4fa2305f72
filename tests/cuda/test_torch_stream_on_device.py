"""torch's CUDA stream by the compiled kernels, on a stated small GPU, against the replay in host memory."""

import numpy as np
import pytest

import refinit
from refinit.devices import device as devices
from tests.tables.places import dtype_of
from verify.cuda.executors import CudaArray, PtxDevice, SimDevice

GPU = {"multiprocessors": 2, "threads_per_multiprocessor": 512}
THREADS = 4 * 256
REALS = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128")
#: What the device's logarithm, sine and cosine are made of; here they are computed exactly and rounded.
APPROXIMATE = ("sin.approx.f32", "cos.approx.f32", "rcp.approx.ftz.f64")
SIZES = (1, 7, 255, 256, 257, THREADS - 1, THREADS + 1, 2 * THREADS, 4 * THREADS, 4 * THREADS + 5)


@pytest.fixture
def device():
    return PtxDevice(sanitize=True, allow=APPROXIMATE, **GPU)


def both(device, function, view_of, dtype, size, seed=3, offset=0):
    """The bytes that the device wrote and those of the replay, and both generators' states."""
    results, states = [], []
    for on_device in (True, False):
        base = np.zeros(size, dtype_of(dtype))
        generator = refinit.Generator("cuda", **({} if on_device else GPU)).manual_seed(seed)
        state = generator.get_state().view("<u8")
        generator.set_state(np.array([state[0], offset], "<u8").view(np.uint8))
        if on_device:
            with devices.reached_by(lambda place: device), device.holding(base) as distance:
                function(view_of(CudaArray(base, distance)), generator)
        else:
            function(view_of(base), generator)
        results.append(base)
        states.append(bytes(generator.get_state()))
    return results, states


def uniform(weight, generator):
    refinit.uniform_(weight, -1.0, 3.0, generator=generator)


def normal(weight, generator):
    refinit.normal_(weight, 1.0, 2.0, generator=generator)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", REALS)
def test_uniforms_are_those_of_the_replay_and_so_is_the_offset(device, dtype, size):
    (found, expected), states = both(device, uniform, lambda base: base, dtype, size)
    assert found.tobytes() == expected.tobytes()
    assert states[0] == states[1]


@pytest.mark.parametrize("size", [7, 4 * THREADS + 5])
@pytest.mark.parametrize("dtype", REALS)
def test_normals_are_near_those_of_the_replay(device, dtype, size):
    (found, expected), states = both(device, normal, lambda base: base, dtype, size)
    wide = [one.astype(np.complex128) for one in (found, expected)]
    bound = {"float64": 2e-14, "complex128": 2e-14, "float16": 2.0**-7, "bfloat16": 2.0**-4}.get(dtype, 2e-6)
    assert np.abs(wide[0] - wide[1]).max() <= bound
    assert states[0] == states[1]


@pytest.mark.parametrize("dtype", REALS)
def test_memory_of_any_strides_is_filled_in_memory_order(device, dtype):
    def view(base):
        return (
            CudaArray(base.array.reshape(10, 9, 8), base.distance)[::2, ::-3, 1::2]
            if (isinstance(base, CudaArray))
            else base.reshape(10, 9, 8)[::2, ::-3, 1::2]
        )

    (found, expected), states = both(device, uniform, view, dtype, 720)
    assert found.tobytes() == expected.tobytes()
    assert states[0] == states[1]


def test_an_offset_beyond_32_bits_reaches_the_counters_second_word(device):
    (found, expected), _ = both(device, uniform, lambda base: base, "float32", 5000, offset=2**35 - 4)
    assert found.tobytes() == expected.tobytes()


def test_a_stated_geometry_goes_before_the_devices_own(device):
    other = {"multiprocessors": 1, "threads_per_multiprocessor": 256}
    weight, expected = np.zeros(5000, np.float32), np.zeros(5000, np.float32)
    with devices.reached_by(lambda place: device), device.holding(weight) as distance:
        uniform(CudaArray(weight, distance), refinit.Generator("cuda", **other).manual_seed(3))
    uniform(expected, refinit.Generator("cuda", **other).manual_seed(3))
    assert weight.tobytes() == expected.tobytes()


def test_without_a_generator_cuda_arrays_take_the_cuda_default(device):
    refinit.manual_seed(0)
    weight = np.zeros(4, np.float32)
    cpu_state = refinit.get_rng_state().tobytes()
    with devices.reached_by(lambda place: device), device.holding(weight) as distance:
        refinit.uniform_(CudaArray(weight, distance))
    # what torch prints for manual_seed(0); rand(2, 2, device="cuda")
    assert [f"{value:.4f}" for value in weight] == ["0.3990", "0.5167", "0.0249", "0.9401"]
    assert refinit.get_rng_state().tobytes() == cpu_state


@pytest.mark.parametrize(
    "call",
    [
        lambda w, **g: refinit.trunc_normal_(w, std=0.5, **g),
        lambda w, **g: refinit.sparse_(w, 0.5, **g),
        refinit.orthogonal_,
    ],
    ids=["trunc_normal_", "sparse_", "orthogonal_"],
)
def test_laws_that_hang_on_the_gpu_are_taken_by_position(device, call):
    """The same as in host memory, where a GPU is stated: it has no part in them."""
    weight, host = np.zeros((40, 24), np.float32), np.zeros((40, 24), np.float32)
    stated = refinit.Generator("cuda", multiprocessors=1, threads_per_multiprocessor=1024).manual_seed(5)
    refinit.manual_seed(5)
    with (
        devices.reached_by(lambda place: device),
        device.holding(weight) as distance,
        pytest.warns(refinit.RefinitWarning, match="have the law"),
    ):
        call(CudaArray(weight, distance))
    with pytest.warns(refinit.RefinitWarning, match="have the law"):
        call(host, generator=stated)
    np.testing.assert_allclose(weight, host, rtol=0, atol=1e-5 if call is refinit.orthogonal_ else 0)
    assert refinit.default_cuda_generator.get_state().view("<u8").tolist() == [5, 4]


REFUSED = {
    "a CPU's generator": (
        lambda w: refinit.uniform_(w, generator=refinit.Generator()),
        RuntimeError,
        "'cuda' device",
    ),
}


@pytest.mark.parametrize(("call", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_what_the_stream_cannot_give_is_refused_before_anything_is_launched(device, call, error, text):
    weight = np.zeros((4, 4), np.float32)
    with (
        devices.reached_by(lambda place: device),
        device.holding(weight) as distance,
        pytest.raises(error, match=text),
    ):
        call(CudaArray(weight, distance))
    assert not device.launches


def test_five_axes_that_do_not_merge_are_refused(device):
    base = np.zeros((4, 4, 4, 4, 4), np.float32)
    with devices.reached_by(lambda place: device), device.holding(base) as distance:
        view = CudaArray(base, distance)[::2, ::2, ::2, ::2, ::2]
        with pytest.raises(NotImplementedError, match="at most 4 axes"):
            refinit.uniform_(view)
    assert not device.launches


def test_the_simulator_refuses_kernels_that_it_would_run_wrongly():
    device, weight = SimDevice(), np.zeros(5, np.float32)
    with devices.reached_by(lambda place: device), pytest.raises(NotImplementedError, match="not simulated"):
        refinit.uniform_(CudaArray(weight, 0), generator=refinit.Generator("cuda"))
    assert not weight.any()
