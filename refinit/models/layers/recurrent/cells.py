"""One step of a recurrent layer."""

from __future__ import annotations

from typing import Any

from ..base.creation import empty
from .shared import Recurrent


class RNNCellBase(Recurrent):
    r""":math:`w, b \sim U[-1/\sqrt{hidden}, 1/\sqrt{hidden})`: weight_ih, weight_hh, bias_ih, bias_hh.

    Parameters
    ----------
    input_size, hidden_size, bias, num_chunks, device, dtype
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.RNNCellBase``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.RNNCellBase(3, 5, True, num_chunks=4).init(seed=0)["weight_ih"].shape
    (20, 3)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        self.weight_ih = empty(rows, input_size, dtype=dtype, device=device)
        self.weight_hh = empty(rows, hidden_size, dtype=dtype, device=device)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, empty(rows, dtype=dtype, device=device) if bias else None)
        self.reset_parameters()


class RNNCell(RNNCellBase):
    r""":math:`w, b \sim U[-1/\sqrt{hidden}, 1/\sqrt{hidden})`: weight_ih, weight_hh, bias_ih, bias_hh.

    Parameters
    ----------
    input_size, hidden_size, bias, nonlinearity, device, dtype
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.RNNCell``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.RNNCell(3, 5).init(seed=0)["weight_ih"].shape
    (5, 3)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device=device, dtype=dtype)
        self.nonlinearity = nonlinearity


class LSTMCell(RNNCellBase):
    r""":math:`w, b \sim U[-1/\sqrt{hidden}, 1/\sqrt{hidden})`: weight_ih, weight_hh, bias_ih, bias_hh.

    Parameters
    ----------
    input_size, hidden_size, bias, device, dtype
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.LSTMCell``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.LSTMCell(3, 5).init(seed=0)["weight_ih"].shape
    (20, 3)
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device=device, dtype=dtype)


class GRUCell(RNNCellBase):
    r""":math:`w, b \sim U[-1/\sqrt{hidden}, 1/\sqrt{hidden})`: weight_ih, weight_hh, bias_ih, bias_hh.

    Parameters
    ----------
    input_size, hidden_size, bias, device, dtype
        As in torch; device is None or "cpu".

    References
    ----------
    ``torch.nn.GRUCell``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.GRUCell(3, 5).init(seed=0)["weight_ih"].shape
    (15, 3)
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device=device, dtype=dtype)
