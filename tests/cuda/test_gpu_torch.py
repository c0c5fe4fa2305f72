"""torch's CUDA tensors and torch's CUDA stream, where torch has a GPU."""

import numpy as np
import pytest

import refinit
from tests.tables.counter_streams import at_fill

pytestmark = pytest.mark.gpu
SIZES = (1, 1000, 132 * 2048 * 4 - 1, 3_000_001)
FLOATS = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128")


@pytest.fixture
def torch():
    module = pytest.importorskip("torch")
    if not module.cuda.is_available():
        pytest.skip("torch finds no CUDA device")
    return module


def ones(torch, size, dtype="float32"):
    return torch.ones(size, dtype=getattr(torch, dtype), device="cuda")


def both(torch, function, size, dtype, **parameters):
    """refinit's and torch's tensor, filled from the same state twice, and both generators."""
    tensors, generators = [], []
    for library, make in ((refinit, refinit.Generator), (torch.nn.init, torch.Generator)):
        generator, tensor = make("cuda"), ones(torch, size, dtype)
        generator.manual_seed(2**40 + 3)
        for _ in range(2):
            getattr(library, function)(tensor, **parameters, generator=generator)
        tensors.append(tensor)
        generators.append(generator)
    return tensors, generators


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_uniforms_are_torchs_bits_and_so_is_the_state_behind_them(torch, dtype, size):
    (ours, theirs), (one, other) = both(torch, "uniform_", size, dtype, a=-1.0, b=3.0)
    assert torch.equal(ours, theirs)
    assert bytes(one.get_state()) == bytes(other.get_state().numpy())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_normals_are_torchs(torch, dtype, size):
    (ours, theirs), (one, other) = both(torch, "normal_", size, dtype, mean=1.0, std=2.0)
    tolerance = {"float64": 1e-14, "complex128": 1e-14, "float16": 2e-2, "bfloat16": 1e-1}.get(dtype, 4e-6)
    assert torch.allclose(ours, theirs, rtol=0, atol=tolerance)
    assert bytes(one.get_state()) == bytes(other.get_state().numpy())


def test_the_replay_in_host_memory_is_what_the_gpu_gives(torch):
    facts = torch.cuda.get_device_properties(0)
    gpu = (facts.multi_processor_count, facts.max_threads_per_multi_processor)
    generator = refinit.Generator("cuda", multiprocessors=gpu[0], threads_per_multiprocessor=gpu[1])
    expected = torch.nn.init.uniform_(
        ones(torch, 3_000_001), generator=torch.Generator("cuda").manual_seed(7)
    )
    found = refinit.uniform_(np.empty(3_000_001, np.float32), generator=generator.manual_seed(7))
    assert found.tobytes() == expected.cpu().numpy().tobytes()


def test_parameters_of_a_model_on_torchs_current_stream(torch):
    layer = torch.nn.Linear(300, 200, device="cuda")
    version = layer.weight._version
    with torch.cuda.stream(torch.cuda.Stream()):
        refinit.kaiming_normal_(layer.weight, generator=at_fill(1))
        found = layer.weight.detach() + 0  # on the same stream, behind the fill
    torch.cuda.synchronize()
    expected = refinit.kaiming_normal_(np.empty((200, 300), np.float32), generator=at_fill(1))
    assert found.cpu().numpy().tobytes() == expected.tobytes()
    assert layer.weight._version > version


def test_a_fill_may_be_captured_in_a_graph(torch):
    tensor, graph = ones(torch, (100, 100)), torch.cuda.CUDAGraph()
    refinit.sparse_(tensor, 0.5, generator=at_fill(1))  # loads the kernels
    expected = tensor.clone()
    tensor.zero_()
    with torch.cuda.graph(graph):
        refinit.sparse_(tensor, 0.5, generator=at_fill(1))
    assert not tensor.any()
    graph.replay()
    assert torch.equal(tensor, expected)
