"""Random laws realised from torch's CPU stream, word for word as torch 2.13 does it."""

from collections.abc import Callable
from typing import Any

from ..arrays import Target
from ..engine import Engine
from ..laws import Normal, Orthogonal, Sparse, TruncNormal, Uniform
from .elementwise import fill_normal, fill_uniform
from .orthogonal import fill_orthogonal
from .sparse import fill_sparse
from .truncated import fill_trunc_normal

#: ``REALISE[type(law)](target, law, engine)``: fills the target; whoever calls holds the engine's lock.
REALISE: dict[type, Callable[[Target, Any, Engine], None]] = {
    Uniform: fill_uniform,
    Normal: fill_normal,
    TruncNormal: fill_trunc_normal,
    Sparse: fill_sparse,
    Orthogonal: fill_orthogonal,
}

__all__ = ["REALISE"]
