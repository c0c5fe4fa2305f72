"""One number everywhere."""

from __future__ import annotations

from ..arrays.opening import Tensor
from ..fill.fill import fill
from ..laws.arguments import number_argument
from ..laws.fixed import Constant, constant
from ..laws.law import Shape
from .registry import ALL, initializer

_ZERO, _ONE = constant(0), constant(1)


def constant_law(_shape: Shape, val: complex) -> Constant:
    """Every element val"""
    return constant(number_argument(val, "fill_", "value", "val"))


@initializer(constant_law, dtypes=ALL)
def constant_(tensor: Tensor, val: float) -> Tensor:
    r""":math:`w = val`.

    Parameters
    ----------
    tensor
        See ``help(refinit)``; any shape, any dtype.
    val
        A number that the dtype holds; integers take a float truncated toward zero.

    Raises
    ------
    RuntimeError
        If the dtype cannot hold ``val``.
    OverflowError
        If ``val`` is an integer beyond 64 bits.

    References
    ----------
    ``torch.nn.init.constant_``

    Examples
    --------
    >>> import refinit as init
    >>> init.constant_(init.empty(2), 0.3).tolist()
    [0.30000001192092896, 0.30000001192092896]
    """
    return fill(tensor, constant_law((), val))


def ones_law(_shape: Shape) -> Constant:
    """Every element 1"""
    return constant(1)


@initializer(ones_law, dtypes=ALL)
def ones_(tensor: Tensor) -> Tensor:
    r""":math:`w = 1`.

    Parameters
    ----------
    tensor
        See ``help(refinit)``; any shape, any dtype.

    References
    ----------
    ``torch.nn.init.ones_``

    Examples
    --------
    >>> import refinit as init
    >>> init.ones_(init.empty(2)).tolist()
    [1.0, 1.0]
    """
    return fill(tensor, _ONE)


def zeros_law(_shape: Shape) -> Constant:
    """Every element 0"""
    return constant(0)


@initializer(zeros_law, dtypes=ALL)
def zeros_(tensor: Tensor) -> Tensor:
    r""":math:`w = 0`.

    Parameters
    ----------
    tensor
        See ``help(refinit)``; any shape, any dtype.

    References
    ----------
    ``torch.nn.init.zeros_``

    Examples
    --------
    >>> import refinit as init
    >>> init.zeros_(init.empty(2)).tolist()
    [0.0, 0.0]
    """
    return fill(tensor, _ZERO)
