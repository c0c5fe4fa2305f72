"""law x stream -> memory: one ``fill`` realises any law on any target."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from . import _torch, counter_stream
from .arrays import DATA_FIELD, Target, pointer_at, target_of
from .borrowing import check_generator, drawing_from
from .counter_engine import CounterEngine, exhausted
from .counter_generator import CounterGenerator, fills_by_position, is_numpy_generator, keyed_by
from .defaults import default_cuda_generator, default_generator
from .engine import Engine
from .exclusive import in_use
from .fixed import fill_constant, fill_dirac, fill_eye
from .generators import Generator
from .laws import Constant, Dirac, Eye, Law
from .philox_engine import PhiloxEngine
from .short_calls import SMALL
from .torch_stream import REALISE

_FIXED: dict[type, Callable[[Target, Any], None]] = {
    Constant: fill_constant,
    Eye: fill_eye,
    Dirac: fill_dirac,
}


_ndarray = np.ndarray


def fill(
    tensor: Any, law: Law, generator: Any = None, function: str = "fill", target: Target | None = None
) -> Any:
    """Fills ``tensor`` with ``law`` and returns it.

    ``function`` is what torch calls the operation in its error messages; ``target`` is the tensor's memory, where the
    caller had to look already. Every check comes before the first draw and the first write.
    """
    short = False
    if type(tensor) is _ndarray:
        try:
            engine: Any = (default_generator if generator is None else generator)._engine
            parts, least, run, first, second, _ = law.ready[type(engine)][tensor.dtype]
            reals = tensor.size * parts
            short = tensor.flags.carray and least <= reals < SMALL
        except (KeyError, AttributeError):  # not seen before, or a generator of another kind
            pass
    if not short:
        return _filled(tensor, target or target_of(tensor), law, generator, function)
    # not acquire and try: a signal handler that raises runs between the two
    with engine.lock:
        if engine.busy:
            raise in_use()
        if run(engine.at or engine.drawing(), pointer_at(id(tensor) + DATA_FIELD), reals, first, second):
            raise exhausted()
    return tensor


def _filled(tensor: Any, target: Target, law: Law, generator: Any, function: str) -> Any:
    if generator is not None:
        check_generator(generator, function, target.device_type)
    law.check(target.element, math.prod(target.whole))
    written = target.written
    if not law.random:
        if not target.is_meta:
            _fill_fixed(target, law)
    else:
        if generator is None:
            generator = _default_generator(tensor, target)
        if fills_by_position(generator):
            _fill_by_position(target, law, generator)
        else:
            _fill_from_torch_stream(target, law, generator)
    if written is not None and not target.is_meta:
        written()
    return tensor


def _fill_fixed(target: Target, law: Law) -> None:
    if target.device is None:
        _FIXED[type(law)](target, law)
    else:
        from .on_device.fixed import FILL

        FILL[type(law)](target, law)


def _default_generator(tensor: Any, target: Target) -> Any:
    """torch's for its tensors, ours for the rest."""
    if target.written is not None and _torch.is_tensor(tensor):
        return _torch.default_generator(tensor)
    return default_generator if target.device_type == "cpu" else default_cuda_generator


def _fill_by_position(target: Target, law: Law, generator: Any) -> None:
    # an empty array of integers passes the checks of normals, as in torch
    fillable = target.element.is_floating or 0 not in target.whole
    realise = counter_stream.prepared(target, law) if fillable else None
    if target.is_meta:
        return
    engine = (generator if isinstance(generator, CounterGenerator) else keyed_by(generator))._engine
    engine.exclusively(partial(_take_number, engine, realise if target.size else None))


def _take_number(engine: CounterEngine, realise: counter_stream.Realise | None) -> None:
    """A fill with the next fill number; where it fails, as for want of memory, the number is given back."""
    number = engine.next_fill
    if realise is None:
        engine.drawing()
        return
    try:
        realise(engine)
    except Exception:
        engine.restore(engine.key, number)
        raise


def _fill_from_torch_stream(target: Target, law: Law, generator: Any) -> None:
    if target.block is not None:
        raise TypeError(
            "expected a CounterGenerator for a Shard; no block of torch's stream is known before the whole is drawn; "
            "pass generator=init.CounterGenerator(seed)"
        )
    engine: Any = generator._engine if isinstance(generator, Generator) else None
    realise: Callable[[Any], None] | None
    geometry = engine.geometry if isinstance(engine, PhiloxEngine) else None
    if isinstance(engine, PhiloxEngine) or target.device_type == "cuda":
        from . import torch_cuda_stream

        realise = torch_cuda_stream.prepared(target, law, geometry)
    else:
        realise = _prepared(target, law)
    if realise is None:
        return
    if engine is not None:
        engine.exclusively(partial(realise, engine))
    else:
        drawing_from(generator, realise)


def _prepared(target: Target, law: Law) -> Callable[[Engine], None] | None:
    """Makes all checks of torch's CPU stream; what it returns fills the target from an engine."""
    law.check_on_torch_stream(target.element, target.size)
    if target.is_meta or not target.size:
        return None
    realise = REALISE[type(law)] if target.aligned or not target.contiguous else _by_way_of_a_copy
    return partial(realise, target, law)


def take_nothing(generator: Any) -> None:
    """An empty fill that no law was made for: it draws nothing, but takes its fill number."""
    if is_numpy_generator(generator):
        generator = keyed_by(generator)
    if isinstance(generator, CounterGenerator):
        generator._engine.exclusively(generator._engine.drawing)


def _by_way_of_a_copy(target: Target, law: Law, engine: Engine) -> None:
    """C order at an odd address: torch's path goes by the order alone, the kernels of that path need alignment."""
    aligned = np.empty(target.shape, target.array.dtype)
    REALISE[type(law)](target.at(aligned), law, engine)
    target.array[...] = aligned
