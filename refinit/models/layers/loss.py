"""Losses with parameters, the losses that hold the weights they are given, and PReLU."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .base import init
from .base.containers import ModuleList, Sequential
from .base.creation import empty
from .base.module import Module
from .linear import Linear


class AdaptiveLogSoftmaxWithLoss(Module):
    r""":math:`w \sim U[-1/\sqrt{in}, 1/\sqrt{in})`: Linear layers, the head first, then two for each cluster.

    head (cutoffs[0] + clusters, in_features), tail.i.0 (in_features // div_value^(i + 1), in_features), tail.i.1.

    Parameters
    ----------
    in_features, n_classes, cutoffs, div_value, head_bias, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If cutoffs are not unique, increasing and between 1 and n_classes - 1.

    References
    ----------
    ``torch.nn.AdaptiveLogSoftmaxWithLoss``; Grave et al. (2017), arXiv:1609.04309

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.AdaptiveLogSoftmaxWithLoss(16, 100, [10]).init(seed=0))
    ['head.weight', 'tail.0.0.weight', 'tail.0.1.weight']
    """

    __module__ = "refinit.layers"

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        ends = [*_checked(cutoffs, n_classes), n_classes]
        memory = {"device": device, "dtype": dtype}
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, ends
        self.div_value, self.head_bias, self.n_clusters = div_value, head_bias, len(ends) - 1
        self.head = Linear(in_features, ends[0] + self.n_clusters, head_bias, **memory)
        self.tail = ModuleList()
        for number in range(self.n_clusters):
            hidden = int(in_features // (div_value ** (number + 1)))
            inner = Linear(in_features, hidden, False, **memory)
            self.tail.append(
                Sequential(inner, Linear(hidden, ends[number + 1] - ends[number], False, **memory))
            )

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.reset_parameters()


def _checked(cutoffs: Sequence[int], n_classes: int) -> list[int]:
    ends = [*cutoffs]
    if not ends:
        raise ValueError("cutoffs should be a sequence of length larger than 0")
    are_right = ends == sorted(set(ends)) and min(ends) > 0 and max(ends) <= n_classes - 1
    if not are_right or any(int(end) != end for end in ends):
        raise ValueError(
            "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value "
            "is between 1 and n_classes-1"
        )
    return ends


class LinearCrossEntropyLoss(Module):
    r""":math:`w, b \sim U[-1/\sqrt{in}, 1/\sqrt{in})`: a Linear with num_classes times out_features rows.

    linear.weight (num_classes * out_features, in_features), linear.bias; and the weights of the classes, if any.

    Parameters
    ----------
    in_features, num_classes, out_features, bias, device, dtype, reduction, ignore_index, label_smoothing, options
        As in torch; device is None or "cpu".
    weight
        An array of the classes' weights, or None.

    Raises
    ------
    RuntimeError
        If weight has another shape than (num_classes,), or label_smoothing is outside of [0, 1].

    References
    ----------
    ``torch.nn.LinearCrossEntropyLoss``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.LinearCrossEntropyLoss(16, 10).init(seed=0)["linear.weight"].shape
    (10, 16)
    """

    __module__ = "refinit.layers"

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: Any = None,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: Any = None,
    ) -> None:
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise RuntimeError(f"expected weight shape to be {(num_classes,)}, got {tuple(weight.shape)}")
        if label_smoothing < 0 or label_smoothing > 1.0:
            raise RuntimeError(f"expected label_smoothing to be in range [0, 1], got {label_smoothing}")
        super().__init__()
        self.register_buffer("weight", weight)
        self.num_classes, self.out_features, self.reduction = num_classes, out_features, reduction
        self.ignore_index, self.label_smoothing, self.options = ignore_index, label_smoothing, options
        rows = math.prod(out_features, start=num_classes)
        self.linear = Linear(in_features, rows, bias, device=device, dtype=dtype)


class PReLU(Module):
    """w = init: weight (num_parameters).

    Parameters
    ----------
    num_parameters, init, device, dtype
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.PReLU``; He et al. (2015), arXiv:1502.01852, section 2.1

    Examples
    --------
    >>> from refinit import layers
    >>> layers.PReLU(3).init()["weight"].tolist()
    [0.25, 0.25, 0.25]
    """

    __module__ = "refinit.layers"

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,  # torch's name
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_parameters, self.slope = num_parameters, init
        self.weight = empty(num_parameters, dtype=dtype, device=device)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        init.constant_(self.weight, self.slope)
