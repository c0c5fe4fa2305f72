"""Fans and gains: what the shape of a weight and the nonlinearity after it say about its scale."""

from __future__ import annotations

import math
from typing import Any

#: The gains that need no parameter.
_GAINS: dict[str, float] = {
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d"), 1),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid"), 1),
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0),
    "selu": 3.0 / 4,
}

#: Every nonlinearity that ``calculate_gain`` knows.
NONLINEARITIES = (*_GAINS, "leaky_relu")

MODES = ("fan_in", "fan_out")


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight of shape ``(fan_out maps, fan_in maps, *kernel)``."""
    if len(shape) < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    if len(shape) == 2:
        return shape[1], shape[0]
    receptive_field = math.prod(shape[2:])
    return shape[1] * receptive_field, shape[0] * receptive_field


def correct_fan(shape: tuple[int, ...], mode: str) -> int:
    """The fan that ``mode`` names."""
    mode = mode.lower()
    if mode not in MODES:
        raise ValueError(f"Mode {mode} not supported, please use one of {list(MODES)}")
    fan_in, fan_out = fans(shape)
    return fan_in if mode == "fan_in" else fan_out


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight; much code calls torch's function of this name.

    Parameters
    ----------
    tensor
        Anything with a ``shape`` ``(out, in, *kernel)``.

    Raises
    ------
    ValueError
        If it has fewer than two axes.

    Examples
    --------
    >>> import refinit as init
    >>> init._calculate_fan_in_and_fan_out(init.empty(64, 3, 7, 7))
    (147, 3136)
    """
    return fans(tuple(tensor.shape))


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    """fan_in or fan_out of a weight; much code calls torch's function of this name.

    Parameters
    ----------
    tensor
        Anything with a ``shape`` ``(out, in, *kernel)``.
    mode
        ``"fan_in"`` or ``"fan_out"``, in letters of any case.

    Raises
    ------
    ValueError
        If the mode is another one, or the weight has fewer than two axes.
    AttributeError
        If the mode is no string.

    Examples
    --------
    >>> import refinit as init
    >>> init._calculate_correct_fan(init.empty(64, 3, 7, 7), "fan_out")
    3136
    """
    return correct_fan(tuple(tensor.shape), mode)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    r"""The gain of a nonlinearity: what keeps the variance of signals about constant from layer to layer.

    ============================ ====================================
    nonlinearity                 gain (dimensionless)
    ============================ ====================================
    linear, conv{1,2,3}d,        :math:`1`
    conv_transpose{1,2,3}d
    sigmoid                      :math:`1`
    tanh                         :math:`5/3`
    relu                         :math:`\sqrt{2}`
    leaky_relu                   :math:`\sqrt{2 / (1 + param^2)}`
    selu                         :math:`3/4`
    ============================ ====================================

    Parameters
    ----------
    nonlinearity
        A name of the table, as in ``torch.nn.functional``.
    param
        leaky_relu's negative slope (dimensionless, 0.01 if None); ignored for the others.

    Returns
    -------
    float
        The gain; the integer 1 where torch returns it.

    Raises
    ------
    ValueError
        For an unknown nonlinearity, or a ``param`` that is no number where leaky_relu needs one.

    References
    ----------
    He et al. (2015), arXiv:1502.01852, eq. 14 (leaky_relu; 0 slope: relu, eq. 10); ``torch.nn.init.calculate_gain``.

    Examples
    --------
    >>> import refinit as init
    >>> init.calculate_gain("leaky_relu", 0.2)
    1.3867504905630728
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1 + _negative_slope(param) ** 2))
    gain = _GAINS.get(nonlinearity) if isinstance(nonlinearity, str) else None
    if gain is None:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return gain


def _negative_slope(param: Any) -> Any:
    if param is None:
        return 0.01
    # a bool is an int to Python, and no slope
    if isinstance(param, (int, float)) and param is not True and param is not False:
        return param
    raise ValueError(f"negative_slope {param} not a valid number")
