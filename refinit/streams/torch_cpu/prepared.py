"""Random laws realised from torch's CPU stream, word for word as torch 2.13 does it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ...arrays.shards import refuse_shard
from ...arrays.target import Target
from ...laws.law import Law, Normal, Orthogonal, Sparse, TruncNormal, Uniform
from ..engine import Realise
from .elementwise import fill_normal, fill_uniform
from .mt19937 import Mt19937
from .orthogonal import fill_orthogonal
from .sparse import fill_sparse
from .truncated import fill_trunc_normal

#: That of a truncated normal law returns whether it took more than one round.
_FILL: dict[type, Callable[[Target, Any, Mt19937], object]] = {
    Uniform: fill_uniform,
    Normal: fill_normal,
    TruncNormal: fill_trunc_normal,
    Sparse: fill_sparse,
    Orthogonal: fill_orthogonal,
}


def prepared(target: Target, law: Law, _geometry: object) -> Realise | None:
    """Makes all checks; what it returns fills the target from an engine, None where there is nothing to fill."""
    refuse_shard(target.block)
    law.check_on_torch_stream(target.element, target.size)
    if target.is_meta or not target.size:
        return None
    return partial(_fill if target.aligned or not target.contiguous else _fill_a_copy, target, law)


def _fill(target: Target, law: Law, mt: Mt19937) -> object:
    return _FILL[type(law)](target, law, mt)


def _fill_a_copy(target: Target, law: Law, mt: Mt19937) -> object:
    """C order at an odd address: torch's path goes by the order alone, the kernels of that path need alignment."""
    aligned = np.empty(target.shape, target.array.dtype)
    result = _fill(target.at(aligned), law, mt)
    target.array[...] = aligned
    return result
