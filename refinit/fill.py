"""law x stream -> memory: one ``fill`` realises any law on any target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _torch
from .arrays import Target, pointer_of, target_of
from .borrowing import borrowed, checked_generator
from .engine import Engine
from .fixed import fill_constant, fill_dirac, fill_eye
from .generators import Generator, default_generator
from .laws import Constant, Dirac, Eye, Law
from .short_calls import SMALL
from .torch_stream import REALISE

_FIXED: dict[type, Callable[[Target, Any], None]] = {
    Constant: fill_constant,
    Eye: fill_eye,
    Dirac: fill_dirac,
}


def fill(
    tensor: Any, law: Law, generator: Any = None, function: str = "fill", target: Target | None = None
) -> Any:
    """Fills ``tensor`` with ``law`` and returns it.

    ``function`` is what torch calls the operation in its error messages; ``target`` is the tensor's memory, where the
    caller had to look already. Every check comes before the first draw and the first write.
    """
    source = default_generator if generator is None else generator
    known = law.ready.get(type(source)) if type(tensor) is np.ndarray else None
    ready = None if known is None else known.get(tensor.dtype)
    if ready is None or not tensor.flags.carray:
        return _filled(tensor, target or target_of(tensor), law, generator, function)
    parts, least, run, first, second = ready
    reals = tensor.size * parts
    if not least <= reals < SMALL:
        return _filled(tensor, target or target_of(tensor), law, generator, function)
    engine = source._engine
    lock = engine.lock
    lock.acquire()  # a with statement takes twice as long
    try:
        run(engine.drawing(), pointer_of(tensor), reals, first, second)
    finally:
        lock.release()
    return tensor


def _filled(tensor: Any, target: Target, law: Law, generator: Any, function: str) -> Any:
    if generator is not None:
        generator = checked_generator(generator, function)
    law.check(target.element, target.size)
    if target.is_meta:
        return tensor
    written = target.written
    if not law.random:
        _FIXED[type(law)](target, law)
    elif target.size:
        if generator is None:
            torch_rules = written is not None and _torch.is_tensor(tensor)
            generator = _torch.default_generator() if torch_rules else default_generator
        _draw(target, law, generator)
    if written is not None:
        written()
    return tensor


def _draw(target: Target, law: Law, generator: Any) -> None:
    """Realises a random law, holding the generator's lock."""
    realise = REALISE[type(law)] if target.aligned or not target.contiguous else _by_way_of_a_copy
    if isinstance(generator, Generator):
        with generator._engine.lock:
            realise(target, law, generator._engine)
    else:
        with borrowed(generator) as engine:
            realise(target, law, engine)


def _by_way_of_a_copy(target: Target, law: Law, engine: Engine) -> None:
    """C order at an odd address: torch's path goes by the order alone, the kernels of that path need alignment."""
    aligned = np.empty(target.shape, target.array.dtype)
    REALISE[type(law)](target.at(aligned), law, engine)
    target.array[...] = aligned
