"""Random laws realised from torch's CUDA stream, as a GPU fills its own memory with it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...arrays.shards import refuse_shard
from ...arrays.target import Target
from ...laws.law import Law, Normal, Uniform
from .checks import check_axes, check_law, check_reach, geometry_of
from .engine import Geometry, PhiloxEngine
from .host import fill_normal, fill_uniform

#: ``REALISE[type(law)](target, law, geometry, engine)``: fills the target, which is not empty; whoever calls holds the
#: engine's lock.
REALISE: dict[type, Callable[[Target, Any, Geometry, PhiloxEngine], None]] = {
    Uniform: fill_uniform,
    Normal: fill_normal,
}


def prepared(target: Target, law: Law, geometry: Geometry | None) -> Callable[[PhiloxEngine], None] | None:
    """Makes all checks; what it returns fills the target from an engine, None where there is nothing to fill.

    ``geometry``: of the GPU whose stream is replayed; None for the one that the target is on.
    """
    refuse_shard(target.block)
    check_law(law)
    if target.is_meta or (target.device_type == "cuda" and not target.size):
        return None
    found = geometry_of(target, geometry)
    check_reach(target)
    if target.device is not None:
        check_axes(target)
    return partial(REALISE[type(law)], target, law, found) if target.size else None


__all__ = ["prepared"]
