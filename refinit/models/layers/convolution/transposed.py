"""Transposed convolutions in one to three dimensions."""

from __future__ import annotations

from typing import Any

from .shared import ConvNd


class _ConvTransposeNd(ConvNd):
    __module__ = "refinit.layers"
    _transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.dilation = in_channels, out_channels, dilation
        self.output_padding = output_padding
        self._prepare(kernel_size, stride, padding, groups, padding_mode, bias, device=device, dtype=dtype)


class ConvTranspose1d(_ConvTransposeNd):
    r""":math:`w, b \sim U[-1/\sqrt{n}, 1/\sqrt{n})` with :math:`n = out \cdot k / groups`, torch's fan_in.

    weight (in_channels, out_channels / groups, kernel) by ``kaiming_uniform_(a=sqrt(5))``;
    bias (out_channels) by ``uniform_``. The true fan_in counts in_channels: see ``refinit.fans(transposed=True)``.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias
        As in torch.
    dilation, padding_mode, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If groups does not divide the channels, or padding_mode is not "zeros".

    References
    ----------
    ``torch.nn.ConvTranspose1d``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.ConvTranspose1d(4, 8, 3).init(seed=0)["weight"].shape
    (4, 8, 3)
    """

    _dimensions = 1


class ConvTranspose2d(_ConvTransposeNd):
    r""":math:`w, b \sim U[-1/\sqrt{n}, 1/\sqrt{n})` with :math:`n = out \cdot k / groups`, torch's fan_in.

    weight (in_channels, out_channels / groups, height, width) by ``kaiming_uniform_(a=sqrt(5))``;
    bias (out_channels) by ``uniform_``. The true fan_in counts in_channels: see ``refinit.fans(transposed=True)``.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias
        As in torch.
    dilation, padding_mode, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If groups does not divide the channels, or padding_mode is not "zeros".

    References
    ----------
    ``torch.nn.ConvTranspose2d``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.ConvTranspose2d(4, 8, 3, 3).init(seed=0)["weight"].shape
    (4, 8, 3, 3)
    """

    _dimensions = 2


class ConvTranspose3d(_ConvTransposeNd):
    r""":math:`w, b \sim U[-1/\sqrt{n}, 1/\sqrt{n})` with :math:`n = out \cdot k / groups`, torch's fan_in.

    weight (in_channels, out_channels / groups, depth, height, width) by ``kaiming_uniform_(a=sqrt(5))``;
    bias (out_channels) by ``uniform_``. The true fan_in counts in_channels: see ``refinit.fans(transposed=True)``.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias
        As in torch.
    dilation, padding_mode, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If groups does not divide the channels, or padding_mode is not "zeros".

    References
    ----------
    ``torch.nn.ConvTranspose3d``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.ConvTranspose3d(4, 8, 3, 3, 3).init(seed=0)["weight"].shape
    (4, 8, 3, 3, 3)
    """

    _dimensions = 3
