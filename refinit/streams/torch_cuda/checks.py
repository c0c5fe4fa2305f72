"""What torch's CUDA stream cannot give."""

from __future__ import annotations

from typing import TypeGuard

from ...arrays.target import Target
from ...devices.device import Device
from ...laws.law import Law, Normal, Uniform
from .engine import Geometry

#: TensorIterator::can_use_32bit_indexing: how many bytes one launch may reach over, the last real counted as one.
_REACH = 2**31 - 1


def is_elementwise(law: Law) -> TypeGuard[Uniform | Normal]:
    """Whether its numbers hang on the stream alone; ``trunc_normal_``, ``sparse_`` and ``orthogonal_`` are not so.

    torch repeats the first until comparisons come out right that hang on the last bits of the GPU's own logarithm, sine
    and cosine; the permutations of the second are made by another algorithm there; the QR of the third is cuSOLVER's.
    """
    return isinstance(law, Uniform | Normal)


def geometry_of(stated: Geometry | None, device: Device | None) -> Geometry:
    """The GPU that a generator states, else the one that the memory lies on.

    Raises
    ------
    RuntimeError
        If there is neither.
    """
    if stated is not None:
        return stated
    if device is None:
        raise RuntimeError(
            "Expected a 'cpu' device type for generator but found 'cuda'; to replay a GPU's stream in CPU memory, "
            "state its multiprocessors and threads_per_multiprocessor, those of an H100 for example: "
            "init.Generator('cuda', multiprocessors=132, threads_per_multiprocessor=2048)"
        )
    return Geometry(device.multiprocessors, device.threads_per_multiprocessor)


def check_reach(target: Target) -> None:
    """Raises for memory of which torch makes several fills.

    Raises
    ------
    NotImplementedError
        If it reaches too far.
    """
    reach = 1 + sum((length - 1) * abs(stride) for length, stride in target.runs(target.order))
    if target.size and reach > _REACH:
        raise NotImplementedError(
            f"expected memory that reaches over at most {_REACH} bytes up to its last number, got {reach}: torch fills "
            "larger memory in parts, by a rule that is not replayed; use a CounterGenerator, or several arrays"
        )
