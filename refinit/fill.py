"""law x stream -> memory: one ``fill`` realises any law on any target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _torch
from .arrays import Target, pointer_of, target_of
from .borrowing import borrowed, checked_generator
from .fixed import fill_constant, fill_dirac, fill_eye
from .generators import Generator, default_generator
from .laws import Constant, Dirac, Eye, Law, Normal, Orthogonal, Sparse, TruncNormal, Uniform
from .orthogonal import fill_orthogonal
from .torch_stream import SMALL, fill_normal, fill_sparse, fill_trunc_normal, fill_uniform

_RANDOM: dict[type, Callable[[Target, Any, Generator], None]] = {
    Uniform: fill_uniform,
    Normal: fill_normal,
    TruncNormal: fill_trunc_normal,
    Sparse: fill_sparse,
    Orthogonal: fill_orthogonal,
}
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
    # The short way of a small plain array and a law that has passed its checks: a small fill is all overhead, 0.8
    # microseconds on this way, 2 on the long one.
    source = default_generator if generator is None else generator
    ready = law.ready.get(tensor.dtype) if type(tensor) is np.ndarray and type(source) is Generator else None
    if ready is None or not tensor.flags.carray:
        return _filled(tensor, target or target_of(tensor), law, generator, function)
    parts, least, run, first, second = ready
    reals = tensor.size * parts
    if not least <= reals < SMALL:
        return _filled(tensor, target or target_of(tensor), law, generator, function)
    lock = source.lock
    lock.acquire()  # a with statement takes twice as long
    try:
        run(source.drawing(), pointer_of(tensor), reals, first, second)
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
    realise = _RANDOM[type(law)] if target.aligned or not target.contiguous else _by_way_of_a_copy
    if isinstance(generator, Generator):
        with generator.lock:
            realise(target, law, generator)
    else:
        with borrowed(generator) as ours:
            realise(target, law, ours)


def _by_way_of_a_copy(target: Target, law: Law, generator: Generator) -> None:
    """C order at an odd address: torch's path goes by the order alone, the kernels of that path need alignment."""
    aligned = np.empty(target.shape, target.array.dtype)
    _RANDOM[type(law)](target.at(aligned), law, generator)
    target.array[...] = aligned
