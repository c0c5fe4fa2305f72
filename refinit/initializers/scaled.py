"""Laws whose scale follows from the shape: Xavier (Glorot) and Kaiming (He).

The expressions keep torch's own order of operations, on whatever number type came: another order changes the last
bit of a bound, and so half of the values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from ..arrays import shape_and_target
from ..callers import warn_caller
from ..fill import fill
from ..laws import Normal, Uniform, normal, uniform
from ..registry import FLOATING, Shape, initializer
from ..scalars import real_argument
from ..scaling import calculate_gain, correct_fan, fans

_L = TypeVar("_L")


def _xavier_std(shape: Shape, gain: Any) -> Any:
    fan_in, fan_out = fans(shape)
    if fan_in + fan_out == 0:
        raise ValueError(f"expected a shape with fan_in + fan_out > 0, got shape {shape}")
    return gain * math.sqrt(2.0 / float(fan_in + fan_out))


def _uniform_with(std: Any) -> Uniform:
    """The uniform law around 0 that has this standard deviation."""
    bound = math.sqrt(3.0) * std
    if type(bound) is not float:
        return uniform(
            real_argument(-bound, "uniform_", "from", 1), real_argument(bound, "uniform_", "to", 2)
        )
    return uniform(-bound, bound)


def _kaiming_std(shape: Shape, a: Any, mode: str, nonlinearity: str) -> Any:
    fan = correct_fan(shape, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _remembered(law: Callable[..., _L]) -> Callable[..., _L]:
    """``law``, keeping its latest results: a model repeats few shapes, and a small fill is all overhead.

    Only for plain numbers: others can change between two calls or round in their own type, and 0.0 equals -0.0.
    """
    cached = lru_cache(maxsize=1024)(law)

    def recalled(shape: Shape, scale: Any, *names: Any) -> _L:
        if type(scale) is int or (type(scale) is float and scale != 0.0):
            try:
                return cached(shape, scale, *names)
            except TypeError:  # a name that cannot be hashed: the law itself says what is wrong with it
                return law(shape, scale, *names)
        return law(shape, scale, *names)

    return recalled


def xavier_uniform_law(shape: Shape, gain: float = 1.0) -> Uniform:
    """U[-b, b), b = sqrt(3) std, std = gain sqrt(2 / (fan_in + fan_out))"""
    std = _xavier_std(shape, gain)
    return _uniform_with(std)


_xavier_uniform = _remembered(xavier_uniform_law)


@initializer(xavier_uniform_law, dtypes=FLOATING, least_ndim=2)
def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    r""":math:`w \sim U[-b, b)` with :math:`b = gain \sqrt{6 / (fan_{in} + fan_{out})}`, independently.

    Parameters
    ----------
    tensor, generator
        See the package; at least two axes, floating or complex.
    gain
        Factor of the standard deviation (dimensionless), usually ``calculate_gain``'s.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or fan_in + fan_out = 0.
    RuntimeError
        If gain is negative or not finite.

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 16; ``torch.nn.init.xavier_uniform_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.xavier_uniform_(init.empty(3, 5), gain=init.calculate_gain("relu"))
    """
    shape, target = shape_and_target(tensor)
    return fill(tensor, _xavier_uniform(shape, gain), generator, "uniform_", target)


def xavier_normal_law(shape: Shape, gain: float = 1.0) -> Normal:
    """N(0, std^2), std = gain sqrt(2 / (fan_in + fan_out))"""
    std = _xavier_std(shape, gain)
    return normal(0.0, real_argument(std, "normal_", "std", 2))


_xavier_normal = _remembered(xavier_normal_law)


@initializer(xavier_normal_law, dtypes=FLOATING, least_ndim=2)
def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    r""":math:`w \sim N(0, std^2)` with :math:`std = gain \sqrt{2 / (fan_{in} + fan_{out})}`, independently.

    Parameters
    ----------
    tensor, generator
        See the package; at least two axes, floating or complex.
    gain
        Factor of the standard deviation (dimensionless), usually ``calculate_gain``'s.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or fan_in + fan_out = 0.
    RuntimeError
        If gain is negative or not finite.

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 12; ``torch.nn.init.xavier_normal_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.xavier_normal_(init.empty(3, 5), gain=init.calculate_gain("relu"))
    """
    shape, target = shape_and_target(tensor)
    return fill(tensor, _xavier_normal(shape, gain), generator, "normal_", target)


def kaiming_uniform_law(
    shape: Shape, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Uniform:
    """U[-b, b), b = sqrt(3) std, std = gain(nonlinearity, a) / sqrt(fan)"""
    std = _kaiming_std(shape, a, mode, nonlinearity)
    return _uniform_with(std)


_kaiming_uniform = _remembered(kaiming_uniform_law)


@initializer(kaiming_uniform_law, dtypes=FLOATING, least_ndim=2)
def kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    r""":math:`w \sim U[-b, b)` with :math:`b = gain \sqrt{3 / fan}`, independently.

    Parameters
    ----------
    tensor, generator
        See the package; at least two axes, floating or complex. For ``x @ w`` pass ``w.T``.
    a
        Negative slope of the leaky_relu behind this layer (dimensionless); ignored for other nonlinearities.
    mode
        ``"fan_in"`` keeps the variance of the forward pass, ``"fan_out"`` that of the backward pass.
    nonlinearity
        A name that ``calculate_gain`` knows.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or mode, nonlinearity or slope are unknown.
    RuntimeError
        If the slope is nan.

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
        warn_caller("Initializing zero-element tensors is a no-op")
        return tensor
    return fill(tensor, _kaiming_uniform(shape, a, mode, nonlinearity), generator, "uniform_", target)


def kaiming_normal_law(
    shape: Shape, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Normal:
    """N(0, std^2), std = gain(nonlinearity, a) / sqrt(fan)"""
    std = _kaiming_std(shape, a, mode, nonlinearity)
    return normal(0.0, real_argument(std, "normal_", "std", 2))


_kaiming_normal = _remembered(kaiming_normal_law)


@initializer(kaiming_normal_law, dtypes=FLOATING, least_ndim=2)
def kaiming_normal_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    r""":math:`w \sim N(0, std^2)` with :math:`std = gain / \sqrt{fan}`, independently.

    Parameters
    ----------
    tensor, generator
        See the package; at least two axes, floating or complex. For ``x @ w`` pass ``w.T``.
    a
        Negative slope of the leaky_relu behind this layer (dimensionless); ignored for other nonlinearities.
    mode
        ``"fan_in"`` keeps the variance of the forward pass, ``"fan_out"`` that of the backward pass.
    nonlinearity
        A name that ``calculate_gain`` knows.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or mode, nonlinearity or slope are unknown.
    RuntimeError
        If the slope is nan.

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
        warn_caller("Initializing zero-element tensors is a no-op")
        return tensor
    return fill(tensor, _kaiming_normal(shape, a, mode, nonlinearity), generator, "normal_", target)
