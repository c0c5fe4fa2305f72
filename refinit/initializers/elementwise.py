"""Laws that know nothing of the shape: uniform, normal and truncated normal."""

from __future__ import annotations

from typing import Any

from .._warn import warn_caller
from ..arrays.opening import Tensor
from ..fill.fill import fill
from ..generators.generator_like import GeneratorLike, is_positional
from ..laws.arguments import real_argument
from ..laws.law import Normal, Shape, TruncNormal, Uniform, normal, uniform
from .registry import FLOATING, REAL, initializer


def _uniform(a: Any, b: Any) -> Uniform:
    if type(a) is not float or type(b) is not float:
        a = real_argument(a, "uniform_", "from", 1, ("a", a))
        b = real_argument(b, "uniform_", "to", 2, ("b", b))
    return uniform(a, b)


def _normal(mean: Any, std: Any) -> Normal:
    if type(mean) is not float or type(std) is not float:
        mean, std = real_argument(mean, "normal_", "mean", 1), real_argument(std, "normal_", "std", 2)
    return normal(mean, std)


def uniform_law(_shape: Shape, a: float = 0.0, b: float = 1.0) -> Uniform:
    """U[a, b)"""
    return _uniform(a, b)


@initializer(uniform_law, dtypes=FLOATING)
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: GeneratorLike = None) -> Tensor:
    r""":math:`w \sim U[a, b)`, independently.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; any shape, floating or complex (whose parts are independent).
    a, b
        Bounds in the units of the weights, finite in the dtype, a <= b. ``b`` itself never occurs unless it rounds to
        the same number as ``a``.

    Raises
    ------
    RuntimeError
        If a bound is nan or out of the dtype's range, as b - a must not be, or the bounds are out of order.

    References
    ----------
    ``torch.nn.init.uniform_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.uniform_(init.empty(3, 5), a=-0.1, b=0.1)
    """
    return fill(tensor, _uniform(a, b), generator, "uniform_")


def normal_law(_shape: Shape, mean: float = 0.0, std: float = 1.0) -> Normal:
    """N(mean, std^2)"""
    return _normal(mean, std)


@initializer(normal_law, dtypes=FLOATING)
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: GeneratorLike = None) -> Tensor:
    r""":math:`w \sim N(mean, std^2)`, independently.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; any shape, floating or complex (each part with variance std^2 / 2).
    mean, std
        In the units of the weights; std >= 0. Infinite ones give infinities, as in torch.

    Raises
    ------
    ValueError
        If mean is nan.
    RuntimeError
        If std is negative or nan.

    Notes
    -----
    Values lie within 5.77 std of the mean on torch's stream (8.6 in float64, and in arrays of fewer than 16 or of
    scattered elements), with a CounterGenerator within 6.7 (float64: 8.6).

    References
    ----------
    Box & Muller (1958), Annals of Mathematical Statistics 29(2); ``torch.nn.init.normal_``

    Examples
    --------
    >>> import refinit as init
    >>> w = init.normal_(init.empty(3, 5), mean=0.0, std=0.01)
    """
    return fill(tensor, _normal(mean, std), generator, "normal_")


def trunc_normal_law(
    _shape: Shape, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> TruncNormal:
    """N(mean, std^2) given that it lies in [a, b]"""
    arguments = {"mean": mean, "std": std, "a": a, "b": b}
    return TruncNormal(
        *(real_argument(v, "trunc_normal_", name, i) for i, (name, v) in enumerate(arguments.items(), 1))
    )


@initializer(trunc_normal_law, dtypes=REAL, elsewhere={"torch_cuda": ()})
def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: GeneratorLike = None,
) -> Tensor:
    r""":math:`w \sim N(mean, std^2)` given :math:`a \le w \le b`, independently.

    Parameters
    ----------
    tensor, generator
        See ``help(refinit)``; any shape, real floating.
    mean, std
        Of the normal law before truncation, in the units of the weights; std > 0.
    a, b
        Absolute bounds in the units of the weights (not in sigmas); a <= b. One or both may be infinite where
        P(a <= N(mean, std^2) <= b) > 0.3, with a CounterGenerator everywhere.

    Raises
    ------
    ValueError
        If std is not positive and finite, or the mean not finite (torch samples another law, or never returns), or a
        bound is nan; with a CounterGenerator, if the dtype has no value between the bounds.
    RuntimeError
        If the bounds are out of order or, on torch's stream where P <= 0.3, out of the dtype's range.
    OverflowError
        If [a, b] is more than about 1e154 std from the mean; not with a CounterGenerator.

    Warns
    -----
    UserWarning
        If the mean is more than two std outside [a, b], as torch does; not with a CounterGenerator.
    RefinitWarning
        If a CUDA generator draws: the law is right, the bits are not torch's.

    Notes
    -----
    With a CounterGenerator each element is the quantile function at its own number, in every regime and at one cost:
    the law's CDF there is right to 8 2^-24 (float64: 5e-15), or to one step of the dtype where that is more.

    References
    ----------
    ``torch.nn.init.trunc_normal_`` since 2.12: redraws where P > 0.3, else uniform candidates accepted by the density
    (Robert 1995, arXiv:0907.4010, section 2.2)

    Examples
    --------
    >>> import refinit as init
    >>> w = init.trunc_normal_(init.empty(3, 5), std=0.02, a=-0.04, b=0.04)
    """
    law = trunc_normal_law((), mean, std, a, b)
    if law.is_far and not is_positional(generator):  # that stream is right in every tail
        warn_caller(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect."
        )
    return fill(tensor, law, generator, "normal_")
