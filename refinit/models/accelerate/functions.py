"""Private functions of torch.nn.init that draw, in the place of torch's.

``_no_grad_trunc_normal_`` redraws a whole tensor until all of it lies within the bounds: it is filled by refinit's law.
``_no_grad_uniform_`` and ``_no_grad_normal_`` call torch's kernels of small tensors past the dispatcher, which earns
what our kernels cost there; kaiming.py has the public one that layers call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.autograd import forward_ad
from torch.nn import init

from ..._torch import advance_version, dense_address, note_write
from ...initializers.elementwise import trunc_normal_law
from .agreement import agrees
from .dispatched import LEAST, previous
from .fills import CPU, fill

#: Elements from which a truncated normal fill takes less time here.
LEAST_TRUNCATED = 1 << 9
_PLAIN = (torch.Tensor, torch.nn.Parameter)
_TYPES = {torch.float32, torch.float64, torch.float16, torch.bfloat16}
_NAMES = ("_no_grad_uniform_", "_no_grad_normal_", "_no_grad_trunc_normal_")
_originals: dict[str, Callable[..., Any]] = {name: getattr(init, name) for name in _NAMES}

_function_modes = torch._C._len_torch_function_stack  # noqa: SLF001 - no public one, here and below
_dispatch_modes = torch._C._len_torch_dispatch_stack  # noqa: SLF001
_tracing = torch._C._get_tracing_state  # noqa: SLF001
_profiled = torch._C._autograd._profiler_enabled  # noqa: SLF001


def is_watched() -> bool:
    """Whether somebody looks at each of torch's operations: a compiler, mode, tracer, profiler, forward derivatives.

    It is asked before anything is asked of a tensor, which a mode would see, too.
    """
    return bool(
        torch.compiler.is_compiling()
        or _function_modes()
        or _dispatch_modes()
        or _profiled()
        or _tracing() is not None
        or forward_ad._current_level >= 0  # noqa: SLF001
    )


def fill_small(name: str, tensor: Any, first: Any, second: Any, generator: Any) -> bool:
    """Whether torch's own kernel has filled a small dense tensor; as under no_grad, which it need not be told.

    Nobody watches: the caller has asked.
    """
    if not (
        type(tensor) in _PLAIN
        and type(first) is type(second) is float
        and generator is None
        and tensor.numel() < LEAST[name]
        and tensor.dtype in _TYPES
        and dense_address(tensor)
    ):
        return False
    previous[name](CPU, tensor, first, second)
    advance_version(tensor)
    return True


def _no_grad_uniform_(tensor: Any, a: float, b: float, generator: Any = None) -> Any:
    if not is_watched() and fill_small("uniform_", tensor, a, b, generator):
        return tensor
    return _originals["_no_grad_uniform_"](tensor, a, b, generator)


def _no_grad_normal_(tensor: Any, mean: float, std: float, generator: Any = None) -> Any:
    if not is_watched() and fill_small("normal_", tensor, mean, std, generator):
        return tensor
    return _originals["_no_grad_normal_"](tensor, mean, std, generator)


def _fill_truncated(tensor: Any, mean: float, std: float, a: float, b: float, generator: Any) -> bool:
    """Whether the law was filled: one of which torch redraws normals, without a warning of its own."""
    if not (
        type(tensor) in _PLAIN
        and tensor.device.type == "cpu"
        and tensor.numel() >= LEAST_TRUNCATED
        and tensor.dtype in _TYPES
        and agrees("normal_", tensor.dtype, previous["normal_"])
    ):
        return False
    try:
        law = trunc_normal_law((), mean, std, a, b)
        if law.is_far or not law.redraws:
            return False
    except (TypeError, ValueError, ArithmeticError):  # torch has its own word on it
        return False
    writes = fill(tensor, law, generator)
    for _ in range(writes):
        note_write(tensor)
    return bool(writes)


def _no_grad_trunc_normal_(
    tensor: Any, mean: float, std: float, a: float, b: float, generator: Any = None
) -> Any:
    if not is_watched() and _fill_truncated(tensor, mean, std, a, b, generator):
        return tensor
    return _originals["_no_grad_trunc_normal_"](tensor, mean, std, a, b, generator=generator)


_replacements = {
    function.__name__: function for function in (_no_grad_uniform_, _no_grad_normal_, _no_grad_trunc_normal_)
}


def replace() -> None:
    """Puts our functions in the place of torch.nn.init's; scripted code keeps the operators that those stand for."""
    for name, function in _replacements.items():
        _originals[name] = getattr(init, name)
        operator = torch.jit._builtins._find_builtin(_originals[name])  # noqa: SLF001
        if operator is not None:
            torch.jit._builtins._register_builtin(function, operator)  # noqa: SLF001
        setattr(init, name, function)


def restore() -> None:
    """Puts torch's functions back, where nobody else has replaced ours meanwhile."""
    for name, function in _replacements.items():
        if getattr(init, name) is function:
            setattr(init, name, _originals[name])
