"""Embeddings."""

from __future__ import annotations

from typing import Any

from ...laws.arguments import type_name
from .base import init
from .base.creation import empty
from .base.module import Module
from .base.parameter import Parameter


class _Table(Module):
    """Rows of independent normals; the row of padding_idx is 0."""

    __module__ = "refinit.layers"

    def _prepare(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None, weight: Any, **memory: Any
    ) -> None:
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < max(num_embeddings, 1):
                raise AssertionError(f"{self._padding_name} must be within num_embeddings")
            padding_idx = padding_idx + num_embeddings if padding_idx < 0 else padding_idx
        self.padding_idx = padding_idx
        if weight is None:
            self.weight = empty(num_embeddings, embedding_dim, **memory)
            self.reset_parameters()
            return
        if [*weight.shape] != [num_embeddings, embedding_dim]:
            raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
        self.weight = weight if isinstance(weight, Parameter) else Parameter(weight)

    _padding_name = "Padding_idx"

    def reset_parameters(self) -> None:
        """Notes its fills once more."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight[self.padding_idx])

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **options: Any) -> Any:
        """One with the rows of an array; it draws nothing."""
        if not hasattr(embeddings, "shape") or len(embeddings.shape) != 2:
            raise AssertionError(
                f"Embeddings parameter is expected to be 2-dimensional, got {type_name(embeddings)}"
            )
        rows, columns = embeddings.shape
        make: Any = cls
        table = make(rows, columns, _weight=embeddings, **options)
        table.weight.requires_grad = not freeze
        return table


class Embedding(_Table):
    r""":math:`w \sim N(0, 1)`, and the row of padding_idx 0: weight (num_embeddings, embedding_dim).

    Parameters
    ----------
    num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, device, dtype
        As in torch; device is None or "cpu".
    _weight
        An array instead, as in torch: nothing is drawn.
    _freeze
        As in torch.

    Raises
    ------
    AssertionError
        If padding_idx is no row, or _weight has another shape.

    References
    ----------
    ``torch.nn.Embedding``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Embedding(10, 3, padding_idx=0).init(seed=0)["weight"][0].tolist()
    [0.0, 0.0, 0.0]
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        self._prepare(num_embeddings, embedding_dim, padding_idx, _weight, device=device, dtype=dtype)
        self.weight.requires_grad = not _freeze


class EmbeddingBag(_Table):
    r""":math:`w \sim N(0, 1)`, and the row of padding_idx 0: weight (num_embeddings, embedding_dim).

    Parameters
    ----------
    num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, mode, sparse, padding_idx, device, dtype
        As in torch; device is None or "cpu".
    _weight
        An array instead, as in torch: nothing is drawn.
    include_last_offset
        As in torch.

    Raises
    ------
    AssertionError
        If padding_idx is no row, or _weight has another shape.

    References
    ----------
    ``torch.nn.EmbeddingBag``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.EmbeddingBag(10, 3).init(seed=0)["weight"].shape
    (10, 3)
    """

    _padding_name = "padding_idx"

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.mode, self.sparse, self.include_last_offset = mode, sparse, include_last_offset
        self._prepare(num_embeddings, embedding_dim, padding_idx, _weight, device=device, dtype=dtype)
