"""The laws without chance, on the host or on CUDA."""

import math
from collections.abc import Callable
from typing import Any

from ..._fork import undivided
from ...arrays.target import Target
from ...arrays.walks.flat import blocks_of_range, is_flat
from ...laws.fixed import Constant, Dirac, Eye
from .host import fill_constant, fill_dirac, fill_eye

#: CUDA's are in ``cuda.py``.
ON_HOST: dict[type, Callable[[Target, Any], None]] = {
    Constant: fill_constant,
    Eye: fill_eye,
    Dirac: fill_dirac,
}


def fill_fixed(target: Target, law: Any) -> None:
    """Writes what a law without chance says, on the host or on the target's device."""
    if not is_flat(target):
        _fill(target, law)
        return
    whole = (math.prod(target.whole),) if isinstance(law, Constant) else target.whole
    for block in blocks_of_range(target, whole):
        _fill(block, law)


def _fill(target: Target, law: Any) -> None:
    if target.device is None:
        ON_HOST[type(law)](target, law)
    else:
        with undivided():
            from .cuda import ON_CUDA

        ON_CUDA[type(law)](target, law, target.device)
