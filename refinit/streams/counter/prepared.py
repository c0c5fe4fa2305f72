"""Random laws realised by position: an element is a function of (key, fill number, purpose, index), nothing else."""

from collections.abc import Callable
from typing import Any

from ...arrays.target import Target
from ...laws.law import Law, Normal, Orthogonal, Sparse, TruncNormal, Uniform
from .host.elementwise import Realise, normal, trunc_normal, uniform
from .host.orthogonal import orthogonal
from .host.places import check_size
from .host.sparse import sparse

_PREPARE: dict[type, Callable[[Target, Any], Realise]] = {
    Uniform: uniform,
    Normal: normal,
    TruncNormal: trunc_normal,
    Sparse: sparse,
    Orthogonal: orthogonal,
}


def prepared(target: Target, law: Law, _geometry: object) -> Realise | None:
    """Makes all checks; what it returns fills the target from an engine's next fill number, None where it is empty."""
    if not target.element.is_floating and 0 in target.whole:
        return None  # an empty array of integers passes the checks of normals, as in torch
    check_size(target)
    realise = _PREPARE[type(law)](target, law)
    return realise if target.size else None


__all__ = ["Realise", "prepared"]
