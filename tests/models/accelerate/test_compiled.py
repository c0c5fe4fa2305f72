"""Compiled functions draw what they drew: Dynamo looks into nothing of ours."""

import shutil

import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()

N = 200
NO_COMPILER = pytest.mark.skipif(shutil.which("g++") is None, reason="inductor needs a C++ compiler")
BACKENDS = ["eager", "aot_eager", pytest.param("inductor", marks=NO_COMPILER)]


def draws(_weight):
    result, small = torch.randn(N, N), torch.empty(3)
    torch.nn.init.normal_(small)
    return torch.rand(N, N) + result, small


def truncates(weight):
    """torch's own breaks the graph where it looks whether all lie within the bounds."""
    weight = weight * 0
    torch.nn.init.trunc_normal_(weight, std=0.5)
    return (torch.rand(N, N) + weight,)


def initialises(weight):
    return (torch.nn.init.kaiming_uniform_(weight) * 2,)


def compiled(function, backend, options):
    """Its results and the state after it."""
    torch._dynamo.reset()
    torch.manual_seed(1)
    results = torch.compile(function, backend=backend, options=options, fullgraph=function is not truncates)(
        torch.zeros(N, N)
    )
    return [*results, torch.get_rng_state()]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the compilers import
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("function", [draws, initialises, truncates])
def test_a_compiled_function_draws_the_same(function, backend):
    options = {"fallback_random": True} if backend == "inductor" else None  # else it has a stream of its own
    expected = compiled(function, backend, options)
    with refinit.accelerate_torch():
        result = compiled(function, backend, options)
    assert all(torch.equal(*pair) for pair in zip(result, expected, strict=True))


def test_a_function_compiled_before_draws_the_same_within():
    torch._dynamo.reset()
    function = torch.compile(truncates, backend="eager")
    results = []
    for _ in range(2):
        torch.manual_seed(1)
        results.append(function(torch.zeros(N, N)))
        with refinit.accelerate_torch():
            torch.manual_seed(1)
            results.append(function(torch.zeros(N, N)))
    for result in results[1:]:
        assert all(torch.equal(*pair) for pair in zip(result, results[0], strict=True))
