"""Random laws realised by position: an element is a function of (key, fill number, purpose, index), nothing else."""

from collections.abc import Callable
from typing import Any

from ..arrays import Target
from ..laws import Normal, Orthogonal, Sparse, TruncNormal, Uniform
from .elementwise import Realise, normal, trunc_normal, uniform
from .orthogonal import orthogonal
from .sparse import sparse

#: ``PREPARE[type(law)](target, law)``: makes all checks; what it returns fills the target from an engine whose lock the
#: caller holds, and takes the engine's next fill number.
PREPARE: dict[type, Callable[[Target, Any], Realise]] = {
    Uniform: uniform,
    Normal: normal,
    TruncNormal: trunc_normal,
    Sparse: sparse,
    Orthogonal: orthogonal,
}

__all__ = ["PREPARE", "Realise"]
