"""law x stream -> memory: one ``fill`` realises any law on any target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _torch
from .arrays import Target
from .borrowing import borrowed, checked_generator
from .fixed import fill_constant, fill_dirac, fill_eye
from .generators import Generator, default_generator
from .laws import Constant, Dirac, Eye, Law, Normal, Orthogonal, Sparse, TruncNormal, Uniform
from .orthogonal import fill_orthogonal
from .torch_stream import fill_normal, fill_sparse, fill_trunc_normal, fill_uniform

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


def fill(tensor: Any, target: Target, law: Law, generator: Any = None, function: str = "fill") -> Any:
    """Fills ``target``, the memory of ``tensor``, with ``law``, and returns ``tensor``.

    ``function`` is what torch calls the operation in its error messages. Every check comes before the first draw
    and the first write.
    """
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
        realise = _RANDOM[type(law)] if target.aligned or not target.contiguous else _by_way_of_a_copy
        if type(generator) is Generator or isinstance(generator, Generator):
            # not a with statement, which takes twice as long: small fills are all overhead
            lock = generator.lock
            lock.acquire()
            try:
                realise(target, law, generator)
            finally:
                lock.release()
        else:
            with borrowed(generator) as ours:
                realise(target, law, ours)
    if written is not None:
        written()
    return tensor


def _by_way_of_a_copy(target: Target, law: Law, generator: Generator) -> None:
    """C order at an odd address: torch's path goes by the order alone, the kernels of that path need alignment."""
    aligned = np.empty(target.shape, target.array.dtype)
    _RANDOM[type(law)](target.at(aligned), law, generator)
    target.array[...] = aligned
