"""Norms: scales of one, shifts of zero, and running statistics."""

from __future__ import annotations

import numbers
from typing import Any

from ..base import init
from ..base.creation import empty
from ..base.module import Module


class Scaled(Module):
    """A weight of ones and a bias of zeros."""

    __module__ = "refinit.layers"

    def _add_scale(self, shape: tuple[int, ...], affine: bool, bias: bool, memory: dict[str, Any]) -> None:
        self.register_parameter("weight", empty(shape, **memory) if affine else None)
        self.register_parameter("bias", empty(shape, **memory) if affine and bias else None)

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        if self.weight is not None:
            init.ones_(self.weight)
        if getattr(self, "bias", None) is not None:
            init.zeros_(self.bias)


def _normalized(shape: Any) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, numbers.Integral) else tuple(shape)


class LayerNorm(Scaled):
    """w = 1, b = 0: weight and bias (normalized_shape).

    Parameters
    ----------
    normalized_shape, eps, elementwise_affine, bias, device, dtype
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.LayerNorm``

    Examples
    --------
    >>> from refinit import layers
    >>> {name: array.tolist() for name, array in layers.LayerNorm(2).init().items()}
    {'weight': [1.0, 1.0], 'bias': [0.0, 0.0]}
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape, self.eps = _normalized(normalized_shape), eps
        self.elementwise_affine = elementwise_affine
        memory = {"device": device, "dtype": dtype}
        self._add_scale(self.normalized_shape, elementwise_affine, bias, memory)
        self.reset_parameters()


class RMSNorm(Scaled):
    """w = 1: weight (normalized_shape).

    Parameters
    ----------
    normalized_shape, eps, elementwise_affine, device, dtype
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.RMSNorm``

    Examples
    --------
    >>> from refinit import layers
    >>> {name: array.tolist() for name, array in layers.RMSNorm(2).init().items()}
    {'weight': [1.0, 1.0]}
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape, self.eps = _normalized(normalized_shape), eps
        self.elementwise_affine = elementwise_affine
        weight = empty(self.normalized_shape, dtype=dtype, device=device) if elementwise_affine else None
        self.register_parameter("weight", weight)
        self.reset_parameters()


class GroupNorm(Scaled):
    """w = 1, b = 0: weight and bias (num_channels).

    Parameters
    ----------
    num_groups, num_channels, eps, affine, device, dtype, bias
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If num_groups does not divide num_channels.

    References
    ----------
    ``torch.nn.GroupNorm``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.GroupNorm(2, 8).init())
    ['weight', 'bias']
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups != 0:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._add_scale((num_channels,), affine, bias, {"device": device, "dtype": dtype})
        self.reset_parameters()
