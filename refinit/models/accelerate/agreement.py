"""What torch, as it is on this machine, draws with refinit's bits: versions, processors and C libraries differ."""

from __future__ import annotations

from threading import Thread

import torch

from ...laws.law import Uniform, normal, uniform
from .fills import CPU, Kernel, fill

_TYPES = {
    torch.float32,
    torch.float64,
    torch.bfloat16,
    torch.float16,
    torch.complex64,
    torch.complex128,
}
#: By kernel and element type.
_compared: dict[tuple[str, torch.dtype], bool] = {}


def agrees(name: str, dtype: torch.dtype, kernel: Kernel) -> bool:
    """Whether torch's own kernel of ``uniform_`` or ``normal_`` gives refinit's bits; compared when first asked for."""
    known = _compared.get((name, dtype))
    if known is None:
        known = _compared[name, dtype] = dtype in _TYPES and _compare(name, dtype, kernel)
    return known


def _compare(name: str, dtype: torch.dtype, kernel: Kernel) -> bool:
    """In a thread of its own, where none of torch's modes and transforms is on."""
    law = uniform(-0.7, 1.3) if name == "uniform_" else normal(0.3, 0.7)
    parameters = (law.lo, law.hi) if isinstance(law, Uniform) else (law.mean, law.std)
    results = []

    def compare() -> None:
        for step in (1, 2):  # normals of strided memory are computed by other functions
            first, second = torch.Generator(), torch.Generator()
            expected, result = (torch.zeros(17, 61, dtype=dtype)[:, ::step] for _ in range(2))
            kernel(CPU, expected, *parameters, generator=first)
            filled = bool(fill(result, law, second))
            same = torch.equal(expected, result) and torch.equal(first.get_state(), second.get_state())
            results.append(filled and same)

    thread = Thread(target=compare)
    thread.start()
    thread.join()
    return results == [True, True]
