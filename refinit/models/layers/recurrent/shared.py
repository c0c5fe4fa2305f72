"""What recurrent layers share: torch's refusals, parameters by layer and direction, one law."""

from __future__ import annotations

import functools
import math
import numbers
from collections.abc import Callable
from typing import Any, ParamSpec

from ...._warn import warn_caller
from ....laws.arguments import type_name
from ..base import init
from ..base.creation import empty
from ..base.module import Module

#: Matrices that stand on top of each other in a weight.
_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}

_Arguments = ParamSpec("_Arguments")


def without_projections(init: Callable[_Arguments, None]) -> Callable[_Arguments, None]:
    """An ``__init__`` that refuses LSTM's proj_size as torch does, though its signature has none."""

    @functools.wraps(init)
    def checked(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        init(*args, **kwargs)

    return checked


class Recurrent(Module):
    """What all of them have: every parameter is U(-1/sqrt(hidden_size), 1/sqrt(hidden_size))."""

    __module__ = "refinit.layers"
    hidden_size: int

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)


class RNNBase(Recurrent):
    r""":math:`w, b \sim U[-1/\sqrt{hidden}, 1/\sqrt{hidden})`: all parameters in the order of the state.

    Of each layer and direction weight_ih (gates * hidden, inputs), weight_hh (gates * hidden, outputs), bias_ih and
    bias_hh (gates * hidden), weight_hr (proj_size, hidden).

    Parameters
    ----------
    mode
        "RNN_TANH", "RNN_RELU", "LSTM" or "GRU".
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError, TypeError
        As in torch.

    Warns
    -----
    UserWarning
        If dropout is above 0 with one layer.

    References
    ----------
    ``torch.nn.RNNBase``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.RNNBase("GRU", 3, 5, bias=False).init(seed=0))
    ['weight_ih_l0', 'weight_hh_l0']
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.mode, self.input_size, self.hidden_size, self.num_layers = (
            mode,
            input_size,
            hidden_size,
            num_layers,
        )
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        self._check(dropout)
        for number in range(num_layers):
            for suffix in ("", "_reverse") if bidirectional else ("",):
                for name, shape in self._shapes(number).items():
                    setattr(self, f"{name}_l{number}{suffix}", empty(*shape, dtype=dtype, device=device))
        self.reset_parameters()

    def _shapes(self, number: int) -> dict[str, tuple[int, ...]]:
        gates, outputs = _GATES[self.mode] * self.hidden_size, self.proj_size or self.hidden_size
        inputs = self.input_size if number == 0 else outputs * (2 if self.bidirectional else 1)
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (gates, inputs), "weight_hh": (gates, outputs)}
        if self.bias:
            shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
        if self.proj_size:
            shapes |= {"weight_hr": (self.proj_size, self.hidden_size)}
        return shapes

    def _check(self, dropout: Any) -> None:
        """torch's refusals, in torch's order."""
        if not isinstance(dropout, numbers.Number) or isinstance(dropout, bool) or not 0 <= self.dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            )
        if self.dropout > 0 and self.num_layers == 1:
            warn_caller(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={self.num_layers}"
            )
        for name, kind in (("bias", bool), ("batch_first", bool), ("input_size", int), ("hidden_size", int)):
            if not isinstance(getattr(self, name), kind):
                kind_name = type_name(getattr(self, name)).rpartition(".")[2]
                raise TypeError(f"{name} should be of type {kind.__name__}, got: {kind_name}")
            if kind is int and getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than zero")
        if self.num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if self.proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if self.proj_size >= self.hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if self.mode not in _GATES:
            raise ValueError("Unrecognized RNN mode: " + self.mode)
