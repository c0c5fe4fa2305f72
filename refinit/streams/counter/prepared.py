"""Random laws realised by position: an element is a function of (key, fill number, purpose, index), nothing else."""

import math
from collections.abc import Callable
from typing import Any

from ..._fork import undivided
from ...arrays.target import Target
from ...arrays.walks.flat import blocks_of_range, is_flat
from ...laws.law import Law, Normal, Orthogonal, Sparse, TruncNormal, Uniform
from ..engine import Realise
from .engine import CounterEngine
from .host.blocks import check_size
from .host.elementwise import elementwise
from .host.orthogonal import orthogonal, orthogonal_range
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
    realise = _of_range(target, law) if is_flat(target) else _realised(target, law)
    return realise if target.size else None


def _realised(target: Target, law: Law) -> Realise:
    if target.device is None:
        return ON_HOST[type(law)](target, law)
    with undivided():
        from .cuda.fills import ON_CUDA

    return ON_CUDA[type(law)](target, law, target.device)


def _of_range(target: Target, law: Law) -> Realise:
    """All blocks of a range of the flattened tensor, by one fill number."""
    if isinstance(law, Orthogonal) and target.device is None:
        return orthogonal_range(target, law)
    blocks = blocks_of_range(target, _shape_for(target, law))
    # the largest first: memory that it gets is there for the others
    parts = [_realised(block, law) for block in sorted(blocks, key=lambda block: -block.size)]

    def realise(engine: CounterEngine) -> None:
        fill = engine.taken()
        for part in parts:
            part(fill)

    return realise


def _shape_for(target: Target, law: Law) -> tuple[int, ...]:
    """A shape of the whole that has the same elements in C order, in which a range of them is few blocks."""
    if isinstance(law, Sparse):
        return target.whole
    if isinstance(law, Orthogonal):
        return target.whole[0], math.prod(target.whole[1:])
    return (math.prod(target.whole),)
