"""torch's five functions under its initializers, which code in public calls: here the initializers themselves."""

from __future__ import annotations

from ..arrays.opening import Tensor
from ..generators.generator_like import GeneratorLike
from .constants import constant_, zeros_
from .elementwise import normal_, trunc_normal_, uniform_


def _no_grad_uniform_(tensor: Tensor, a: float, b: float, generator: GeneratorLike = None) -> Tensor:
    """``uniform_`` of torch.nn.init's inner name."""
    return uniform_(tensor, a, b, generator)


def _no_grad_normal_(tensor: Tensor, mean: float, std: float, generator: GeneratorLike = None) -> Tensor:
    """``normal_`` of torch.nn.init's inner name."""
    return normal_(tensor, mean, std, generator)


def _no_grad_trunc_normal_(
    tensor: Tensor, mean: float, std: float, a: float, b: float, generator: GeneratorLike = None
) -> Tensor:
    """``trunc_normal_`` of torch.nn.init's inner name."""
    return trunc_normal_(tensor, mean, std, a, b, generator)


def _no_grad_fill_(tensor: Tensor, val: float) -> Tensor:
    """``constant_`` of torch.nn.init's inner name."""
    return constant_(tensor, val)


def _no_grad_zero_(tensor: Tensor) -> Tensor:
    """``zeros_`` of torch.nn.init's inner name."""
    return zeros_(tensor)
