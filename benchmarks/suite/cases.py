"""What is measured: literals, because asv addresses parameters by their index across commits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from . import THREADS

if TYPE_CHECKING:
    from collections.abc import Callable

# tests/benchmarks/test_suite.py compares these with refinit.initializers.registry; append, never reorder.
FUNCTIONS = [
    "uniform_",
    "normal_",
    "trunc_normal_",
    "constant_",
    "ones_",
    "zeros_",
    "eye_",
    "dirac_",
    "xavier_uniform_",
    "xavier_normal_",
    "kaiming_uniform_",
    "kaiming_normal_",
    "orthogonal_",
    "sparse_",
]
DTYPES = ["float32", "float64", "bfloat16", "float16"]
SIZES = [8, 1024]
RATIO_DTYPES = ["float32", "bfloat16"]
DEVICES = ["cpu", "cuda"]
# Kernels that store sixteen bytes at a time, and the devices they are compiled for.
KERNELS = [
    f"wide_{law}_{dtype}"
    for law in ("uniform", "normal", "inner", "central", "tail", "narrow")
    for dtype in ("float32", "float64", "float16", "bfloat16")
]
CAPABILITIES = ["sm_80", "sm_90", "sm_100"]

PARAMETERS: dict[str, dict[str, Any]] = {
    "constant_": {"val": 0.5},
    "trunc_normal_": {"std": 0.02},
    "sparse_": {"sparsity": 0.9},
}
"""What a call needs, or is measured with, beyond the tensor."""


def shape_for(name: str, size: int) -> tuple[int, ...]:
    """Return the square shape of that size; dirac_ wants at least three dimensions."""
    return (size, size, 1) if name == "dirac_" else (size, size)


def numpy_dtype(name: str) -> np.dtype[Any]:
    """Return NumPy's dtype of torch's name."""
    if name == "bfloat16":
        import ml_dtypes  # noqa: F401 - makes the name known to NumPy

    return np.dtype(name)


def ours(
    name: str,
    shape: tuple[int, ...],
    dtype: str,
    parameters: dict[str, Any],
    *,
    by_position: bool = False,
    device: str = "cpu",
    of_tensor: str = "",
) -> Callable[[], object]:
    """Return the call of refinit on an array whose pages are touched (np.empty maps them lazily).

    It draws from torch's stream, or with `by_position` from a CounterGenerator. `of_tensor`: on a torch tensor, with
    a generator of "refinit" or "torch".
    """
    import refinit

    refinit.set_num_threads(THREADS)
    if by_position:
        parameters = {**parameters, "generator": refinit.CounterGenerator(0)}
    elif device != "cpu" and refinit.initializers.registry.INITIALIZERS[name].random:
        parameters = {**parameters, "generator": refinit.Generator(device)}
    elif of_tensor == "refinit":
        parameters = {**parameters, "generator": refinit.Generator()}
    is_array = device == "cpu" and not of_tensor
    array = np.ones(shape, numpy_dtype(dtype)) if is_array else tensor(shape, dtype, device)
    return synchronized(partial(getattr(refinit, name), array, **parameters), device)


def theirs(
    name: str, shape: tuple[int, ...], dtype: str, parameters: dict[str, Any], device: str = "cpu"
) -> Callable[[], object]:
    """Return the same call of torch."""
    import torch

    return synchronized(
        partial(getattr(torch.nn.init, name), tensor(shape, dtype, device), **parameters), device
    )


def plain_fill(shape: tuple[int, ...], dtype: str, device: str = "cpu") -> Callable[[], object]:
    """Return torch's own `fill_` of such a tensor: what memory alone costs with the same threads."""
    return synchronized(partial(tensor(shape, dtype, device).fill_, 0.5), device)


def tensor(shape: tuple[int, ...], dtype: str, device: str) -> Any:
    """Return a tensor of ones."""
    import torch

    torch.set_num_threads(THREADS)
    return torch.ones(shape, dtype=getattr(torch, dtype), device=device)


def synchronized(call: Callable[[], object], device: str) -> Callable[[], object]:
    """Return the call; on a GPU, followed by a synchronization."""
    if device == "cpu":
        return call

    def synchronized_call() -> None:
        import torch

        call()
        torch.cuda.synchronize()

    return synchronized_call
