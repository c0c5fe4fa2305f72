"""Whose numbers a call draws: the stream, and how to fill from it with nobody else on the generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .. import _torch
from ..arrays.target import Target
from ..generators.counter_generator import CounterGenerator, is_numpy_generator, keyed_by
from ..generators.defaults import default_cuda_generator, default_generator
from ..generators.generator import Generator
from ..laws.arguments import type_name
from ..streams.counter.engine import CounterEngine
from ..streams.exclusive import Realise
from ..streams.torch_cpu.engine import TorchCpuEngine
from ..streams.torch_cuda.engine import Geometry, TorchCudaEngine

#: One for all torch.Generators of a device type: whoever borrows has it alone.
_BORROWING: dict[str, TorchCpuEngine | TorchCudaEngine] = {
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


def source_of(generator: Any, tensor: Any, target: Target, function: str) -> Source:
    """The source that a generator stands for; None: the default one of the tensor's library and device.

    Raises
    ------
    TypeError
        For anything but a ``Generator``, ``CounterGenerator``, ``torch.Generator`` or ``numpy.random.Generator``; for
        a Shard with a generator whose stream knows no positions.
    RuntimeError
        For a generator of another device.
    """
    if generator is None:
        generator = _default_generator(tensor, target)
    if isinstance(generator, CounterGenerator):
        return Source(CounterEngine, generator._engine.fill)
    if is_numpy_generator(generator):
        return Source(CounterEngine, partial(_fill_keyed, generator))
    if isinstance(generator, Generator):
        engine = generator._engine
        # a CUDA generator may replay a GPU's stream in host memory
        _check_device(generator.device.partition(":")[0] if target.device_type == "cuda" else "cpu", target)
        return Source(type(engine), engine.fill, engine.geometry)
    if not _torch.is_generator(generator):
        raise TypeError(
            f"{function}(): argument 'generator' must be a refinit.Generator or CounterGenerator, a torch.Generator or "
            f"a numpy.random.Generator, not {type_name(generator)}; for example "
            "generator=init.Generator().manual_seed(0)"
        )
    _check_device(generator.device.type, target)
    return Source(type(_BORROWING[generator.device.type]), partial(_borrow, generator))


def _default_generator(tensor: Any, target: Target) -> Any:
    """torch's for its tensors, ours for the rest."""
    if target.written is not None and _torch.is_tensor(tensor):
        return _torch.default_generator(tensor)
    return default_generator if target.device_type == "cpu" else default_cuda_generator


def _fill_keyed(generator: Any, realise: Realise | None) -> None:
    """The key is drawn here, after every check, not where the source is chosen."""
    keyed_by(generator)._engine.fill(realise)


def _check_device(found: str, target: Target) -> None:
    if found != target.device_type:
        raise RuntimeError(
            f"Expected a '{target.device_type}' device type for generator but found '{found}'; pass "
            f"init.Generator({target.device_type!r}) or a CounterGenerator"
        )


def _borrow(generator: Any, realise: Realise | None) -> None:
    """Draws from a torch.Generator: its state is taken, and put back advanced unless that fails.

    torch's own lock is not held: another thread must not draw from the same torch.Generator meanwhile.
    """
    if realise is None:
        return
    engine = _BORROWING[generator.device.type]

    def borrowed() -> None:
        state = generator.get_state()
        memory = state.numpy()
        engine.unpack(memory.tobytes())
        realise(engine)
        memory[:] = np.frombuffer(engine.packed(), np.uint8)
        generator.set_state(state)

    engine.exclusively(borrowed)


def take_nothing(generator: Any) -> None:
    """An empty fill that no law was made for: it draws nothing, but takes its fill number."""
    if is_numpy_generator(generator):
        keyed_by(generator)
    elif isinstance(generator, CounterGenerator):
        generator._engine.fill(None)
