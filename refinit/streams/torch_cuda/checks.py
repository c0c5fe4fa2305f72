"""What torch's CUDA stream cannot give."""

from __future__ import annotations

from ...arrays.target import Target
from ...devices.device import Device
from ...laws.law import Law, Normal, Orthogonal, Sparse, TruncNormal, Uniform
from .engine import Geometry

#: TensorIterator::can_use_32bit_indexing: how many bytes one launch may reach over, the last real counted as one.
_REACH = 2**31 - 1
_REASONS: dict[type, str] = {
    TruncNormal: "trunc_normal_, which torch repeats until comparisons come out right that hang on the last bits "
    "of the GPU's own logarithm, sine and cosine",
    Sparse: "sparse_, whose permutations are made by another algorithm there",
    Orthogonal: "orthogonal_, whose QR is cuSOLVER's",
}


def elementwise_law(law: Law) -> Uniform | Normal:
    """The law, if its numbers hang on the stream alone.

    Raises
    ------
    NotImplementedError
        For laws other than those of ``uniform_``, ``normal_`` and what is built on them.
    """
    if isinstance(law, Uniform | Normal):
        return law
    raise NotImplementedError(
        "expected uniform_, normal_, xavier_ or kaiming_ on torch's CUDA stream, got "
        f"{_REASONS[type(law)]}; use a CounterGenerator, or a NumPy array with Generator('cpu') and copy it"
    )


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
