"""The laws without chance: constants, identities and Dirac kernels."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._torch import plain_tensors
from ...arrays.target import Target, is_plain_array
from ...devices import threads
from ...dtypes import bfloat16_bits
from ...float8 import float8_code
from ...kernels.code.cpu_loader import kernel, short_kernel
from ...laws.fixed import Constant, Dirac, Eye, constant
from .held import held_value

#: From here on a fill is shared by the threads, and from there on it goes past the cache, which could not hold it.
_LARGE_BYTES = 1 << 24
_STREAMED_BYTES = 1 << 25
_LINE = 64
_ZERO = constant(0)


def fill_constant(target: Target, law: Constant) -> None:
    """Writes one number everywhere."""
    value, array = stored(law.value, target), target.array
    if array.nbytes < _LARGE_BYTES or not target.contiguous or target.pointer % array.itemsize:
        array[...] = value
    else:
        _fill_lines(array.reshape(-1), value)
    # torch takes any number for a single half, but not for two
    is_plain = is_plain_array(target.owner) or type(target.owner) in plain_tensors
    if (
        is_plain
        and target.contiguous
        and target.size > 1
        and array.itemsize <= 8
        and target.owner.dtype not in law.ready
    ):
        _keep(law, target.owner.dtype, np.full(1, value, array.dtype))


def _keep(law: Constant, dtype: Any, number: NDArray[Any]) -> None:
    """Lets ``fill`` call a kernel (address, count, bits) for the next small array or tensor of this dtype."""
    size = number.itemsize
    run, bits = short_kernel(f"repeated_{8 * size}", int(number.view(f"u{size}")[0]))
    law.ready[dtype] = (run, bits, size - 1)


def _fill_lines(flat: NDArray[Any], value: Any) -> None:
    """The ends by NumPy, the whole lines between them by the kernel."""
    pattern = np.full(_LINE // flat.itemsize, value, flat.dtype)
    address = flat.ctypes.data
    first = -address % _LINE // flat.itemsize
    lines = (flat.nbytes - first * flat.itemsize) // _LINE
    flat[:first] = value
    flat[first + lines * pattern.size :] = value
    start, write = address + first * flat.itemsize, kernel("constant")
    streamed = flat.nbytes >= _STREAMED_BYTES
    share = max(1, -(-lines // threads.get_num_threads()))
    threads.run(
        partial(write, start + line * _LINE, min(share, lines - line), pattern.ctypes.data, streamed)
        for line in range(0, lines, share)
    )


def stored(number: complex, target: Target) -> Any:
    """``number`` as it is assigned to an array of the target's type; what NumPy lacks is its bits."""
    value = held_value(number, target.element, math.prod(target.whole))
    if target.element.name == "bfloat16":
        return bfloat16_bits(value.real)
    if target.element.kind == "8":
        return float8_code(target.element.name, value)
    # torch converts to float16 by way of float32
    return target.element.rounded(value.real) if target.element.name == "float16" else value


def fill_eye(target: Target, _: Eye) -> None:
    """Writes zeros, then the diagonal."""
    fill_constant(target, _ZERO)
    (row, column), (rows, columns) = target.offset, target.shape
    first = max(row, column)
    length = min(row + rows, column + columns) - first
    if length > 0:
        diagonal = np.arange(length)
        target.array[diagonal + (first - row), diagonal + (first - column)] = stored(1, target)


def fill_dirac(target: Target, law: Dirac) -> None:
    """Writes zeros, then each group's centres, as far as they lie in the block."""
    fill_constant(target, _ZERO)
    offset, group_size, centre = target.offset, target.whole[0] // law.groups, centre_of(target)
    if not group_size or centre is None:
        return
    rows = np.arange(target.shape[0])
    rows = rows[rows + offset[0] < law.groups * group_size]
    channels = (rows + offset[0]) % group_size - offset[1]
    inside = (channels >= 0) & (channels < target.shape[1])
    index: tuple[Any, ...] = (rows[inside], channels[inside], *centre)
    target.array[index] = stored(1, target)


def centre_of(target: Target) -> list[int] | None:
    """Where in the block the kernel's centre lies; None if elsewhere."""
    centre = [n // 2 - start for n, start in zip(target.whole[2:], target.offset[2:], strict=True)]
    inside = all(0 <= index < n for index, n in zip(centre, target.shape[2:], strict=True))
    return centre if inside else None
