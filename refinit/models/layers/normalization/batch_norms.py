"""Norms that can track running statistics: batch and instance norms."""

from __future__ import annotations

from typing import Any

from ..base import init
from ..base.creation import empty
from .norms import Scaled


class _NormBase(Scaled):
    __module__ = "refinit.layers"

    def _prepare(
        self, num_features: int, affine: bool, track_running_stats: bool, bias: bool, **memory: Any
    ) -> None:
        self.num_features, self.affine, self.track_running_stats = num_features, affine, track_running_stats
        self._add_scale((num_features,), affine, bias, memory)
        device = memory["device"]
        for name in ("running_mean", "running_var"):
            self.register_buffer(name, empty(num_features, **memory) if track_running_stats else None)
        count = empty(dtype="int64", device=device) if track_running_stats else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Notes zeros, ones and a count of 0."""
        if self.track_running_stats:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        self.reset_running_stats()
        super().reset_parameters()


class _BatchNorm(_NormBase):
    __module__ = "refinit.layers"

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self._prepare(num_features, affine, track_running_stats, bias, device=device, dtype=dtype)


class _InstanceNorm(_NormBase):
    __module__ = "refinit.layers"

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self._prepare(num_features, affine, track_running_stats, bias, device=device, dtype=dtype)


class BatchNorm1d(_BatchNorm):
    """w = 1, b = 0; running mean 0, variance 1, count 0 (int64): all of shape (num_features) but the count.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.BatchNorm1d``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.BatchNorm1d(8).init())
    ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    """


class BatchNorm2d(_BatchNorm):
    """w = 1, b = 0; running mean 0, variance 1, count 0 (int64): all of shape (num_features) but the count.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.BatchNorm2d``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.BatchNorm2d(8).init())
    ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    """


class BatchNorm3d(_BatchNorm):
    """w = 1, b = 0; running mean 0, variance 1, count 0 (int64): all of shape (num_features) but the count.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.BatchNorm3d``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.BatchNorm3d(8).init())
    ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    """


class SyncBatchNorm(_BatchNorm):
    """w = 1, b = 0; running mean 0, variance 1, count 0 (int64): all of shape (num_features) but the count.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, process_group, device, dtype, bias
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.SyncBatchNorm``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.SyncBatchNorm(8, track_running_stats=False).init())
    ['weight', 'bias']
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group


class InstanceNorm1d(_InstanceNorm):
    """w = 1, b = 0, where affine; running mean 0, variance 1, count 0 (int64), where tracked: neither by default.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.InstanceNorm1d``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.InstanceNorm1d(8, affine=True).init())
    ['weight', 'bias']
    """


class InstanceNorm2d(_InstanceNorm):
    """w = 1, b = 0, where affine; running mean 0, variance 1, count 0 (int64), where tracked: neither by default.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.InstanceNorm2d``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.InstanceNorm2d(8, affine=True).init())
    ['weight', 'bias']
    """


class InstanceNorm3d(_InstanceNorm):
    """w = 1, b = 0, where affine; running mean 0, variance 1, count 0 (int64), where tracked: neither by default.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.InstanceNorm3d``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.InstanceNorm3d(8, affine=True).init())
    ['weight', 'bias']
    """
