"""New parameters, by torch's names of what makes tensors."""

from __future__ import annotations

from typing import Any

from ....arrays.empty import empty as empty_array
from ....dtypes import element_of
from ....laws.arguments import type_name
from .parameter import Memory, Parameter
from .places import dense_places


def empty(*size: Any, dtype: Any = None, device: Any = None) -> Parameter:
    """A parameter that nothing has filled; its own numbers come with ``layers.init`` or its methods.

    Parameters
    ----------
    size
        The shape, as integers or as one tuple.
    dtype
        A NumPy or torch dtype, or its name; None means float32.
    device
        None or "cpu".

    Raises
    ------
    RuntimeError
        If a length is negative.
    NotImplementedError
        For another device.

    References
    ----------
    ``torch.empty``

    Examples
    --------
    >>> from refinit import layers
    >>> token = layers.init.trunc_normal_(layers.empty(1, 1, 768), std=0.02)
    """
    lengths = tuple(size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size)
    if device is not None and str(device) != "cpu":
        raise NotImplementedError(
            f"expected device=None or 'cpu', got {device!r}: layers are filled in host memory; fill arrays on a GPU by "
            "refinit's functions"
        )
    if any(isinstance(length, int) and length < 0 for length in lengths):
        negative = next(length for length in lengths if length < 0)
        raise RuntimeError(f"Trying to create tensor with negative dimension {negative}: {[*lengths]}")
    probe = empty_array(0, dtype=dtype)
    places = dense_places(tuple(_length(length) for length in lengths))
    return Parameter.of_memory(Memory(element_of(probe.dtype).name, places.shape), places)


def _length(value: Any) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"expected integers as lengths of a parameter, got {type_name(value)}")
    return int(value.__index__())


def zeros(*size: Any, dtype: Any = None, device: Any = None) -> Parameter:
    """A parameter of zeros.

    Parameters
    ----------
    size, dtype, device
        As of ``empty``.

    References
    ----------
    ``torch.zeros``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Module(token=layers.zeros(1, 1, 2)).init()["token"].tolist()
    [[[0.0, 0.0]]]
    """
    return empty(*size, dtype=dtype, device=device).zero_()


def ones(*size: Any, dtype: Any = None, device: Any = None) -> Parameter:
    """A parameter of ones.

    Parameters
    ----------
    size, dtype, device
        As of ``empty``.

    References
    ----------
    ``torch.ones``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Module(scale=layers.ones(2)).init()["scale"].tolist()
    [1.0, 1.0]
    """
    return empty(*size, dtype=dtype, device=device).note("ones_")


def randn(*size: Any, dtype: Any = None, device: Any = None) -> Parameter:
    """w ~ N(0, 1): draws what ``normal_`` draws.

    Parameters
    ----------
    size, dtype, device
        As of ``empty``.

    References
    ----------
    ``torch.randn``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Module(position=layers.randn(1, 197, 768)).init(seed=0)["position"].shape
    (1, 197, 768)
    """
    return empty(*size, dtype=dtype, device=device).normal_()
