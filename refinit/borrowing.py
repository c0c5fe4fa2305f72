"""Whose stream a call draws from: ours, or that of a torch.Generator, borrowed for the fill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _torch
from .counter_generator import fills_by_position
from .engine import Engine
from .generators import Generator
from .philox_engine import PhiloxEngine
from .scalars import type_name

#: One for all of a kind: whoever borrows has it alone.
_ENGINES: dict[str, Engine | PhiloxEngine] = {"cpu": Engine(0), "cuda": PhiloxEngine(0, None)}


def check_generator(generator: Any, function: str, device_type: str) -> None:
    """Raises unless it is a generator that a fill of memory on that type of device can draw from.

    Raises
    ------
    TypeError
        For anything but a ``Generator``, ``CounterGenerator``, ``torch.Generator`` or ``numpy.random.Generator``.
    RuntimeError
        For a generator of another device.
    """
    if fills_by_position(generator):
        return
    if isinstance(generator, Generator):
        # of CUDA in CPU memory: it may replay a GPU's stream, torch_cuda_stream decides
        found = generator.device.partition(":")[0] if device_type == "cuda" else "cpu"
    elif _torch.is_generator(generator):
        found = generator.device.type
    else:
        raise _no_generator(generator, function)
    if found != device_type:
        raise RuntimeError(
            f"Expected a '{device_type}' device type for generator but found '{found}'; pass "
            f"init.Generator({device_type!r}) or a CounterGenerator"
        )


def _no_generator(thing: Any, function: str) -> TypeError:
    return TypeError(
        f"{function}(): argument 'generator' must be a refinit.Generator or CounterGenerator, a torch.Generator or a "
        f"numpy.random.Generator, not {type_name(thing)}; for example generator=init.Generator().manual_seed(0)"
    )


def drawing_from(generator: Any, use: Callable[[Any], None]) -> None:
    """Lets ``use`` draw from a torch.Generator's stream, by an engine of its device's kind.

    The generator's state is taken, and put back advanced unless that fails.  torch's own lock is not held: another
    thread must not draw from the same torch.Generator meanwhile.
    """
    engine = _ENGINES[generator.device.type]

    def borrow() -> None:
        state = generator.get_state()
        memory = state.numpy()
        engine.unpack(memory.tobytes())
        use(engine)
        memory[:] = np.frombuffer(engine.packed(), np.uint8)
        generator.set_state(state)

    engine.exclusively(borrow)
