"""The laws without chance, on the host or on CUDA."""

from collections.abc import Callable
from typing import Any

from ..._fork import undivided
from ...arrays.target import Target
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
    if target.device is None:
        ON_HOST[type(law)](target, law)
    else:
        with undivided():
            from .cuda import ON_CUDA

        ON_CUDA[type(law)](target, law, target.device)
