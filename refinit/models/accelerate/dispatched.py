"""CPU kernels of ``aten::uniform_`` and ``aten::normal_`` for torch's dispatcher, which fill large tensors here.

Whoever draws arrives at these: torch.nn.init however imported, methods, ``.data``, torch.rand, torch.randn, C++. What
is small, and what refinit refuses, goes on to the kernel that was there before.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

from ..._dynamo import untraced
from ...fill.borrowing import TORCH_ENGINES
from ...laws.law import Law, normal, uniform
from .agreement import agrees
from .fills import CPU, Kernel, fill
from .short import fill_short

#: Elements from which a fill, with what it costs to borrow torch's generator, takes less time here: of each kernel by
#: the short way, of both by the long one, which strided memory goes.
LEAST = {"uniform_": 1 << 12, "normal_": 1 << 13}
LEAST_LONG, LEAST_STRIDED = 1 << 15, 1 << 17
#: Normals that both sides compute by the C library's functions, in the same time.
_AS_FAST = (torch.float64, torch.complex128)
#: The kernels that were there before ours, as ``kernel(CPU, tensor, first, second)``.
previous: dict[str, Kernel] = {}
_laws: dict[str, Callable[[float, float], Law]] = {"uniform_": uniform, "normal_": normal}


def _kernel(name: str) -> Kernel:
    law, before, engine = _laws[name], previous, TORCH_ENGINES["cpu"]
    least = LEAST[name]
    slow = _AS_FAST if name == "normal_" else ()

    @untraced  # an eager part of compiled code calls it: Dynamo would look into it
    def kernel(self: Any, first: float = 0.0, second: float = 1.0, generator: Any = None) -> Any:
        size = self.numel()
        if size >= least and self.dtype not in slow and agrees(name, self.dtype, before[name]):
            if fill_short(name, self, first, second, generator):
                return self
            least_long = LEAST_LONG if self.is_contiguous() else LEAST_STRIDED
            if size >= least_long and fill(self, law(first, second), generator):
                return self
        with engine.lock:  # as torch's draws wait for each other: one amid a fill here would spoil it
            if generator is None:  # the shorter way to torch's: small draws are bound by calls
                before[name](CPU, self, first, second)
            else:
                before[name](CPU, self, first, second, generator=generator)
        return self

    return kernel


_kernels = {name: _kernel(name) for name in _laws}


def register() -> torch.library.Library:
    """Puts our kernels in torch's place; ``unregister`` of what is returned puts torch's back."""
    for name in _kernels:
        previous[name] = torch.library.get_kernel(f"aten::{name}", "CPU").call_boxed
    library = torch.library.Library("aten", "IMPL")
    with warnings.catch_warnings():  # torch warns where a kernel is replaced
        warnings.simplefilter("ignore")
        for name, kernel in _kernels.items():
            library.impl(name, kernel, "CPU")
    return library


def unregister(library: torch.library.Library) -> None:
    """Takes the kernels of ``register`` away."""
    library._destroy()  # noqa: SLF001 - else it happens when the garbage collector comes to it
