"""Whose stream a call draws from: ours, or that of a torch.Generator, borrowed for the fill."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import _torch
from .engine import Engine
from .generators import Generator
from .scalars import type_name
from .torch_state import packed, unpacked

_lock = threading.Lock()
_engine = Engine(0)  # one for all: whoever borrows holds the lock


def checked_generator(generator: Any, function: str) -> Any:
    """``generator`` if it is one that a CPU fill can draw from.

    Raises
    ------
    TypeError
        For anything but a ``Generator`` and a ``torch.Generator``.
    RuntimeError
        For a generator of another device.
    """
    if isinstance(generator, Generator):
        return generator
    if _torch.is_generator(generator):
        if generator.device.type != "cpu":
            raise RuntimeError(
                f"Expected a 'cpu' device type for generator but found '{generator.device.type}'"
            )
        return generator
    raise TypeError(
        f"{function}(): argument 'generator' must be refinit.Generator or torch.Generator, not {type_name(generator)}; "
        "for example generator=init.Generator().manual_seed(0)"
    )


@contextmanager
def borrowed(generator: Any) -> Iterator[Engine]:
    """A torch.Generator's stream: its state is taken, and put back advanced unless the fill fails."""
    with _lock:
        state = generator.get_state()
        memory = state.numpy()
        _engine.restore(unpacked(memory.tobytes()))
        yield _engine
        memory[:] = np.frombuffer(packed(_engine.saved()), np.uint8)
        generator.set_state(state)


def _renew_lock() -> None:
    """Another thread of the parent may have held the lock when it forked."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
