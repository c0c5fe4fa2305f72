"""The laws without chance, on the host or on CUDA."""

from collections.abc import Callable
from typing import Any

from .arrays import Target
from .fixed import fill_constant, fill_dirac, fill_eye
from .laws import Constant, Dirac, Eye

_ON_HOST: dict[type, Callable[[Target, Any], None]] = {
    Constant: fill_constant,
    Eye: fill_eye,
    Dirac: fill_dirac,
}


def fill(target: Target, law: Any) -> None:
    """Writes what a law without chance says, on the host or on the target's device."""
    if target.device is None:
        _ON_HOST[type(law)](target, law)
    else:
        from .on_device.fixed import FILL

        FILL[type(law)](target, law)
