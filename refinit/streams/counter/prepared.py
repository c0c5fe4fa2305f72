"""Random laws realised by position: an element is a function of (key, fill number, purpose, index), nothing else."""

from collections.abc import Callable
from typing import Any

from ..._fork import undivided
from ...arrays.target import Target
from ...laws.law import Law, Normal, Orthogonal, Sparse, TruncNormal, Uniform
from ..engine import Realise
from .host.blocks import check_size
from .host.elementwise import elementwise
from .host.orthogonal import orthogonal
from .host.sparse import sparse

#: CUDA's are in ``cuda/fills.py``.
ON_HOST: dict[type, Callable[[Target, Any], Realise]] = {
    Uniform: elementwise,
    Normal: elementwise,
    TruncNormal: elementwise,
    Sparse: sparse,
    Orthogonal: orthogonal,
}


def prepared(target: Target, law: Law, _geometry: object) -> Realise | None:
    """Makes all checks; what it returns fills the target from an engine's next fill number, None where it is empty."""
    if not target.element.is_floating and 0 in target.whole:
        return None  # an empty array of integers passes the checks of normals, as in torch
    check_size(target)
    if target.device is None:
        realise = ON_HOST[type(law)](target, law)
    else:
        with undivided():
            from .cuda.fills import ON_CUDA

        realise = ON_CUDA[type(law)](target, law, target.device)
    return realise if target.size else None
