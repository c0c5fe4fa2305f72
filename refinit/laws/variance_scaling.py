"""Laws whose scale follows from the shape: Xavier (Glorot) and Kaiming (He).

The expressions keep torch's own order of operations, on whatever number type came: another order changes the last
bit of a bound, and so half of the values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from .arguments import Written, expectation, real_argument
from .axes import Axes, torch_shape
from .fans import calculate_gain, correct_fan, weight_fans
from .law import Normal, Shape, Uniform, normal, uniform

_L = TypeVar("_L")


def _xavier_std(shape: Shape, gain: Any) -> Any:
    fan_in, fan_out = weight_fans(shape)
    if fan_in + fan_out == 0:
        raise ValueError(f"expected a shape with fan_in + fan_out > 0, got shape {shape}")
    try:
        return gain * math.sqrt(2.0 / float(fan_in + fan_out))
    except TypeError as error:  # Python's words, as in torch, and what they are about
        raise TypeError(f"{error}: {expectation(('gain', gain))}") from None


def _kaiming_std(shape: Shape, a: Any, mode: str, nonlinearity: str) -> Any:
    fan = correct_fan(shape, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _uniform_with(std: Any, written: Written) -> Uniform:
    """The uniform law around 0 that has this standard deviation."""
    bound = math.sqrt(3.0) * std
    if type(bound) is not float:
        lo = real_argument(-bound, "uniform_", "from", 1, written)
        return uniform(lo, real_argument(bound, "uniform_", "to", 2, written))
    return uniform(-bound, bound)


def _normal_with(std: Any, written: Written) -> Normal:
    """The normal law around 0 that has this standard deviation."""
    return normal(0.0, real_argument(std, "normal_", "std", 2, written))


def xavier_uniform_law(
    shape: Shape, gain: float = 1.0, *, in_axis: Axes = None, out_axis: Axes = None
) -> Uniform:
    """U[-b, b), b = sqrt(3) std, std = gain sqrt(2 / (fan_in + fan_out))"""
    return _uniform_with(_xavier_std(torch_shape(shape, in_axis, out_axis), gain), ("gain", gain))


def xavier_normal_law(
    shape: Shape, gain: float = 1.0, *, in_axis: Axes = None, out_axis: Axes = None
) -> Normal:
    """N(0, std^2), std = gain sqrt(2 / (fan_in + fan_out))"""
    return _normal_with(_xavier_std(torch_shape(shape, in_axis, out_axis), gain), ("gain", gain))


def kaiming_uniform_law(
    shape: Shape,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    in_axis: Axes = None,
    out_axis: Axes = None,
) -> Uniform:
    """U[-b, b), b = sqrt(3) std, std = gain(nonlinearity, a) / sqrt(fan)"""
    return _uniform_with(_kaiming_std(torch_shape(shape, in_axis, out_axis), a, mode, nonlinearity), ("a", a))


def kaiming_normal_law(
    shape: Shape,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    in_axis: Axes = None,
    out_axis: Axes = None,
) -> Normal:
    """N(0, std^2), std = gain(nonlinearity, a) / sqrt(fan)"""
    return _normal_with(_kaiming_std(torch_shape(shape, in_axis, out_axis), a, mode, nonlinearity), ("a", a))


def _memoised(law: Callable[..., _L]) -> Callable[..., _L]:
    """``law``, keeping its latest results: a model repeats few shapes, and a small fill is all overhead.

    Only for plain numbers: others can change between two calls or round in their own type, and 0.0 equals -0.0.
    """
    cached = lru_cache(maxsize=1024)(law)

    def memoised(shape: Shape, scale: Any, *names: Any) -> _L:
        if type(scale) is int or (type(scale) is float and scale != 0.0):
            try:
                return cached(shape, scale, *names)
            except TypeError:  # a name that cannot be hashed: the law itself says what is wrong with it
                return law(shape, scale, *names)
        return law(shape, scale, *names)

    return memoised


xavier_uniform = _memoised(xavier_uniform_law)
xavier_normal = _memoised(xavier_normal_law)
kaiming_uniform = _memoised(kaiming_uniform_law)
kaiming_normal = _memoised(kaiming_normal_law)
