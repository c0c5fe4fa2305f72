"""Linear and bilinear maps."""

from __future__ import annotations

import math
from typing import Any

from ...laws.fans import weight_fans
from .base import init
from .base.creation import empty
from .base.module import Module
from .base.parameter import Parameter


def fill_like_linear(weight: Parameter, bias: Parameter | None) -> None:
    """The default of Linear and all convolutions: both U(-1/sqrt(fan_in), 1/sqrt(fan_in)), rounded differently."""
    init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in, _ = weight_fans(weight.shape)
        bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
        init.uniform_(bias, -bound, bound)


class Linear(Module):
    r""":math:`w, b \sim U[-1/\sqrt{in}, 1/\sqrt{in})`, weight first.

    weight (out_features, in_features) by ``kaiming_uniform_(a=sqrt(5))``, bias (out_features) by ``uniform_``.

    Parameters
    ----------
    in_features, out_features, bias, device, dtype
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.Linear``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.Linear(320, 50).init(seed=0))
    ['weight', 'bias']
    """

    __module__ = "refinit.layers"

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = empty(out_features, in_features, dtype=dtype, device=device)
        self.register_parameter("bias", empty(out_features, dtype=dtype, device=device) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        fill_like_linear(self.weight, self.bias)


class Bilinear(Module):
    r""":math:`w, b \sim U[-1/\sqrt{in_1}, 1/\sqrt{in_1})`, weight first.

    weight (out_features, in1_features, in2_features), bias (out_features).

    Parameters
    ----------
    in1_features, in2_features, out_features, bias, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If in1_features is not above 0.

    References
    ----------
    ``torch.nn.Bilinear``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Bilinear(4, 5, 6).init(seed=0)["weight"].shape
    (6, 4, 5)
    """

    __module__ = "refinit.layers"

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = empty(out_features, in1_features, in2_features, dtype=dtype, device=device)
        self.register_parameter("bias", empty(out_features, dtype=dtype, device=device) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        if self.in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got (in1_features={self.in1_features})")
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear under the name that attention's ``out_proj`` has in torch.

    Parameters
    ----------
    in_features, out_features, bias, device, dtype
        As of Linear.

    References
    ----------
    ``torch.nn.modules.linear.NonDynamicallyQuantizableLinear``

    Examples
    --------
    >>> from refinit import layers
    >>> isinstance(layers.MultiheadAttention(8, 2).out_proj, layers.Linear)
    True
    """
