"""The layers that transformers copy."""

from __future__ import annotations

from typing import Any

from ..base.module import Module
from ..linear import Linear
from ..normalization.norms import LayerNorm
from ..stateless import Dropout
from .attention import MultiheadAttention

_ACTIVATIONS = ("relu", "gelu")


class _TransformerLayer(Module):
    """Attentions, a feed-forward network, norms: drawn and registered in this order."""

    __module__ = "refinit.layers"
    _attentions: tuple[str, ...] = ()

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        memory = {"device": device, "dtype": dtype}
        for name in self._attentions:
            attention = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **memory)
            setattr(self, name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **memory)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **memory)
        self.norm_first = norm_first
        for number in range(1, len(self._attentions) + 2):
            setattr(self, f"norm{number}", LayerNorm(d_model, layer_norm_eps, bias=bias, **memory))
        for number in range(1, len(self._attentions) + 2):
            setattr(self, f"dropout{number}", Dropout(dropout))
        if isinstance(activation, str) and activation not in _ACTIVATIONS:
            raise RuntimeError(f"activation should be relu/gelu, not {activation}")
        self.activation = activation


class TransformerEncoderLayer(_TransformerLayer):
    """MultiheadAttention, Linear, Linear, LayerNorm, LayerNorm, each by its own law and in this order.

    self_attn, linear1, linear2, norm1, norm2.

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias, device, dtype
        As in torch; activation is "relu", "gelu", or anything that is no string.

    Raises
    ------
    ValueError
        If d_model or nhead is not above 0, or dropout no probability.
    AssertionError
        If nhead does not divide d_model.
    RuntimeError
        If activation is another string.

    References
    ----------
    ``torch.nn.TransformerEncoderLayer``

    Examples
    --------
    >>> from refinit import layers
    >>> layer = layers.TransformerEncoderLayer(16, 2)
    >>> [name for name, _ in layer.named_children() if "dropout" not in name]
    ['self_attn', 'linear1', 'linear2', 'norm1', 'norm2']
    """

    _attentions = ("self_attn",)


class TransformerDecoderLayer(_TransformerLayer):
    """Two MultiheadAttention, two Linear, three LayerNorm, each by its own law and in this order.

    self_attn, multihead_attn, linear1, linear2, norm1, norm2, norm3.

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias, device, dtype
        As in torch; activation is "relu", "gelu", or anything that is no string.

    Raises
    ------
    ValueError
        If d_model or nhead is not above 0, or dropout no probability.
    AssertionError
        If nhead does not divide d_model.
    RuntimeError
        If activation is another string.

    References
    ----------
    ``torch.nn.TransformerDecoderLayer``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.TransformerDecoderLayer(16, 2).init(seed=0)["multihead_attn.in_proj_weight"].shape
    (48, 16)
    """

    _attentions = ("self_attn", "multihead_attn")
