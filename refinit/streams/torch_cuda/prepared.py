"""Random laws realised from torch's CUDA stream, as a GPU fills its own memory with it."""

from collections.abc import Callable
from functools import partial

from ..._fork import undivided
from ...arrays.shards import refuse_shard
from ...arrays.target import Target
from ...laws.law import Law, Normal, Uniform
from ..engine import Realise
from .checks import check_reach, geometry_of, is_elementwise
from .engine import Geometry, ThreadShare, TorchCudaEngine
from .host import fill_on_host
from .key import take_key

#: ``write(target, kind, parameters, seed, share)``: what the GPU's threads make of their share of a seed's stream.
Write = Callable[[Target, str, tuple[float, float], int, ThreadShare], None]

#: ``by_position(target, law)``: all checks, and what fills the target from a 64-bit key.
ByPosition = Callable[[Target, Law], Callable[[int], None] | None]


def prepared(target: Target, law: Law, geometry: Geometry | None, by_position: ByPosition) -> Realise | None:
    """Makes all checks; what it returns fills the target from an engine, None where there is nothing to fill.

    ``geometry``: of the GPU whose stream is replayed; None for the one that the target is on.  ``by_position`` prepares
    what is not elementwise for a key in an engine's place, which is taken from the stream.
    """
    refuse_shard(target.block)
    if not is_elementwise(law):
        if not target.is_meta and target.size:
            geometry_of(geometry, target.device)  # no part of the values; host memory without it is refused
        realise = by_position(target, law)
        return None if realise is None else partial(_fill_by_key, realise)
    if target.is_meta or (target.device_type == "cuda" and not target.size):
        return None
    gpu = geometry_of(geometry, target.device)
    check_reach(target)
    write: Write = fill_on_host
    if target.device is not None:
        with undivided():
            from .cuda import check_axes, fill_on_device

        check_axes(target)
        write = partial(fill_on_device, target.device)
    return partial(_fill, target, law, gpu, write) if target.size else None


def _fill(
    target: Target, law: Uniform | Normal, geometry: Geometry, write: Write, engine: TorchCudaEngine
) -> None:
    """In memory order; a complex number is two reals, of a normal's variance each half."""
    if isinstance(law, Uniform):
        kind, parameters = "uniform", (law.lo, law.hi)
    else:
        kind, parameters = "normal", (law.mean, law.component_std(target.element))
    per_call = 2 if target.element.real.name == "float64" else 4  # reals of a call of cuRAND
    seed, offset = engine.seed, engine.offset
    share = engine.take_share(target.size * target.element.parts, per_call, geometry)
    try:
        write(target, kind, parameters, seed, share)
    except Exception:  # for want of memory, or of a driver
        engine.restore(seed, offset)
        raise


def _fill_by_key(realise: Callable[[int], None], engine: TorchCudaEngine) -> None:
    seed, offset = engine.seed, engine.offset
    try:
        realise(take_key(engine))
    except Exception:
        engine.restore(seed, offset)
        raise
