"""Transformers, and the layers they copy."""

from __future__ import annotations

import copy
from typing import Any

from ....laws.arguments import type_name
from ..base import init
from ..base.containers import ModuleList
from ..base.module import Module
from ..normalization.norms import LayerNorm
from .layers import TransformerDecoderLayer, TransformerEncoderLayer


class _Stack(Module):
    """Deep copies of one layer, which begin equal, and a norm."""

    __module__ = "refinit.layers"

    def _stack(self, layer: Any, num_layers: int, norm: Module | None) -> None:
        self.layers = ModuleList([copy.deepcopy(layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.add_module("norm", norm)


class TransformerEncoder(_Stack):
    """Deep copies of one layer: they begin equal, and draw nothing.

    layers.0, layers.1, ..., norm.

    Parameters
    ----------
    encoder_layer
        A module of ``refinit.layers``, such as a TransformerEncoderLayer; it has drawn before.
    num_layers, norm, enable_nested_tensor, mask_check
        As in torch; norm is a module of ``refinit.layers``.

    Raises
    ------
    TypeError
        If encoder_layer or norm is none.

    References
    ----------
    ``torch.nn.TransformerEncoder``

    Examples
    --------
    >>> from refinit import layers
    >>> state = layers.TransformerEncoder(layers.TransformerEncoderLayer(8, 2, 16), 2).init(seed=0)
    >>> bool((state["layers.0.linear1.weight"] == state["layers.1.linear1.weight"]).all())
    True
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        _require_modules(encoder_layer=encoder_layer, norm=norm)
        self._stack(encoder_layer, num_layers, norm)
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check


class TransformerDecoder(_Stack):
    """Deep copies of one layer: they begin equal, and draw nothing.

    layers.0, layers.1, ..., norm.

    Parameters
    ----------
    decoder_layer
        A module of ``refinit.layers``, such as a TransformerDecoderLayer; it has drawn before.
    num_layers, norm
        As in torch; norm is a module of ``refinit.layers``.

    Raises
    ------
    TypeError
        If decoder_layer or norm is none.

    References
    ----------
    ``torch.nn.TransformerDecoder``

    Examples
    --------
    >>> from refinit import layers
    >>> len(layers.TransformerDecoder(layers.TransformerDecoderLayer(8, 2, 16), 3).layers)
    3
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        _require_modules(decoder_layer=decoder_layer, norm=norm)
        self._stack(decoder_layer, num_layers, norm)


class Transformer(Module):
    r""":math:`W \sim U[-b, b)` with :math:`b = \sqrt{6 / (fan_{in} + fan_{out})}`, every matrix anew.

    First an encoder layer, the encoder's norm, a decoder layer and the decoder's norm draw as they do alone, and the
    layers are copied; then ``xavier_uniform_`` draws every parameter with two axes or more, in the order of the state.

    Parameters
    ----------
    d_model, nhead, num_encoder_layers, num_decoder_layers, dim_feedforward, dropout, activation
        As in torch; activation is "relu", "gelu", or anything that is no string.
    custom_encoder, custom_decoder
        Modules of ``refinit.layers`` instead of a TransformerEncoder and a TransformerDecoder.
    layer_norm_eps, batch_first, norm_first, bias, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    TypeError
        If a custom part is no module of ``refinit.layers``.
    ValueError, AssertionError, RuntimeError
        As the layers do.

    References
    ----------
    ``torch.nn.Transformer``; Vaswani et al. (2017), arXiv:1706.03762

    Examples
    --------
    >>> from refinit import layers
    >>> len(layers.Transformer(16, 2, 1, 1, 32).init(seed=0))
    34
    """

    __module__ = "refinit.layers"

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        _require_modules(custom_encoder=custom_encoder, custom_decoder=custom_decoder)
        memory: dict[str, Any] = {"device": device, "dtype": dtype}
        rest: Any = (activation, layer_norm_eps, batch_first, norm_first, bias)
        if custom_encoder is None:
            layer: Module = TransformerEncoderLayer(d_model, nhead, dim_feedforward, dropout, *rest, **memory)
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, **memory)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm)
        self.encoder = custom_encoder
        if custom_decoder is None:
            layer = TransformerDecoderLayer(d_model, nhead, dim_feedforward, dropout, *rest, **memory)
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, **memory)
            custom_decoder = TransformerDecoder(layer, num_decoder_layers, norm)
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.dim() > 1:
                init.xavier_uniform_(parameter)


def _require_modules(**modules: Any) -> None:
    for name, module in modules.items():
        if module is not None and not isinstance(module, Module):
            raise TypeError(
                f"expected a module of refinit.layers as {name}, got {type_name(module)}: its parameters must be known "
                "to refinit; write it as a subclass of layers.Module, or record the model with refinit.record"
            )
