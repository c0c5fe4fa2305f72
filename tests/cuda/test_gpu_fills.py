"""Fills on a GPU: what no other rung can show, by the simplest means. `make gpu` runs them."""

from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest

import refinit
from refinit import Shard
from tests.cuda.standins import AtAddress
from tests.cuda.test_matrix import FIXED, PATTERNS, PLACES, applied, taken
from tests.tables.cases import NORMAL, UNIFORM, each_dtype
from tests.tables.counter_streams import ELEMENTWISE, SPARSE, at_fill
from tests.tables.places import SENTINEL, array_at, dtype_of

pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("ignore:Grid size")]
LIBRARIES = [name for name in ("numba", "torch", "cupy") if find_spec(name)]
#: Of a loop of a few nanoseconds each: by far longer than a fill takes to be launched.
TURNS = 200_000_000


@pytest.fixture(scope="module")
def cuda():
    from numba import cuda

    return cuda


def at(memory, array, base, stream=None):
    """CUDA memory that is a copy of `base`, as an array that lies in it where `array` lies in `base`."""
    distance = memory.__cuda_array_interface__["data"][0] - base.ctypes.data
    shown = AtAddress(array.ctypes.data + distance, array.shape, array.strides, array.dtype.str)
    shown.__cuda_array_interface__["stream"] = stream
    return shown


def same_on_gpu(cuda, call, place, dtype):
    """Calls it on the same place of host memory and of the GPU's, and compares all around, too."""
    expected, found = (np.full(place.room * dtype_of(dtype).itemsize, SENTINEL, np.uint8) for _ in range(2))
    call(array_at(expected.data, place, dtype))
    memory = cuda.to_device(found)
    call(at(memory, array_at(found.data, place, dtype), found))
    assert memory.copy_to_host().tobytes() == expected.tobytes()


@pytest.mark.parametrize(("call", "dtype"), each_dtype((*ELEMENTWISE, *SPARSE, *FIXED, *PATTERNS)))
def test_every_function_gives_the_bits_of_the_cpu(cuda, call, dtype):
    for place in taken(call, PLACES):
        same_on_gpu(cuda, partial(applied, call), place, dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_orthogonal_agrees_with_the_cpu(cuda, dtype):
    for shape in ((300, 200), (200, 300), (64, 64)):
        base = np.zeros(shape, dtype_of(dtype))
        memory = cuda.to_device(base.view(np.uint8))
        refinit.orthogonal_(at(memory, base, base), generator=at_fill(1))
        memory.copy_to_host(base.view(np.uint8))
        expected = refinit.orthogonal_(np.empty(shape, dtype_of(dtype)), generator=at_fill(1))
        error = np.abs(base.astype(np.float64) - expected.astype(np.float64)).max()
        assert error <= {"float64": 1e-13, "float32": 1e-5, "float16": 1e-3, "bfloat16": 1e-2}[dtype]


@pytest.mark.parametrize("call", [UNIFORM[1], NORMAL[1]], ids=str)
def test_more_than_4_gib(cuda, call):
    size, width = 2**31 + 2**20 + 7, 2
    memory = cuda.device_array(size * width, np.uint8)
    address = memory.__cuda_array_interface__["data"][0]
    applied(call, AtAddress(address, (size,), (width,), "<f2"))
    for start in (0, 2**31 - 100, size - 100):
        found = memory[start * width : (start + 100) * width].copy_to_host()
        piece = np.empty(100, np.float16)
        applied(call, Shard(piece, (size,), (start,)))
        assert found.tobytes() == piece.tobytes()


def array_of(library, size):
    """An array of zeros of a library, and a function that gives it as a NumPy array."""
    if library == "torch":
        import torch

        tensor = torch.zeros(size, device="cuda")
        return tensor, lambda: tensor.cpu().numpy()
    if library == "cupy":
        import cupy

        array = cupy.zeros(size, "float32")
        return array, array.get
    from numba import cuda

    array = cuda.to_device(np.zeros(size, np.float32))
    return array, array.copy_to_host


@pytest.mark.parametrize("library", LIBRARIES)
def test_arrays_of_every_library(library):
    array, read = array_of(library, 10_001)
    assert refinit.normal_(array, generator=at_fill(5)) is array
    assert read().tobytes() == refinit.normal_(np.empty(10_001, np.float32), generator=at_fill(5)).tobytes()


@pytest.fixture(scope="module")
def spin(cuda):
    """A kernel that counts, each number hanging on the last."""

    @cuda.jit
    def counting(count, out):
        number = out[0]
        for _ in range(count):
            number = number * 6364136223846793005 + 1442695040888963407
        out[0] = number

    counting[1, 1](1, cuda.to_device(np.zeros(1, np.int64)))  # compiles it
    return counting


@pytest.mark.parametrize(
    "function",
    [refinit.uniform_, refinit.trunc_normal_, partial(refinit.sparse_, sparsity=0.5), refinit.orthogonal_],
    ids=["uniform_", "trunc_normal_", "sparse_", "orthogonal_"],
)
def test_a_fill_stands_in_its_stream_and_is_not_waited_for(cuda, spin, function):
    """Behind a kernel that is still running when the fill returns."""
    base = np.zeros((70, 70), np.float32)
    expected = np.empty_like(base)
    function(expected, generator=at_fill(2))
    stream, over, memory = cuda.stream(), cuda.event(), cuda.to_device(base)
    counter = cuda.to_device(np.zeros(1, np.int64))
    array = at(memory, base, base, stream=int(stream))
    function(array, generator=at_fill(2))  # loads the kernels
    memory.copy_to_device(base)
    cuda.synchronize()
    spin[1, 1, stream](TURNS, counter)
    function(array, generator=at_fill(2))
    over.record(stream)
    assert not over.query()
    stream.synchronize()
    assert np.allclose(memory.copy_to_host(), expected, atol=1e-5)


def test_each_gpu_fills_its_own_memory(cuda):
    expected = refinit.normal_(np.empty(1000, np.float32), generator=at_fill(5))
    here = cuda.current_context().device.id
    for ordinal in range(len(cuda.gpus)):
        with cuda.gpus[ordinal]:
            array = cuda.to_device(np.zeros(1000, np.float32))
        refinit.normal_(array, generator=at_fill(5))
        assert cuda.current_context().device.id == here
        with cuda.gpus[ordinal]:
            assert array.copy_to_host().tobytes() == expected.tobytes()


def test_a_host_tensor_never_reaches_a_kernel(cuda):
    pinned = cuda.pinned_array(100, np.float32)
    refinit.uniform_(pinned, generator=at_fill(5))
    assert pinned.tobytes() == refinit.uniform_(np.empty(100, np.float32), generator=at_fill(5)).tobytes()
