"""Fans and gains: what the shape of a weight and the nonlinearity after it say about its scale."""

from __future__ import annotations

import math
from typing import Any

from .arguments import integer_argument, lengths_argument
from .axes import Axes, torch_shape

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


def weight_fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight of shape ``(fan_out maps, fan_in maps, *kernel)``."""
    if len(shape) < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions: expected a weight of "
            f"shape (out, in, *kernel), got shape {shape}; a bias takes init.zeros_(w), or a law without fans, such as "
            "init.uniform_(w, -0.1, 0.1)"
        )
    if len(shape) == 2:
        return shape[1], shape[0]
    receptive_field = math.prod(shape[2:])
    return shape[1] * receptive_field, shape[0] * receptive_field


def fans(
    shape: Any, *, in_axis: Axes = None, out_axis: Axes = None, groups: int = 1, transposed: bool = False
) -> tuple[int, int]:
    r""":math:`fan_{in} = in \cdot k`, :math:`fan_{out} = out \cdot k`, k being the product of all other axes.

    fan_in counts the inputs of one output, fan_out the outputs of one input. Beyond torch, whose rule is the default:
    in = shape[1], out = shape[0], whatever layer the weight is of.

    Parameters
    ----------
    shape
        Of the weight, or the weight: anything with a ``shape``, or a Shard, whose shape is that of the whole.
    in_axis, out_axis
        The axes of the inputs and of the outputs, one or several each, negative ones from the end; both or neither.
    groups
        Of a grouped convolution. Its weight, (out, in / groups, \*kernel), has each input in out / groups outputs
        only: fan_out is divided by groups. torch's initializers do not know of groups, and take out * k.
    transposed
        Whether the weight is a transposed convolution's, (in, out / groups, \*kernel) in torch: in is shape[0], out
        is shape[1], and groups divides fan_in. torch's initializers do not know of that either, and swap the fans;
        ours take ``in_axis=0, out_axis=1``. (A stride is not counted: it leaves out inputs of each output.)

    Returns
    -------
    tuple of int
        (fan_in, fan_out)

    Raises
    ------
    TypeError
        If shape, an axis or groups is no integer or sequence of them, or one of in_axis and out_axis is missing.
    ValueError
        If there are fewer than two axes, an axis is out of range or named twice, groups is below 1 or does not divide
        its channels, or transposed comes with in_axis and out_axis, which say it already.

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 16; He et al. (2015), arXiv:1502.01852, section 2.2;
    ``jax.nn.initializers.variance_scaling``; ``torch.nn.init._calculate_fan_in_and_fan_out``

    Examples
    --------
    >>> import refinit as init
    >>> init.fans((128, 64, 3, 3))  # torch's: out, in, height, width
    (576, 1152)
    >>> init.fans((3, 3, 64, 128), in_axis=-2, out_axis=-1)  # JAX's and Keras's: height, width, in, out
    (576, 1152)
    >>> init.fans((64, 1, 3, 3), groups=64)  # depthwise
    (9, 9)
    """
    if transposed and (in_axis is not None or out_axis is not None):
        raise ValueError(
            f"expected in_axis and out_axis, or transposed=True, which stands for in_axis=0, out_axis=1, got "
            f"in_axis={in_axis!r}, out_axis={out_axis!r} and transposed={transposed!r}; leave transposed out"
        )
    lengths = lengths_argument(getattr(shape, "global_shape", getattr(shape, "shape", shape)), "shape")
    weight_fans(lengths)  # fewer than two axes: torch's refusal
    if transposed:
        in_axis, out_axis = 0, 1
    number = integer_argument(groups, "groups", least=1)
    out, inputs, *rest = torch_shape(lengths, in_axis, out_axis)
    channels = inputs if transposed else out
    if channels % number:
        side = "input" if transposed else "output"
        raise ValueError(
            f"expected groups that divide the {channels} {side} channels of {lengths}, got {number}"
        )
    per_group = (out, inputs // number) if transposed else (out // number, inputs)
    return weight_fans((*per_group, *rest))


def correct_fan(shape: tuple[int, ...], mode: str) -> int:
    """The fan that ``mode`` names."""
    mode = mode.lower()
    if mode not in MODES:
        raise ValueError(f"Mode {mode} not supported, please use one of {list(MODES)}")
    fan_in, fan_out = weight_fans(shape)
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
    return weight_fans(tuple(tensor.shape))


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
        raise ValueError(
            f"Unsupported nonlinearity {nonlinearity}: expected one of {', '.join(NONLINEARITIES)}; for another one "
            "(gelu, silu, elu) take the nearest, most often 'relu', or the gain that its paper states"
        )
    return gain


def _negative_slope(param: Any) -> Any:
    if param is None:
        return 0.01
    # a bool is an int to Python, and no slope
    if isinstance(param, (int, float)) and param is not True and param is not False:
        return param
    raise ValueError(f"negative_slope {param} not a valid number")
