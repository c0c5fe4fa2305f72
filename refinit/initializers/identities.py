"""Tensors that pass their input on: the identity matrix and the Dirac convolution kernel."""

from __future__ import annotations

from contextlib import suppress

from ..arrays.opening import Tensor, target_of
from ..fill.fill import fill
from ..laws.arguments import integer_argument
from ..laws.fixed import Dirac, Eye
from ..laws.law import Shape
from .registry import ALL, initializer

_EYE_TYPES = tuple(name for name in ALL if name not in ("uint16", "uint32", "uint64"))


def eye_law(shape: Shape) -> Eye:
    """Ones on the diagonal, zeros elsewhere"""
    if len(shape) != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return Eye()


@initializer(eye_law, dtypes=_EYE_TYPES, ndims=(2,))
def eye_(tensor: Tensor) -> Tensor:
    r""":math:`w_{ij} = 1` if :math:`i = j`, else 0: a linear layer that passes its inputs on.

    Parameters
    ----------
    tensor
        See ``help(refinit)``; two axes, any dtype but uint16, uint32 and uint64.

    Raises
    ------
    ValueError
        If the tensor has not two axes.

    References
    ----------
    ``torch.nn.init.eye_``

    Examples
    --------
    >>> import refinit as init
    >>> init.eye_(init.empty(2, 3)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    target = target_of(tensor)
    return fill(tensor, eye_law(target.whole), target=target)


def dirac_law(shape: Shape, groups: int = 1) -> Dirac:
    """In each group of output channels, channel d passes input channel d at the kernel's centre"""
    if len(shape) not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    with suppress(TypeError):  # no number at all: integer_argument refuses it
        if groups != 0 and shape[0] % groups != 0:
            raise ValueError("dim 0 must be divisible by groups")
    number = integer_argument(groups, "groups", 1, boolean=True)
    if 0 in shape[2:] and 0 not in shape[:2]:
        raise IndexError(
            f"expected a kernel with a centre, got shape {shape}: an axis of length 0 has no index 0"
        )
    return Dirac(number)


@initializer(dirac_law, dtypes=ALL, ndims=(3, 4, 5))
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    r""":math:`w_{g n + d, d, c} = 1` at the kernel's centre :math:`c`, else 0: a convolution that passes its inputs on.

    Here n = shape[0] / groups, d < min(n, shape[1]), and the centre of a kernel axis of length k is k // 2.

    Parameters
    ----------
    tensor
        See ``help(refinit)``; shape ``(out, in / groups, *kernel)`` with 1 to 3 kernel axes, any dtype.
    groups
        Number of groups of the convolution, a divisor of ``shape[0]``.

    Raises
    ------
    ValueError
        If the tensor has not 3, 4 or 5 axes, or ``groups`` is no positive divisor of ``shape[0]``.
    TypeError
        If ``groups`` is no integer.
    IndexError
        If a kernel axis has length 0.

    References
    ----------
    ``torch.nn.init.dirac_``

    Examples
    --------
    >>> import refinit as init
    >>> init.dirac_(init.empty(2, 1, 3), groups=2).tolist()
    [[[0.0, 1.0, 0.0]], [[0.0, 1.0, 0.0]]]
    """
    target = target_of(tensor)
    return fill(tensor, dirac_law(target.whole, groups), target=target)
