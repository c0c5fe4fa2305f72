"""law x stream -> memory: one ``fill`` realises any law on any target."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays.opening import Tensor, target_of
from ..arrays.target import DATA_FIELD, Target, pointer_at
from ..generators.defaults import default_generator
from ..generators.generator_like import GeneratorLike
from ..laws.law import Law
from ..streams.counter import prepared as counter_stream
from ..streams.counter.engine import CounterEngine, exhausted
from ..streams.exclusive import Realise, in_use
from ..streams.fixed.fill import fill_fixed
from ..streams.short import SMALL
from ..streams.torch_cpu import prepared as torch_stream
from ..streams.torch_cpu.engine import TorchCpuEngine
from ..streams.torch_cuda.engine import Geometry, TorchCudaEngine
from .sources import source_of


def _torch_cuda(target: Target, law: Law, geometry: Geometry | None) -> Realise | None:
    from ..streams.torch_cuda import prepared as torch_cuda_stream  # few replay a GPU's stream

    return torch_cuda_stream.prepared(target, law, geometry)


#: ``PREPARE[stream](target, law, geometry)`` makes the stream's checks; what it returns fills from the stream's engine.
PREPARE: dict[type, Callable[[Target, Law, Geometry | None], Realise | None]] = {
    TorchCpuEngine: torch_stream.prepared,
    TorchCudaEngine: _torch_cuda,
    CounterEngine: counter_stream.prepared,
}


_ndarray = np.ndarray


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
            parts, least, run, first, second, _ = law.ready[type(engine)][array.dtype]
        except (KeyError, AttributeError):  # its first time, or a generator of another kind
            return _fill(tensor, target or target_of(tensor), law, generator, function)
        reals = array.size * parts
        if array.flags.carray and least <= reals < SMALL:
            with engine.lock:  # not acquire and try: a signal handler that raises runs between the two
                if engine.busy:
                    raise in_use()
                # no method that does both: calling it would add 50 ns to some 1400
                cursor = engine.short_cursor or engine.cursor()
                if run(cursor, pointer_at(id(array) + DATA_FIELD), reals, first, second):
                    raise exhausted()
            return tensor
    return _fill(tensor, target or target_of(tensor), law, generator, function)


def _fill(tensor: Tensor, target: Target, law: Law, generator: GeneratorLike, function: str) -> Tensor:
    if law.random:
        source = source_of(generator, tensor, target, function)
        law.check(target.element, math.prod(target.whole))
        realise = PREPARE[source.stream](target, law, source.geometry)
        if not target.is_meta:
            source.draw(realise)
    else:
        law.check(target.element, math.prod(target.whole))
        if not target.is_meta:
            fill_fixed(target, law)
    if target.written is not None and not target.is_meta:
        target.written()
    return tensor
