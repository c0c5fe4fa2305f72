"""Convolutions in one to three dimensions."""

from __future__ import annotations

from typing import Any

from .shared import ConvNd


class _Conv(ConvNd):
    __module__ = "refinit.layers"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.dilation = in_channels, out_channels, dilation
        self._prepare(kernel_size, stride, padding, groups, padding_mode, bias, device=device, dtype=dtype)


class Conv1d(_Conv):
    r""":math:`w, b \sim U[-1/\sqrt{fan_{in}}, 1/\sqrt{fan_{in}})` with :math:`fan_{in} = in \cdot k / groups`.

    weight (out_channels, in_channels / groups, kernel) by ``kaiming_uniform_(a=sqrt(5))``;
    bias (out_channels) by ``uniform_``.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If groups does not divide the channels, or a padding or its mode is unknown.

    References
    ----------
    ``torch.nn.Conv1d``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Conv1d(4, 8, 3).init(seed=0)["weight"].shape
    (8, 4, 3)
    """

    _dimensions = 1


class Conv2d(_Conv):
    r""":math:`w, b \sim U[-1/\sqrt{fan_{in}}, 1/\sqrt{fan_{in}})` with :math:`fan_{in} = in \cdot k / groups`.

    weight (out_channels, in_channels / groups, height, width) by ``kaiming_uniform_(a=sqrt(5))``;
    bias (out_channels) by ``uniform_``.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If groups does not divide the channels, or a padding or its mode is unknown.

    References
    ----------
    ``torch.nn.Conv2d``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Conv2d(3, 64, 7, stride=2, padding=3, bias=False).init(seed=0)["weight"].shape
    (64, 3, 7, 7)
    """

    _dimensions = 2


class Conv3d(_Conv):
    r""":math:`w, b \sim U[-1/\sqrt{fan_{in}}, 1/\sqrt{fan_{in}})` with :math:`fan_{in} = in \cdot k / groups`.

    weight (out_channels, in_channels / groups, depth, height, width) by ``kaiming_uniform_(a=sqrt(5))``;
    bias (out_channels) by ``uniform_``.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If groups does not divide the channels, or a padding or its mode is unknown.

    References
    ----------
    ``torch.nn.Conv3d``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Conv3d(3, 8, (1, 3, 3)).init(seed=0)["weight"].shape
    (8, 3, 1, 3, 3)
    """

    _dimensions = 3
