"""The laws without chance: constants, identities and Dirac kernels."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import threads
from .arrays import Target
from .dtypes import bfloat16_bits
from .laws import Constant, Dirac, Eye
from .scalars import held_value

_CHUNK_BYTES = 1 << 21


def fill_constant(target: Target, law: Constant) -> None:
    """Writes one number everywhere."""
    value, array = _stored(law.value, target), target.array
    if array.nbytes < 2 * _CHUNK_BYTES or not target.contiguous or threads.get_num_threads() == 1:
        array[...] = value
        return
    flat = array.reshape(-1)
    step = max(_CHUNK_BYTES // array.itemsize, -(-flat.size // threads.get_num_threads()))
    threads.run(partial(_set, flat[at : at + step], value) for at in range(0, flat.size, step))


def _stored(number: complex, target: Target) -> Any:
    """``number`` as it is assigned to ``target.array``."""
    value = held_value(number, target.element, target.size)
    if target.element.name == "bfloat16":
        return bfloat16_bits(value.real)
    # torch converts to float16 by way of float32
    return target.element.rounded(value.real) if target.element.name == "float16" else value


def _set(array: NDArray[Any], value: Any) -> None:
    array[...] = value


def fill_eye(target: Target, _: Eye) -> None:
    """Writes zeros, then the diagonal."""
    fill_constant(target, Constant(0))
    diagonal = np.arange(min(target.shape))
    target.array[diagonal, diagonal] = _stored(1, target)


def fill_dirac(target: Target, law: Dirac) -> None:
    """Writes zeros, then each group's centres."""
    fill_constant(target, Constant(0))
    group_size = target.shape[0] // law.groups
    channels = np.arange(min(group_size, target.shape[1]))
    centre = tuple(n // 2 for n in target.shape[2:])
    one = _stored(1, target)
    for group in range(law.groups if target.size else 0):
        places: tuple[Any, ...] = (group * group_size + channels, channels, *centre)
        target.array[places] = one
