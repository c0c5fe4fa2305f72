"""Memory for what operations on random numbers would return, without their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._pytree import tree_map_only

from .kinds import tensors_in

#: Elements that are computed sooner than shapes are inferred.
_FEW = 1 << 16


def results_of(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Fresh memory for what an operation would return, of its shapes, strides and types.

    Small tensors are computed, of whatever their memory holds: nobody looks at it. Elementwise operations are tried on
    one element.  Of all others meta tensors know the shapes, for which torch at first imports its compiler.

    Raises
    ------
    NotImplementedError, RuntimeError
        If torch cannot tell them without values.
    """
    tensors = tensors_in((args, kwargs))
    if not any(map(_may_index, tensors)) and sum(tensor.numel() for tensor in tensors) <= _FEW:
        return function(*args, **kwargs)
    if torch.Tag.pointwise in function.tags and _are_alike(tensors):
        like = max(tensors, key=lambda tensor: tensor.ndim)
        operands, options = tree_map_only(torch.Tensor, _one_of, (tuple(args), dict(kwargs)))
        return torch.empty_like(like, dtype=function(*operands, **options).dtype)
    operands, options = tree_map_only(torch.Tensor, _as_meta, (tuple(args), dict(kwargs)))
    if options.get("device") is not None:
        options["device"] = torch.device("meta")
    options.pop("pin_memory", None)
    return tree_map_only(torch.Tensor, _on_cpu, function(*operands, **options))


def _may_index(tensor: torch.Tensor) -> bool:
    """Whether what memory happens to hold could be indices, which torch would check."""
    return not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool)


def _are_alike(tensors: Sequence[torch.Tensor]) -> bool:
    """Whether all that have axes are dense, in one order."""
    shapes = {(tensor.shape, tensor.stride()) for tensor in tensors if tensor.ndim}
    return len(shapes) == 1 and all(
        torch.empty_like(tensor).stride() == tensor.stride() for tensor in tensors if tensor.ndim
    )


def _one_of(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor of one element, of the same type and number of axes."""
    return torch.ones((1,) * tensor.ndim, dtype=tensor.dtype)


def _as_meta(tensor: torch.Tensor) -> torch.Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


def _on_cpu(tensor: torch.Tensor) -> torch.Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="cpu")
