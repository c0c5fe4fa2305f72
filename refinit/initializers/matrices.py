"""Laws of whole matrices: orthogonal and sparse."""

from __future__ import annotations

import math
import reprlib

import numpy as np

from .. import _torch
from ..arrays.opening import Tensor, target_of
from ..fill.fill import fill, warn_lost
from ..fill.sources import take_empty_fill
from ..generators.generator_like import GeneratorLike
from ..laws.arguments import real_argument, refuse_wide
from ..laws.law import Orthogonal, Shape, Sparse
from .registry import FLOATING, REAL, initializer


def orthogonal_law(shape: Shape, gain: float = 1) -> Orthogonal:
    """gain Q, Q^T Q = 1 (or Q Q^T = 1 where wide), Q by the Haar measure"""
    if len(shape) < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    refuse_wide(gain)
    return Orthogonal(real_argument(gain, "mul_", "other", 1, ("gain", gain)))


@initializer(
    orthogonal_law, dtypes=("float32", "float64"), elsewhere={"counter": REAL, "torch_cuda": ()}, least_ndim=2
)
def orthogonal_(tensor: Tensor, gain: float = 1, generator: GeneratorLike = None) -> Tensor:
    r""":math:`w = gain \, Q` with :math:`Q^T Q = 1` (wide: :math:`Q Q^T = 1`), :math:`Q` by the Haar measure.

    On torch's stream Q is the factor of A = Q R, A independent normals of shape ``(shape[0], rest)``, transposed where
    wide, with R's diagonal positive; with a CounterGenerator, a product of the Householder reflectors of such normals.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; at least two axes, of which all but the first are flattened; float32 or float64, with a
        CounterGenerator also float16 and bfloat16, computed in float32 and rounded once.
    gain
        Factor (dimensionless).

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or gain is nan. (An infinite one gives infinities, as in torch.)
    RuntimeError
        If, on torch's stream, the trailing axes do not flatten without a copy.
    OverflowError
        If gain is an integer beyond 64 bits.

    Notes
    -----
    On torch's stream a torch tensor gets torch's bits: torch factorises it. Other arrays get what scipy's LAPACK makes
    of the same normals, and the last bits depend on it, as torch's do on its own; the generator's position is torch's,
    and with eps the dtype's, the strictly lower part of Q^T A is at most 10 eps ||A||. With a
    CounterGenerator the normals are defined bit by bit, and neither threads nor a Shard's place change Q; in float32
    and float64 |Q^T Q - 1| is at most 25 eps; half types are the float32 values rounded once, by at most 2^-11
    (float16) or 2^-8 (bfloat16) of each (of float16 below 2^-14, by 2^-25).

    References
    ----------
    Saxe, McClelland & Ganguli (2014), arXiv:1312.6120; Mezzadri (2007), arXiv:math-ph/0609050, section 4; Stewart
    (1980), SIAM J. Numer. Anal. 17(3); ``torch.nn.init.orthogonal_``

    Examples
    --------
    >>> import numpy as np
    >>> import refinit as init
    >>> w = init.orthogonal_(init.empty(3, 5))
    >>> bool(abs(w @ w.T - np.eye(3)).max() < 1e-6)
    True
    """
    target = target_of(tensor)
    law = orthogonal_law(target.whole, gain)
    if 0 in target.whole:
        warn_lost(target.why_lost)
        take_empty_fill(generator)
        return tensor
    return fill(tensor, law, generator, "normal_", target)


def sparse_law(shape: Shape, sparsity: float, std: float = 0.01) -> Sparse:
    """N(0, std^2), and in each column ceil(sparsity rows) zeros at places drawn uniformly"""
    if len(shape) != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    # torch rounds the product with the rows to the type of a NumPy number or tensor
    whole = isinstance(sparsity, int)  # of any size: no float, which may overflow, is asked for a range
    if not whole and not isinstance(sparsity, np.floating) and not _torch.is_scalar_tensor(sparsity):
        sparsity = real_argument(sparsity, "sparse_", "sparsity", 1)
    if not 0.0 <= sparsity <= 1.0:
        raise ValueError(f"sparsity must be between 0 and 1, got {reprlib.repr(sparsity)}")
    return Sparse(math.ceil(float(sparsity * shape[0])), real_argument(std, "normal_", "std", 2))


@initializer(sparse_law, dtypes=FLOATING, elsewhere={"torch_cuda": ()}, ndims=(2,))
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: GeneratorLike = None) -> Tensor:
    r""":math:`w_{ij} \sim N(0, std^2)`, but :math:`\lceil sparsity \cdot rows \rceil` places of each column are 0.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; two axes, floating or complex.
    sparsity
        Fraction of each column that is zero (dimensionless), 0 to 1.
    std
        Of the other elements, in the units of the weights; std >= 0.

    Raises
    ------
    ValueError
        If the tensor has not two axes, or sparsity is outside [0, 1]; on torch's stream, if it has more than 214748363
        rows.
    RuntimeError
        If std is negative or nan.

    Notes
    -----
    The places come from the same generator as the values. (torch 2.13 takes them from its global generator even if
    another is given; with ``generator=None`` both agree.)

    References
    ----------
    Martens (2010), ICML, section 5; ``torch.nn.init.sparse_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.sparse_(init.empty(10, 4), sparsity=0.25)
    >>> (w == 0).sum(axis=0).tolist()
    [3, 3, 3, 3]
    """
    target = target_of(tensor)
    return fill(tensor, sparse_law(target.whole, sparsity, std), generator, "normal_", target)
