"""RNN, GRU and LSTM."""

from __future__ import annotations

from typing import Any

from .shared import RNNBase, without_projections


class RNN(RNNBase):
    r""":math:`w, b \sim U[-1/\sqrt{hidden}, 1/\sqrt{hidden})`: all parameters in the order of the state.

    Of each layer and direction weight_ih (hidden, inputs), weight_hh (hidden, hidden), bias_ih and bias_hh (hidden).

    Parameters
    ----------
    input_size, hidden_size, num_layers, nonlinearity, bias, batch_first, dropout, bidirectional, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError, TypeError
        As in torch.

    References
    ----------
    ``torch.nn.RNN``

    Examples
    --------
    >>> from refinit import layers
    >>> list(layers.RNN(3, 5, bias=False).init(seed=0))
    ['weight_ih_l0', 'weight_hh_l0']
    """

    @without_projections
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        mode = f"RNN_{nonlinearity.upper()}"
        rest: Any = (num_layers, bias, batch_first, dropout, bidirectional, 0, device, dtype)
        super().__init__(mode, input_size, hidden_size, *rest)
        self.nonlinearity = nonlinearity


class GRU(RNNBase):
    r""":math:`w, b \sim U[-1/\sqrt{hidden}, 1/\sqrt{hidden})`: all parameters in the order of the state.

    Of each layer and direction weight_ih (3 hidden, inputs), weight_hh (3 hidden, hidden), bias_ih and bias_hh
    (3 hidden); the gates are reset, update, new.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError, TypeError
        As in torch.

    References
    ----------
    ``torch.nn.GRU``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.GRU(3, 5).init(seed=0)["weight_ih_l0"].shape
    (15, 3)
    """

    @without_projections
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        rest: Any = (num_layers, bias, batch_first, dropout, bidirectional, 0, device, dtype)
        super().__init__("GRU", input_size, hidden_size, *rest)


class LSTM(RNNBase):
    r""":math:`w, b \sim U[-1/\sqrt{hidden}, 1/\sqrt{hidden})`: all parameters in the order of the state.

    Of each layer and direction weight_ih (4 hidden, inputs), weight_hh (4 hidden, outputs), bias_ih and bias_hh
    (4 hidden), weight_hr (proj_size, hidden); the gates are input, forget, cell, output.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError, TypeError
        As in torch.

    References
    ----------
    ``torch.nn.LSTM``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.LSTM(3, 5, proj_size=2).init(seed=0)["weight_hr_l0"].shape
    (2, 5)
    """

    def __init__(
        self,
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
        rest: Any = (num_layers, bias, batch_first, dropout, bidirectional, proj_size, device, dtype)
        super().__init__("LSTM", input_size, hidden_size, *rest)
