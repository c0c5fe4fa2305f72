"""Fills of torch tensors in the place of torch's own: the same bits, the same state of torch's generator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from ...arrays.opening import target_of
from ...fill.borrowing import TORCH_ENGINES, attempt
from ...laws.law import Law, TruncNormal
from ...streams.torch_cpu.mt19937 import Mt19937
from ...streams.torch_cpu.prepared import prepared

Kernel = Callable[..., Any]
#: What a CPU kernel is called with; the dispatch keys above it have done their work by then.
CPU = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)  # noqa: SLF001 - no public one
_engine = TORCH_ENGINES["cpu"]


def fill(tensor: Any, law: Law, generator: Any) -> int:
    """How often torch would have written to the tensor that now has the law; 0: not filled, torch is to do it.

    The version counter is the caller's.  Where another thread has drawn from the generator meanwhile, torch's own
    draws, which hold torch's lock, are the ones that come to an end.
    """
    source = torch.default_generator if generator is None else generator
    again: object = False
    try:
        target = target_of(tensor)
        if target.device_type != "cpu" or source.device.type != "cpu":
            return 0
        law.check(target.element, target.size)
        realise = prepared(target, law, None)
        if realise is None:
            return 0

        def draw(mt: Mt19937) -> None:
            nonlocal again
            again = realise(mt)

        filled = _engine.exclusively(lambda: attempt(source, _engine, draw))
    except Exception:  # noqa: BLE001 - the generator is as it was: torch fills, or raises its own error
        return 0
    if not filled:
        return 0
    return 2 if again and isinstance(law, TruncNormal) else 1
