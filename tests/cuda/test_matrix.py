"""Every function with every dtype that it fills on a device by compiled kernels; every kernel on the simulator."""

import time
from functools import partial

import numpy as np
import pytest

import refinit
from refinit.initializers.registry import INITIALIZERS
from tests.cuda.standins import checked, on, same
from tests.tables.cases import EVERY, FIXED, FLOATS, NORMAL, REALS, SCALED, UNIFORM, Call, each_dtype
from tests.tables.counter_streams import (
    ELEMENTWISE,
    FAR_TRUNCATION,
    NARROW_TRUNCATION,
    SPARSE,
    WIDE_TRUNCATION,
    at_fill,
)
from tests.tables.places import Place, array_at, contiguous, dtype_of, permuted
from verify.cuda.executors import PtxDevice, SimDevice
from verify.cuda.kernels import APPROXIMATE

EYE_TYPES = tuple(name for name in EVERY if name in INITIALIZERS["eye_"].dtypes["counter"])
PATTERNS = (
    Call("eye_", ndims=(2,), dtypes=EYE_TYPES, random=False),
    Call("dirac_", ndims=(4,), dtypes=EVERY, random=False),
    Call("dirac_", {"groups": 2}, ndims=(4,), dtypes=EVERY, random=False),
)
#: Runs of which kernels store sixteen bytes at once, with an end; one that never begins at such a place; any strides.
PLACES = {
    1: (contiguous(1300), contiguous(700, offset=1), Place("step", (100,), (3,), 2)),
    2: (
        contiguous(30, 45),
        Place("gaps", (3, 600), (640, 1)),
        permuted((45, 30), (1, 0), offset=1),
        Place("both", (20, 17), (111, 3), 7),
    ),
    4: (contiguous(6, 4, 3, 5), Place("channels-last", (4, 3, 5, 6), (90, 1, 18, 3), 2)),
}
#: A simulated thread is one of Python, so these are of one block; a call for each kernel that has no other's code.
SMALL = {
    1: (contiguous(70), Place("step", (20,), (3,), 2)),
    2: (contiguous(9, 8), Place("both", (5, 6), (40, 3), 7)),
    4: (contiguous(4, 2, 3, 1), Place("channels-last", (4, 3, 2, 2), (18, 1, 8, 4), 2)),
}
SIMULATED = (
    *(Call(name, dtypes=REALS, ndims=(1,)) for name in ("uniform_", "normal_")),
    *(
        Call("trunc_normal_", call.parameters, REALS, ndims=(1,))
        for call in (*WIDE_TRUNCATION[:2], *NARROW_TRUNCATION[:1], *FAR_TRUNCATION[:1])
    ),
    Call("sparse_", {"sparsity": 0.3}, ("float16", "float32", "complex128"), ndims=(2,)),
    *(
        Call(
            call.function,
            call.parameters,
            ("int8", "float16", "complex64", "complex128"),
            call.ndims,
            call.random,
        )
        for call in (FIXED[3], PATTERNS[1])
    ),
    Call("eye_", dtypes=("int8", "float16", "complex64", "complex128"), ndims=(2,), random=False),
)


def applied(call, tensor):
    """The call at the fourth fill of a key."""
    call.on(refinit, tensor, at_fill(3, 0xFEDCBA9876543210) if call.random else None)


def taken(call, places):
    """Those of the places whose number of axes the call takes."""
    return [place for ndim, some in places.items() if ndim in call.ndims for place in some]


def names_of(devices):
    return sorted({name for device in devices for name, *_ in device.launches})


@pytest.mark.parametrize(("call", "dtype"), each_dtype((*ELEMENTWISE, *SPARSE, *FIXED, *PATTERNS)))
def test_compiled_kernels_give_the_bits_of_the_cpu(call, dtype, proves):
    used = [same(partial(applied, call), place, dtype) for place in taken(call, PLACES)]
    proves("ptx", function=call.function, dtype=dtype, kernels=names_of(used))


@pytest.fixture
def patient(monkeypatch):
    """The simulator asks its threads without a pause whether they live, while one of them compiles what it calls."""
    from numba.cuda.simulator.kernel import BlockThread

    def is_alive(self):
        time.sleep(0)
        return super(BlockThread, self).is_alive()

    monkeypatch.setattr(BlockThread, "is_alive", is_alive)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(("call", "dtype"), each_dtype(SIMULATED))
