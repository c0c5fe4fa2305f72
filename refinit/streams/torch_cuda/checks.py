"""What torch's CUDA stream cannot give."""

from __future__ import annotations

from ...arrays.target import Target
from ...laws.law import Law, Orthogonal, Sparse, TruncNormal
from .engine import Geometry

#: TensorIterator::can_use_32bit_indexing: how many bytes one launch may reach over, the last real counted as one.
_LIMIT = 2**31 - 1
_REASONS: dict[type, str] = {
    TruncNormal: "trunc_normal_, which torch repeats until comparisons come out right that hang on the last bits "
    "of the GPU's own logarithm, sine and cosine",
    Sparse: "sparse_, whose permutations are made by another algorithm there",
    Orthogonal: "orthogonal_, whose QR is cuSOLVER's",
}


def check_law(law: Law) -> None:
    """Raises where the numbers hang on more than the stream.

    Raises
    ------
    NotImplementedError
        For all but ``uniform_``, ``normal_`` and what is built on them.
    """
    if type(law) in _REASONS:
        raise NotImplementedError(
            "expected uniform_, normal_, xavier_ or kaiming_ on torch's CUDA stream, got "
            f"{_REASONS[type(law)]}; use a CounterGenerator, or a NumPy array with Generator('cpu') and copy it"
        )


def geometry_of(target: Target, stated: Geometry | None) -> Geometry:
    """The GPU that a generator states, else the one that the memory lies on.

    Raises
    ------
    RuntimeError
        If there is neither.
    """
    if stated is not None:
        return stated
    if target.device is None:
        raise RuntimeError(
            "Expected a 'cpu' device type for generator but found 'cuda'; to replay a GPU's stream in CPU memory, "
            "state its multiprocessors and threads_per_multiprocessor, those of an H100 for example: "
            "init.Generator('cuda', multiprocessors=132, threads_per_multiprocessor=2048)"
        )
    return Geometry(target.device.multiprocessors, target.device.threads_per_multiprocessor)


def check_reach(target: Target) -> None:
    """Raises for memory of which torch makes several fills.

    Raises
    ------
    NotImplementedError
        If it reaches too far.
    """
    reach = 1 + sum((length - 1) * abs(stride) for length, stride in target.runs(target.order))
    if target.size and reach > _LIMIT:
        raise NotImplementedError(
            f"expected memory that reaches over at most {_LIMIT} bytes up to its last number, got {reach}: torch fills "
            "larger memory in parts, by a rule that is not replayed; use a CounterGenerator, or several arrays"
        )


def check_axes(target: Target) -> None:
    """Raises for memory of too many axes.

    Raises
    ------
    NotImplementedError
        If more than four of them do not merge.
    """
    from ...arrays.walks.axes import AXES

    if len(target.runs(target.order)) > AXES:
        raise NotImplementedError(
            f"expected a CUDA array of at most {AXES} axes that do not merge, got shape {target.shape} with byte "
            f"strides {target.strides}; initialise a contiguous array and copy it, or use a CounterGenerator"
        )
