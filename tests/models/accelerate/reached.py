"""What draws from torch, one call each; ``taken``: the least number of fills that refinit does of it."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn import init
from torch.nn.init import trunc_normal_, xavier_uniform_
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

N = 200


class Case(NamedTuple):
    name: str
    call: Callable[[], Any]
    taken: int = 0


def empty(dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(N, N, dtype=dtype)


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def with_generator(function: Callable[[torch.Generator], Any]) -> Callable[[], Any]:
    def call() -> Any:
        generator = seeded()
        return function(generator), generator.get_state()

    return call


class _Subclass(torch.Tensor):
    pass


def _seen_by_a_dispatch_mode() -> list[str]:
    names = []

    class Mode(TorchDispatchMode):
        def __torch_dispatch__(self, function, _types, args=(), kwargs=None):
            names.append(str(function))
            return function(*args, **(kwargs or {}))

    with Mode():
        trunc_normal_(empty(), std=1.0)
        nn.Linear(N, N)
    return names


def _seen_by_a_function_mode() -> list[str]:
    names = []

    class Mode(TorchFunctionMode):
        def __torch_function__(self, function, _types, args=(), kwargs=None):
            names.append(getattr(function, "__name__", str(function)))
            return function(*args, **(kwargs or {}))

    with Mode():
        trunc_normal_(empty(), std=1.0)
        nn.Linear(N, N)
        nn.Linear(3, 3)
    return names


def _seen_by_the_profiler() -> list[str]:
    with torch.autograd.profiler.profile() as profile:
        torch.randn(N, N)
        init.normal_(torch.empty(9))
    return sorted(event.name for event in profile.function_events if "normal_" in event.name)


def _scripted() -> torch.Tensor:
    script = torch.jit.CompilationUnit("def f(x):\n    return x.normal_(0., 1.)\n")
    return script.f(empty())


def _drawn_in_a_thread() -> torch.Tensor:
    results = []
    thread = threading.Thread(target=lambda: results.append(torch.randn(N, N)))
    thread.start()
    thread.join()
    return results[0]


def within(manager: Any, call: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with manager() if isinstance(manager, type) else manager:
            return call()

    return run


def _grad_of_a_fill() -> torch.Tensor:
    def total(x):
        weight = torch.empty(N, N)
        init.uniform_(weight)
        return (weight * x).sum()

    return torch.func.grad(total)(torch.ones(N, N))


def _mapped() -> torch.Tensor:
    return torch.vmap(lambda x: torch.randn(N, N) + x, randomness="different")(torch.zeros(3))


def _spectral() -> torch.Tensor:
    return nn.utils.parametrizations.spectral_norm(nn.Linear(N, N)).parametrizations.weight.original


def _in_inference_mode() -> torch.Tensor:
    with torch.inference_mode():
        return torch.randn(N, N).sum()


LARGE = [
    Case("randn", lambda: torch.randn(N, N), 1),
    Case("rand", lambda: torch.rand(N, N), 1),
    Case("randn_like", lambda: torch.randn_like(empty()), 1),
    Case("randn, generator", with_generator(lambda g: torch.randn(N, N, generator=g)), 1),
    Case("normal_, generator", with_generator(lambda g: empty().normal_(generator=g)), 1),
    Case("uniform_, generator", with_generator(lambda g: empty().uniform_(-2, 3, generator=g)), 1),
    Case("trunc_normal_, generator", with_generator(lambda g: trunc_normal_(empty(), generator=g)), 1),
    Case("xavier_uniform_ imported before", lambda: xavier_uniform_(empty()), 1),
    Case("trunc_normal_ imported before", lambda: trunc_normal_(empty(), std=0.02), 1),
    Case("trunc_normal_, redraws", lambda: trunc_normal_(empty(), std=1.0), 1),
    Case("trunc_normal_, proposals", lambda: trunc_normal_(empty(), std=9.0), 2),
    Case("trunc_normal_ of a Parameter", lambda: trunc_normal_(nn.Parameter(empty())), 1),
    Case("trunc_normal_, small", lambda: trunc_normal_(torch.empty(30, 30)), 1),
    Case("trunc_normal_, tiny", lambda: trunc_normal_(torch.empty(3, 3))),
    Case("trunc_normal_, strided", lambda: trunc_normal_(torch.empty(2 * N, 4 * N)[:, ::2]), 1),
    Case("orthogonal_", lambda: init.orthogonal_(empty()), 1),
    Case("sparse_", lambda: init.sparse_(empty(), 0.3), 1),
    Case("normal(float, float, size)", lambda: torch.normal(0.0, 2.0, (N, N)), 1),
    *(
        Case(f"randn {dtype}", lambda dtype=dtype: torch.randn(N, N, dtype=dtype), taken)
        for dtype, taken in (
            (torch.float64, 0),
            (torch.float16, 1),
            (torch.bfloat16, 1),
            (torch.complex64, 1),
            (torch.complex128, 0),
        )
    ),
    *(
        Case(f"uniform_ {dtype}", lambda dtype=dtype: empty(dtype).uniform_(-2, 3), 1)
        for dtype in (torch.float64, torch.float16, torch.bfloat16)
    ),
    Case("strided", lambda: torch.empty(2 * N, 4 * N)[:, ::2].normal_(), 1),  # noqa: PLW0108 - a tensor for each call
    Case("transposed", lambda: torch.empty(2 * N, 2 * N).t().uniform_(), 1),
    Case("short, uniform", lambda: torch.empty(70, 70).uniform_(-1, 2), 1),
    Case("short, normal", lambda: torch.empty(100, 100).normal_(1, 2), 1),
    Case("short, complex", lambda: torch.rand(70, 70, dtype=torch.complex64), 1),
    Case("short, generator", with_generator(lambda g: torch.rand(90, 90, generator=g)), 1),
    Case("odd sizes", lambda: [torch.randn(n) for n in (8191, 8193, 32769, 70001)], 3),
    Case("a waiting normal", lambda: [torch.randn(5), torch.randn(N, N), torch.randn(3)], 1),
    Case("Linear", lambda: nn.Linear(N, N).weight, 1),
    Case(".data.normal_", lambda: nn.Linear(N, N).weight.data.normal_(), 2),  # noqa: PLW0108 - the same
    Case("LSTM", lambda: list(nn.LSTM(N, N).parameters()), 2),
    Case("inference mode", _in_inference_mode, 1),
    Case("a subclass", lambda: empty().as_subclass(_Subclass).normal_().as_subclass(torch.Tensor), 1),
    Case("a function mode sees the same", _seen_by_a_function_mode, 1),
    Case("a dispatch mode sees the same", _seen_by_a_dispatch_mode, 1),
    Case("the profiler sees the same", _seen_by_the_profiler, 1),
    Case("TorchScript", _scripted, 1),
    Case("another thread", _drawn_in_a_thread, 1),
    Case("deepcopy", lambda: copy.deepcopy(nn.Linear(N, N)).weight, 1),
    Case("spectral_norm", _spectral, 1),
    Case("torch.device('cpu')", within(torch.device("cpu"), lambda: nn.Linear(N, N).weight), 1),
    Case("func.grad", _grad_of_a_fill, 1),
    Case("trunc_normal_ far away", lambda: trunc_normal_(empty(), mean=2.5, std=0.1), 2),
    Case("std inf", lambda: empty().normal_(0, float("inf")).isinf().sum(), 1),
    Case("vmap", _mapped, 1),
]

LEFT = [
    Case("normal(tensor, float)", lambda: torch.normal(torch.zeros(N, N), 1.0)),
    Case("bernoulli_", lambda: empty().bernoulli_()),
    Case("exponential_", lambda: empty().exponential_()),
    Case("randint", lambda: torch.randint(9, (N, N))),
    Case("dropout", lambda: nn.functional.dropout(torch.ones(N, N))),
    Case(
        "small", lambda: [torch.rand(3), torch.randn(20), nn.Linear(3, 4).weight, nn.GRU(2, 3).weight_ih_l0]
    ),
    Case(
        "small init", lambda: [f(torch.empty(9, 7)) for f in (init.uniform_, init.normal_, xavier_uniform_)]
    ),
    Case(
        "small kaiming_uniform_",
        lambda: [
            init.kaiming_uniform_(torch.empty(9, 7), *arguments)
            for arguments in (
                (),
                (5**0.5,),
                (0.1, "fan_out"),
                (0.0, "fan_in", "relu"),
                (1, "FAN_IN", "linear"),
            )
        ],
    ),
    Case("kaiming_uniform_ of nothing", lambda: init.kaiming_uniform_(torch.empty(0, 7), 0.5)),
    Case("empty", lambda: [torch.rand(0), torch.randn(0, 3), init.normal_(torch.empty(0))]),
    Case("meta", lambda: torch.empty(N, N, device="meta").normal_().shape),
    Case("torch.device('meta')", within(torch.device("meta"), lambda: nn.Linear(N, N).weight.shape)),
    Case("FakeTensorMode", within(FakeTensorMode, lambda: str(nn.Linear(N, N).weight.shape))),
    Case("skip_init", lambda: nn.utils.skip_init(nn.Linear, N, N).weight.shape),
]
