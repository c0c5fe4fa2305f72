"""Seeds, and states brought back, as users pass them: checked."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .. import _torch
from ..laws.arguments import integer_argument, type_name


def entropy() -> int:
    """64 bits from the operating system."""
    return int.from_bytes(os.urandom(8), "little")


def torch_seed(seed: Any) -> int:
    """A seed as ``torch.Generator.manual_seed`` takes it, with its refusals; modulo 2**64."""
    if type(seed) is not int and not isinstance(seed, np.integer):
        raise RuntimeError(f"manual_seed expected a long, but got {type_name(seed).rpartition('.')[2]}")
    return _modulo_64_bits(int(seed), "Overflow when unpacking long long: ")


def counter_key(seed: Any) -> int:
    """The key that a CounterGenerator's seed stands for."""
    advice = "; None takes one from the operating system, a name makes a substream: CounterGenerator(0).substream(name)"
    return _modulo_64_bits(integer_argument(seed, "seed", advice=advice))


def _modulo_64_bits(seed: int, torch_text: str = "") -> int:
    if not -(2**63) <= seed < 2**64:
        raise ValueError(f"{torch_text}expected a seed in [-2**63, 2**64), got {seed}")
    return seed % 2**64


def state_bytes(state: Any) -> bytes:
    """The bytes of a state: an array of uint8, or a torch tensor of it.

    Raises
    ------
    TypeError
        If it is none.
    """
    if _torch.is_tensor(state):
        state = state.numpy()
    if not isinstance(state, np.ndarray):
        raise TypeError(f"expected an array or tensor of uint8, got {type_name(state)}")
    if state.dtype != np.uint8:
        raise TypeError(f"RNG state must be a torch.ByteTensor or a uint8 array, got dtype {state.dtype}")
    return state.tobytes()