def test_simulated_kernels_give_the_bits_of_the_cpu(call, dtype, proves):
    used = [same(partial(applied, call), place, dtype, SimDevice()) for place in taken(call, SMALL)]
    proves("simulator", kernels=names_of(used))


def distance(call, place, dtype, device):
    """Between the device's array and the CPU's."""
    expected, found = (np.zeros(place.room * dtype_of(dtype).itemsize, np.uint8) for _ in range(2))
    call(array_at(expected.data, place, dtype))
    with on(device, found.view(dtype_of(dtype))) as shown:
        call(shown(array_at(found.data, place, dtype)))
    both = (array_at(one.data, place, dtype).astype(np.complex128) for one in (found, expected))
    return np.abs(np.subtract(*both)).max()


def spacing(dtype):
    """Of numbers near 1."""
    import ml_dtypes

    return float(ml_dtypes.finfo(dtype_of(dtype)).eps)


@pytest.mark.parametrize("dtype", REALS)
def test_orthogonal_is_near_the_cpus(dtype, proves):
    """Within what refinit/streams/counter/cuda/orthogonal.py states; more in test_orthogonal_on_device.py."""
    fill = partial(applied, Call("orthogonal_"))
    used = [checked(), checked(), checked()]
    for device, shape in zip(used, ((70, 130), (30, 2, 3), (600, 5)), strict=True):
        assert distance(fill, contiguous(*shape), dtype, device) <= 10 * spacing(dtype)
    proves("ptx", function="orthogonal_", dtype=dtype, kernels=names_of(used), exact=False)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_simulated_sums_of_orthogonals_products(dtype, proves):
    """Which only matrices of more than 256 rows need."""
    base, device = np.arange(900, dtype=dtype).reshape(3, 300) / 7, SimDevice()
    expected = base[0] + base[1] + base[2]
    device.launch(f"reflector_sums_{dtype}", (2, 1), 256, (base.ctypes.data, 300, 3))
    assert base[0].tobytes() == expected.tobytes()
    proves("simulator", kernels=names_of([device]))


ON_TORCHS_STREAM = (UNIFORM[1], NORMAL[1], *{call.function: call for call in SCALED}.values())
EXACT = ("uniform_", "xavier_uniform_", "kaiming_uniform_")
TINY_GPU = {"multiprocessors": 2, "threads_per_multiprocessor": 512}


def from_torchs_stream(call, tensor):
    """The call on the CUDA stream of a stated GPU: replayed in host memory, computed on a device."""
    call.on(refinit, tensor, refinit.Generator("cuda", **TINY_GPU).manual_seed(2**40 + 3))


def torch_places(call):
    return [place for place in taken(call, PLACES) if place.name != "gaps"]


@pytest.mark.parametrize(("call", "dtype"), each_dtype(ON_TORCHS_STREAM))
def test_torchs_cuda_stream_is_the_replay_in_host_memory(call, dtype, proves):
    """Uniforms to the bit; normals hang on logarithms, sines and cosines, here computed exactly and rounded."""
    exact, used = call.function in EXACT, []
    for place in torch_places(call):
        device = PtxDevice(sanitize=True, allow=APPROXIMATE["torch_normal"], **TINY_GPU)
        fill = partial(from_torchs_stream, call)
        if exact:
            same(fill, place, dtype, device)
        else:
            assert distance(fill, place, dtype, device) <= 16 * max(spacing(dtype), 2e-15)
        used.append(device)
    proves(
        "ptx", stream="torch_cuda", function=call.function, dtype=dtype, kernels=names_of(used), exact=exact
    )


def test_all_floating_types_and_functions_are_there():
    calls = {"counter": (*ELEMENTWISE, *SPARSE, *FIXED, *PATTERNS), "torch_cuda": ON_TORCHS_STREAM}
    for stream, some in calls.items():
        tried = {(call.function, dtype) for call in some for dtype in call.dtypes if dtype in FLOATS}
        promised = {
            (name, dtype)
            for name, entry in INITIALIZERS.items()
            for dtype in entry.dtypes[stream]
            if dtype in FLOATS and name != "orthogonal_" and (entry.random or stream == "counter")
        }
        assert tried == promised, "add a Call above"
