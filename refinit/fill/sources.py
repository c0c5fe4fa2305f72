"""Whose numbers a call draws: the stream, and how to fill from it with nobody else on the generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .. import _torch
from ..arrays.target import Target
from ..generators.counter_generator import CounterGenerator
from ..generators.defaults import default_cuda_generator, default_generator
from ..generators.generator import Generator
from ..generators.generator_like import GeneratorLike, counter_generator_from, is_numpy_generator
from ..laws.arguments import type_name
from ..streams.counter.engine import CounterEngine
from ..streams.exclusive import Realise
from ..streams.torch_cpu.engine import TorchCpuEngine
from ..streams.torch_cuda.engine import Geometry, TorchCudaEngine

#: The state of a torch.Generator is drawn from in one of these, by one thread at a time.
_TORCH_ENGINES: dict[str, TorchCpuEngine | TorchCudaEngine] = {
    "cpu": TorchCpuEngine(0),
    "cuda": TorchCudaEngine(0, None),
}


class Source(NamedTuple):
    """Where the numbers of one call come from.

    ``stream``: the kind of engine that holds its state. ``draw(realise)``: fills from it; None: there is nothing to
    draw. ``geometry``: of the GPU that a CUDA stream is replayed for, if the generator states one.
    """

    stream: type
    draw: Callable[[Realise | None], None]
    geometry: Geometry | None = None


def source_of(generator: GeneratorLike, tensor: Any, target: Target, function: str) -> Source:
    """The source that a generator stands for; None: the default one of the tensor's library and device.

    Raises
    ------
    TypeError
        For anything but a ``Generator``, ``CounterGenerator``, ``torch.Generator`` or ``numpy.random.Generator``.
    RuntimeError
        For a generator of another device.
    """
    if generator is None:
        generator = _default_generator(tensor, target)
    kind = type(generator)
    if kind not in SOURCES:
        SOURCES[kind] = _source_of_kind(generator, function)
    return SOURCES[kind](generator, target)


def _default_generator(tensor: Any, target: Target) -> Any:
    """torch's for its tensors, ours for the rest."""
    if target.written is not None and _torch.is_tensor(tensor):
        return _torch.default_generator(tensor)
    return default_generator if target.device_type == "cpu" else default_cuda_generator


def _source_of_kind(generator: Any, function: str) -> Callable[[Any, Target], Source]:
    """For kinds not in the table: a subclass, and NumPy's and torch's, which are not imported to ask for them."""
    for base in type(generator).__mro__:
        if base in SOURCES:
            return SOURCES[base]
    if is_numpy_generator(generator):
        return _numpy_source
    if _torch.is_generator(generator):
        return _torch_source
    raise TypeError(
        f"{function}(): argument 'generator' must be a refinit.Generator or CounterGenerator, a torch.Generator or "
        f"a numpy.random.Generator, not {type_name(generator)}; for example "
        "generator=init.Generator().manual_seed(0)"
    )


def _check_device(device_type: str, target: Target) -> None:
    if device_type != target.device_type:
        raise RuntimeError(
            f"Expected a '{target.device_type}' device type for generator but found '{device_type}'; pass "
            f"init.Generator({target.device_type!r}) or a CounterGenerator"
        )


def _generator_source(generator: Generator, target: Target) -> Source:
    engine = generator._engine
    # a CUDA generator may replay a GPU's stream in host memory
    _check_device(generator.device.partition(":")[0] if target.device_type == "cuda" else "cpu", target)
    return Source(type(engine), engine.fill, engine.geometry)


def _counter_source(generator: CounterGenerator, _target: Target) -> Source:
    return Source(CounterEngine, generator._engine.fill)


#: ``SOURCES[type(generator)](generator, target)``; another kind than ours joins when it is first passed.
SOURCES: dict[type, Callable[[Any, Target], Source]] = {
    Generator: _generator_source,
    CounterGenerator: _counter_source,
}


def _numpy_source(generator: Any, _target: Target) -> Source:
    def fill_with_new_key(realise: Realise | None) -> None:
        counter_generator_from(generator)._engine.fill(realise)

    # the key is drawn when the fill begins, after every check, not where the source is chosen
    return Source(CounterEngine, fill_with_new_key)


def _torch_source(generator: Any, target: Target) -> Source:
    _check_device(generator.device.type, target)
    engine = _TORCH_ENGINES[generator.device.type]
    return Source(type(engine), partial(_fill_from_torch, generator, engine))


def _fill_from_torch(
    generator: Any, engine: TorchCpuEngine | TorchCudaEngine, realise: Realise | None
) -> None:
    """Draws from a torch.Generator: its state is taken, and put back advanced unless that fails.

    torch's own lock is not held: another thread must not draw from the same torch.Generator meanwhile.
    """
    if realise is None:
        return

    def draw() -> None:
        state = generator.get_state()
        memory = state.numpy()
        engine.unpack(memory.tobytes())
        realise(engine)
        memory[:] = np.frombuffer(engine.packed(), np.uint8)
        generator.set_state(state)

    engine.exclusively(draw)


def take_empty_fill(generator: GeneratorLike) -> None:
    """An empty fill that no law was made for: it draws nothing, but takes its fill number."""
    if isinstance(generator, CounterGenerator):
        generator._engine.fill(None)
    elif is_numpy_generator(generator):
        counter_generator_from(generator)
