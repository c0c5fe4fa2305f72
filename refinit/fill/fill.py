"""law x stream -> memory: one ``fill`` realises any law on any target."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._dynamo import untraced
from .._torch import plain_tensors
from .._warn import RefinitWarning, warn_caller
from ..arrays.opening import Tensor, target_of
from ..arrays.target import DATA_FIELD, Target, pointer_at
from ..generators.defaults import default_generator
from ..generators.generator_like import GeneratorLike
from ..laws.fixed import Constant
from ..laws.law import Law
from ..streams.counter.engine import exhausted
from ..streams.engine import in_use
from ..streams.fixed.fill import fill_fixed
from ..streams.short import SMALL
from .sources import source_of
from .tensors import fill_small

_ndarray = np.ndarray


@untraced
def fill(
    tensor: Tensor,
    law: Law,
    generator: GeneratorLike = None,
    function: str = "fill",
    target: Target | None = None,
) -> Tensor:
    """Fills ``tensor`` with ``law`` and returns it.

    ``function`` is what torch calls the operation in its error messages; ``target`` is the tensor's memory, where the
    caller had to look already. Every check comes before the first draw and the first write.
    """
    if type(tensor) is _ndarray:
        array: Any = tensor
        try:  # a small plain array by the kernel that is ready for the law (``streams/short.py``)
            engine: Any = (default_generator if generator is None else generator)._engine  # type: ignore[union-attr]
            parts, run, first, second, _, _, _ = law.ready[type(engine)][array.dtype]
        except (
            KeyError,
            AttributeError,
        ):  # its first time, a generator of another kind, or a law without chance
            if type(law) is Constant and _fill_constant(array, law):
                return tensor
            return _fill(tensor, target or target_of(tensor), law, generator, function)
        reals = array.size * parts
        if array.flags.carray and reals < SMALL:
            with engine.lock:  # not acquire and try: a signal handler that raises runs between the two
                if engine.busy:
                    raise in_use()
                # no method that does both: calling it would add 50 ns to some 1400
                cursor = engine.short_cursor or engine.cursor()
                if run(cursor, pointer_at(id(array) + DATA_FIELD), reals, first, second):
                    raise exhausted()
            return tensor
    elif type(tensor) in plain_tensors and fill_small(tensor, law, generator):
        return tensor
    return _fill(tensor, target or target_of(tensor), law, generator, function)


def _fill_constant(array: Any, law: Constant) -> bool:
    """Whether a small plain array was filled by the kernel that is ready for the law; else nothing has happened."""
    run, number, _ = law.ready.get(array.dtype, (None, None, 0))
    if run is None or not array.flags.carray or array.size >= SMALL:
        return False
    run(pointer_at(id(array) + DATA_FIELD), array.size, number)
    return True


def _fill(tensor: Tensor, target: Target, law: Law, generator: GeneratorLike, function: str) -> Tensor:
    if law.random:
        source = source_of(generator, tensor, target, function)
        law.check(target.element, math.prod(target.whole))
        realise = source.prepared(target, law, source.geometry)
        warn_lost(target.why_lost)
        if not target.is_meta:
            source.draw(realise)
    else:
        law.check(target.element, math.prod(target.whole))
        warn_lost(target.why_lost)
        if not target.is_meta:
            fill_fixed(target, law)
    if target.after_fill is not None and not target.is_meta:
        target.after_fill()
    return tensor


def warn_lost(reason: str | None) -> None:
    """Warns where what is written arrives nowhere; before it is, so that a filter that raises leaves all as it was."""
    if reason is not None:
        warn_caller(reason, RefinitWarning)
