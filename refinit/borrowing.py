"""Whose stream a call draws from: ours, or that of a torch.Generator, borrowed for the fill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _torch
from .counter_generator import fills_by_position
from .engine import Engine
from .generators import Generator
from .scalars import type_name
from .torch_state import packed, unpacked

_engine = Engine(0)  # one for all: whoever borrows has it alone


def check_generator(generator: Any, function: str) -> None:
    """Raises unless it is a generator that a CPU fill can draw from.

    Raises
    ------
    TypeError
        For anything but a ``Generator``, ``CounterGenerator``, ``torch.Generator`` or ``numpy.random.Generator``.
    RuntimeError
        For a generator of another device.
    """
    if isinstance(generator, Generator) or fills_by_position(generator):
        return
    if _torch.is_generator(generator):
        if generator.device.type != "cpu":
            raise RuntimeError(
                f"Expected a 'cpu' device type for generator but found '{generator.device.type}'"
            )
        return
    raise TypeError(
        f"{function}(): argument 'generator' must be a refinit.Generator or CounterGenerator, a torch.Generator or a "
        f"numpy.random.Generator, not {type_name(generator)}; for example generator=init.Generator().manual_seed(0)"
    )


def drawing_from(generator: Any, use: Callable[[Engine], None]) -> None:
    """Lets ``use`` draw from a torch.Generator's stream: its state is taken, and put back advanced unless that fails.

    torch's own lock is not held: another thread must not draw from the same torch.Generator meanwhile.
    """

    def borrow() -> None:
        state = generator.get_state()
        memory = state.numpy()
        _engine.restore(unpacked(memory.tobytes()))
        use(_engine)
        memory[:] = np.frombuffer(packed(_engine.saved()), np.uint8)
        generator.set_state(state)

    _engine.exclusively(borrow)
