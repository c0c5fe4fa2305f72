"""Xavier (Glorot) and Kaiming (He): the scale follows from the shape (``laws/variance_scaling.py``)."""

from __future__ import annotations

from .. import _torch
from .._warn import warn_caller
from ..arrays.opening import Tensor, shape_and_target
from ..fill.fill import fill, warn_lost
from ..fill.sources import take_empty_fill
from ..generators.generator_like import GeneratorLike
from ..laws import variance_scaling as scales
from ..laws.axes import Axes, torch_shape
from .registry import FLOATING, initializer


@initializer(scales.xavier_uniform_law, dtypes=FLOATING, least_ndim=2)
def xavier_uniform_(
    tensor: Tensor,
    gain: float = 1.0,
    generator: GeneratorLike = None,
    *,
    in_axis: Axes = None,
    out_axis: Axes = None,
) -> Tensor:
    r""":math:`w \sim U[-b, b)` with :math:`b = gain \sqrt{6 / (fan_{in} + fan_{out})}`, independently.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; at least two axes, floating or complex.
    gain
        Factor of the standard deviation (dimensionless), usually ``calculate_gain``'s.
    in_axis, out_axis
        Beyond torch: the axes of the inputs and of the outputs, one or several each, negative ones from the end; all
        others are the kernel's. Both or neither (torch's: 1 and 0). See ``fans``.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, fan_in + fan_out = 0, or an axis is out of range or named twice.
    TypeError
        If one of in_axis and out_axis is missing.
    RuntimeError
        If gain is negative, nan or so large that a bound is out of the dtype's range.

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 16; ``torch.nn.init.xavier_uniform_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.xavier_uniform_(init.empty(3, 5), gain=init.calculate_gain("relu"))
    """
    shape, target = shape_and_target(tensor)
    if in_axis is not None or out_axis is not None:
        shape = torch_shape(shape, in_axis, out_axis)
    return fill(tensor, scales.xavier_uniform(shape, gain), generator, "uniform_", target)


@initializer(scales.xavier_normal_law, dtypes=FLOATING, least_ndim=2)
def xavier_normal_(
    tensor: Tensor,
    gain: float = 1.0,
    generator: GeneratorLike = None,
    *,
    in_axis: Axes = None,
    out_axis: Axes = None,
) -> Tensor:
    r""":math:`w \sim N(0, std^2)` with :math:`std = gain \sqrt{2 / (fan_{in} + fan_{out})}`, independently.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; at least two axes, floating or complex.
    gain
        Factor of the standard deviation (dimensionless), usually ``calculate_gain``'s.
    in_axis, out_axis
        Beyond torch: the axes of the inputs and of the outputs, one or several each, negative ones from the end; all
        others are the kernel's. Both or neither (torch's: 1 and 0). See ``fans``.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, fan_in + fan_out = 0, or an axis is out of range or named twice.
    TypeError
        If one of in_axis and out_axis is missing.
    RuntimeError
        If gain is negative or nan. (An infinite one gives infinities, as in torch.)

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 12; ``torch.nn.init.xavier_normal_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.xavier_normal_(init.empty(3, 5), gain=init.calculate_gain("relu"))
    """
    shape, target = shape_and_target(tensor)
    if in_axis is not None or out_axis is not None:
        shape = torch_shape(shape, in_axis, out_axis)
    return fill(tensor, scales.xavier_normal(shape, gain), generator, "normal_", target)


@initializer(scales.kaiming_uniform_law, dtypes=FLOATING, least_ndim=2)
def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: GeneratorLike = None,
    *,
    in_axis: Axes = None,
    out_axis: Axes = None,
) -> Tensor:
    r""":math:`w \sim U[-b, b)` with :math:`b = gain \sqrt{3 / fan}`, independently.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; at least two axes, floating or complex.
    a
        Negative slope of the leaky_relu behind this layer (dimensionless); ignored for other nonlinearities.
    mode
        ``"fan_in"`` keeps the variance of the forward pass, ``"fan_out"`` that of the backward pass.
    nonlinearity
        A name that ``calculate_gain`` knows.
    in_axis, out_axis
        Beyond torch: the axes of the inputs and of the outputs, one or several each, negative ones from the end; all
        others are the kernel's. Both or neither (torch's: 1 and 0). See ``fans``.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, mode or nonlinearity is unknown, leaky_relu's slope is no number, or an
        axis is out of range or named twice.
    TypeError
        If one of in_axis and out_axis is missing.
    RuntimeError
        If leaky_relu's slope is nan.
    OverflowError
        If leaky_relu's slope is beyond about 1e154.

    Warns
    -----
    UserWarning
        If the tensor has no elements; then nothing else is checked, as in torch.

    References
    ----------
    He et al. (2015), arXiv:1502.01852, eq. 10 and 14; ``torch.nn.init.kaiming_uniform_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.kaiming_uniform_(init.empty(3, 5), mode="fan_out", nonlinearity="relu")
    """
    shape, target = shape_and_target(tensor)
    if 0 in shape:
        return _empty(tensor, generator)
    if in_axis is not None or out_axis is not None:
        shape = torch_shape(shape, in_axis, out_axis)
    return fill(tensor, scales.kaiming_uniform(shape, a, mode, nonlinearity), generator, "uniform_", target)


@initializer(scales.kaiming_normal_law, dtypes=FLOATING, least_ndim=2)
def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: GeneratorLike = None,
    *,
    in_axis: Axes = None,
    out_axis: Axes = None,
) -> Tensor:
    r""":math:`w \sim N(0, std^2)` with :math:`std = gain / \sqrt{fan}`, independently.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; at least two axes, floating or complex.
    a
        Negative slope of the leaky_relu behind this layer (dimensionless); ignored for other nonlinearities.
    mode
        ``"fan_in"`` keeps the variance of the forward pass, ``"fan_out"`` that of the backward pass.
    nonlinearity
        A name that ``calculate_gain`` knows.
    in_axis, out_axis
        Beyond torch: the axes of the inputs and of the outputs, one or several each, negative ones from the end; all
        others are the kernel's. Both or neither (torch's: 1 and 0). See ``fans``.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, mode or nonlinearity is unknown, leaky_relu's slope is no number, or an
        axis is out of range or named twice.
    TypeError
        If one of in_axis and out_axis is missing.
    RuntimeError
        If leaky_relu's slope is nan.
    OverflowError
        If leaky_relu's slope is beyond about 1e154.

    Warns
    -----
    UserWarning
        If the tensor has no elements; then nothing else is checked, as in torch.

    References
    ----------
    He et al. (2015), arXiv:1502.01852, eq. 10 and 14; ``torch.nn.init.kaiming_normal_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.kaiming_normal_(init.empty(3, 5), mode="fan_out", nonlinearity="relu")
    """
    shape, target = shape_and_target(tensor)
    if 0 in shape:
        return _empty(tensor, generator)
    if in_axis is not None or out_axis is not None:
        shape = torch_shape(shape, in_axis, out_axis)
    return fill(tensor, scales.kaiming_normal(shape, a, mode, nonlinearity), generator, "normal_", target)


def _empty(tensor: Tensor, generator: GeneratorLike) -> Tensor:
    warn_caller("Initializing zero-element tensors is a no-op")
    if _torch.is_tensor(tensor):
        warn_lost(_torch.why_lost(tensor))
    take_empty_fill(generator)
    return tensor
