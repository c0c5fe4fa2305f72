"""Whose numbers a call draws: the stream, and how to fill from it with nobody else on the generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .. import _torch
from .._fork import undivided
from .._warn import RefinitWarning, warn_caller
from ..arrays.target import Target
from ..generators.counter_generator import CounterGenerator
from ..generators.defaults import default_cuda_generator, default_generator
from ..generators.generator_like import GeneratorLike, counter_generator_from, is_numpy_generator
from ..laws.arguments import type_name
from ..laws.law import Law
from ..streams.counter import prepared as counter
from ..streams.counter.engine import CounterEngine
from ..streams.engine import Engine, Realise
from ..streams.torch_cpu import prepared as torch_cpu
from ..streams.torch_cpu.engine import TorchCpuEngine
from ..streams.torch_cuda.engine import Geometry, TorchCudaEngine
from .borrowing import TORCH_ENGINES, fill_from_torch

#: ``prepared(target, law, geometry)`` makes all checks of a stream; what it returns fills from the stream's engine.
Prepared = Callable[[Target, Law, Any], Realise | None]


def _torch_cuda(target: Target, law: Law, geometry: Geometry | None) -> Realise | None:
    with undivided():
        from ..streams.torch_cuda import prepared as torch_cuda  # few replay a GPU's stream

    return torch_cuda.prepared(target, law, geometry, _by_position)


def _by_position(target: Target, law: Law) -> Callable[[int], None] | None:
    """A CounterGenerator's fill from a key: of laws whose bits on torch's CUDA stream are the GPU's own."""
    realise = counter.prepared(target, law, None)
    if target.is_meta or realise is None:
        return None
    warn_caller(
        "torch's numbers of trunc_normal_, sparse_ and orthogonal_ on CUDA hang on the GPU's own arithmetic: the "
        "weights have the law and not torch's bits; they are a CounterGenerator's, keyed from the CUDA generator, "
        "whose offset moves by 4; pass generator=init.CounterGenerator(seed) to choose them yourself",
        RefinitWarning,
    )
    return lambda key: CounterEngine(key).fill(realise)


#: The streams, by the engine that holds the state of one; a generator is what has such an engine.
STREAMS: dict[type[Engine], Prepared] = {
    TorchCpuEngine: torch_cpu.prepared,
    TorchCudaEngine: _torch_cuda,
    CounterEngine: counter.prepared,
}


class Source(NamedTuple):
    """Where the numbers of one call come from.

    ``prepared``: of the stream. ``draw(realise)``: fills from it; None: there is nothing to draw. ``geometry``: of the
    GPU that a CUDA stream is replayed for, if the generator states one.
    """

    prepared: Prepared
    draw: Callable[[Realise | None], None]
    geometry: Geometry | None = None


def source_of(generator: GeneratorLike, tensor: Any, target: Target, function: str) -> Source:
    """The source that a generator stands for; None: the default one of the tensor's library and device.

    Raises
    ------
    TypeError
        For anything but a generator with an engine of a stream, a ``torch.Generator`` or a ``numpy.random.Generator``.
    RuntimeError
        For a generator of another device.
    """
    if generator is None:
        generator = _default_generator(tensor, target)
    engine: Any = getattr(generator, "_engine", None)
    prepared = STREAMS.get(type(engine))
    if prepared is not None:
        if target.device_type not in engine.device_types:
            raise _wrong_device(engine.device_types[0], target)
        return Source(prepared, engine.fill, engine.geometry)
    if is_numpy_generator(generator):
        return Source(counter.prepared, partial(_fill_with_new_key, generator))
    if _torch.is_generator(generator):
        return _torch_source(generator, target)
    raise TypeError(
        f"{function}(): argument 'generator' must be a refinit.Generator or CounterGenerator, a torch.Generator or "
        f"a numpy.random.Generator, not {type_name(generator)}; for example "
        "generator=init.Generator().manual_seed(0)"
    )


def _default_generator(tensor: Any, target: Target) -> Any:
    """torch's for its tensors, ours for the rest, and for what draws nothing: a fake tensor may name any device."""
    if target.after_fill is not None and not target.is_meta and _torch.is_tensor(tensor):
        return _torch.default_generator(tensor)
    return default_generator if target.device_type == "cpu" else default_cuda_generator


def _fill_with_new_key(generator: np.random.Generator, realise: Realise | None) -> None:
    """The key is drawn here, when the fill begins, after every check."""
    counter_generator_from(generator)._engine.fill(realise)


def _wrong_device(device_type: str, target: Target) -> RuntimeError:
    return RuntimeError(
        f"Expected a '{target.device_type}' device type for generator but found '{device_type}'; pass "
        f"init.Generator({target.device_type!r}) or a CounterGenerator"
    )


def _torch_source(generator: Any, target: Target) -> Source:
    if generator.device.type != target.device_type:
        raise _wrong_device(generator.device.type, target)
    engine = TORCH_ENGINES[generator.device.type]
    return Source(STREAMS[type(engine)], partial(fill_from_torch, generator, engine))


def take_empty_fill(generator: GeneratorLike) -> None:
    """An empty fill that no law was made for: it draws nothing, but takes its fill number."""
    if isinstance(generator, CounterGenerator):
        generator._engine.fill(None)
    elif is_numpy_generator(generator):
        counter_generator_from(generator)
