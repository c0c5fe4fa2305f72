"""The short way of fills that are small and dense: one kernel call on the bytes of torch's state."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import torch

from ...dtypes import ELEMENTS
from ...fill.borrowing import TORCH_ENGINES, put_back, raw
from ...kernels.code.cpu_loader import short_kernel
from ...streams.short import SMALL
from ...streams.torch_cpu.state import STATE_BYTES

#: Parameters beyond that, which the checks of a law look at more closely, go the long way.
_LARGE = 1e4
_engine = TORCH_ENGINES["cpu"]


class _Call(NamedTuple):
    """``run(state, address, reals, first, second / divisor)`` fills reals = size * ``parts``."""

    run: Any
    parts: int
    odd: int
    divisor: float


@cache
def _call(name: str, dtype: torch.dtype) -> _Call:
    element = ELEMENTS[str(dtype).removeprefix("torch.")]
    kernel = "uniform" if name == "uniform_" else "normal_few"
    run, *_ = short_kernel(f"torch_state_{kernel}_{element.real.name}", 0.0, 1.0)
    of_parts = name == "normal_" and element.parts == 2
    return _Call(run, element.parts, element.real.itemsize - 1, math.sqrt(2) if of_parts else 1.0)


def fill_short(name: str, tensor: Any, first: float, second: float, generator: Any) -> bool:
    """Whether the tensor was filled; else nothing has happened that another fill does not write over."""
    lowest = first if name == "uniform_" else 0.0
    if not (lowest <= second < _LARGE and -_LARGE < first < _LARGE and tensor.is_contiguous()):
        return False
    call = _call(name, tensor.dtype)
    reals = tensor.numel() * call.parts
    source = torch.default_generator if generator is None else generator
    if reals >= SMALL or source.device.type != "cpu" or tensor.is_neg() or tensor.is_conj():
        return False
    try:
        address = tensor.data_ptr()
        return not address & call.odd and _fill(call, address, reals, first, second, source)
    except RuntimeError:  # under a transform, or in the middle of another fill
        return False


def _fill(call: _Call, address: int, reals: int, first: float, second: float, source: Any) -> bool:
    with _engine.lock:
        if _engine.busy:
            return False
        state = source.get_state()
        memory = state.data_ptr()
        before = raw(state)
        if state.numel() != STATE_BYTES or call.run(memory, address, reals, first, second / call.divisor):
            return False
        return put_back(source, state, before)
