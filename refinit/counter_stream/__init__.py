"""Random laws realised by position: an element is a function of (key, fill number, purpose, index), nothing else."""

from collections.abc import Callable
from typing import Any

from ..arrays import Target
from ..laws import Law, Normal, Orthogonal, Sparse, TruncNormal, Uniform
from .elementwise import Realise, normal, trunc_normal, uniform
from .orthogonal import orthogonal
from .places import check_size
from .sparse import sparse

_PREPARE: dict[type, Callable[[Target, Any], Realise]] = {
    Uniform: uniform,
    Normal: normal,
    TruncNormal: trunc_normal,
    Sparse: sparse,
    Orthogonal: orthogonal,
}


def prepared(target: Target, law: Law) -> Realise:
    """Makes all checks; what it returns fills the target, if not empty, from an engine's next fill number."""
    check_size(target)
    return _PREPARE[type(law)](target, law)


__all__ = ["Realise", "prepared"]
