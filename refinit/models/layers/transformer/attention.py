"""Multi-head attention."""

from __future__ import annotations

from typing import Any

from ..base import init
from ..base.creation import empty
from ..base.module import Module
from ..linear import NonDynamicallyQuantizableLinear


class MultiheadAttention(Module):
    r""":math:`W_{in} \sim U[-b, b)` with :math:`b = \sqrt{6/(4 d)}`; before it out_proj, a Linear.

    in_proj_weight (3 embed_dim, embed_dim) by ``xavier_uniform_``, or q_proj_weight, k_proj_weight and v_proj_weight,
    each by its own fans, if kdim or vdim differs; in_proj_bias and out_proj.bias zeros; bias_k and bias_v
    (1, 1, embed_dim) by ``xavier_normal_``.

    Parameters
    ----------
    embed_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim, batch_first, device, dtype
        As in torch; device is None or "cpu".

    Raises
    ------
    ValueError
        If embed_dim or num_heads is not above 0.
    AssertionError
        If num_heads does not divide embed_dim.

    References
    ----------
    ``torch.nn.MultiheadAttention``; Vaswani et al. (2017), arXiv:1706.03762, section 3.2.2

    Examples
    --------
    >>> from refinit import layers
    >>> attention = layers.MultiheadAttention(64, 8)
    >>> list(attention.init(seed=0))
    ['in_proj_weight', 'in_proj_bias', 'out_proj.weight', 'out_proj.bias']
    >>> attention.recipe().steps[0].out.buffer
    'out_proj.weight'
    """

    __module__ = "refinit.layers"

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, "
                f"got embed_dim={embed_dim} and num_heads={num_heads} instead"
            )
        if embed_dim % num_heads:
            raise AssertionError("embed_dim must be divisible by num_heads")
        super().__init__()
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        self._add_parameters(bias, add_bias_kv, {"dtype": dtype, "device": device})
        self._reset_parameters()

    def _add_parameters(self, bias: bool, add_bias_kv: bool, memory: dict[str, Any]) -> None:
        width = self.embed_dim
        separate = {"q_proj_weight": width, "k_proj_weight": self.kdim, "v_proj_weight": self.vdim}
        self._qkv_same_embed_dim = self.kdim == width and self.vdim == width
        for name, inputs in separate.items():
            self.register_parameter(
                name, None if self._qkv_same_embed_dim else empty(width, inputs, **memory)
            )
        self.register_parameter(
            "in_proj_weight", empty(3 * width, width, **memory) if self._qkv_same_embed_dim else None
        )
        self.register_parameter("in_proj_bias", empty(3 * width, **memory) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(width, width, bias=bias, **memory)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, empty(1, 1, width, **memory) if add_bias_kv else None)

    def _reset_parameters(self) -> None:
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if getattr(self, name) is not None:
                init.xavier_uniform_(getattr(self, name))
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for name in ("bias_k", "bias_v"):
            if getattr(self, name) is not None:
                init.xavier_normal_(getattr(self, name))
