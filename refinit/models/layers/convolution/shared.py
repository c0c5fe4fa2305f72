"""What convolutions share: torch's refusals, two parameters, their fills."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..base.creation import empty
from ..base.module import Module
from ..linear import fill_like_linear

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
_PADDINGS = ("same", "valid")


def _repeated(value: Any, count: int) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, Iterable) else (value,) * count


class ConvNd(Module):
    """A convolution of any number of dimensions: weight (out, in / groups, *kernel), bias (out)."""

    __module__ = "refinit.layers"
    _dimensions = 0
    _transposed = False

    def _prepare(
        self,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        groups: int,
        padding_mode: str,
        bias: bool,
        **memory: Any,
    ) -> None:
        self.kernel_size = _repeated(kernel_size, self._dimensions)
        self.stride, self.padding = _repeated(stride, self._dimensions), padding
        self.groups, self.padding_mode = groups, padding_mode
        self._check()
        ends = [self.out_channels, self.in_channels // groups]
        if self._transposed:
            ends = [self.in_channels, self.out_channels // groups]
        self.weight = empty(*ends, *self.kernel_size, **memory)
        self.register_parameter("bias", empty(self.out_channels, **memory) if bias else None)
        self.reset_parameters()

    def _check(self) -> None:
        """torch's refusals, in torch's order."""
        if self._transposed and self.padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        if self.groups <= 0:
            raise ValueError("groups must be a positive integer")
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups != 0:
                raise ValueError(f"{name} must be divisible by groups")
        if isinstance(self.padding, str):
            if self.padding not in _PADDINGS:
                raise ValueError(
                    f"Invalid padding string {self.padding!r}, should be one of {', '.join(_PADDINGS)}"
                )
            if self.padding == "same" and any(step != 1 for step in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if self.padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {', '.join(_PADDING_MODES)}, but got "
                f"padding_mode='{self.padding_mode}'"
            )

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        fill_like_linear(self.weight, self.bias)
