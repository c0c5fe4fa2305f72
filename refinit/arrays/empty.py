"""Arrays with torch's default dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from .. import _torch
from ..dtypes import ELEMENTS, MEMORY, element_of


def empty(*size: SupportsIndex | Sequence[SupportsIndex], dtype: Any = np.float32) -> NDArray[Any]:
    """An uninitialised NumPy array, float32 unless told otherwise (as torch's, so that nobody gets float64 unawares).

    Parameters
    ----------
    size
        The shape, as integers or as one tuple.
    dtype
        A NumPy or torch dtype, or its name; ``"bfloat16"`` and float8 need the package ml_dtypes. None means float32.

    Raises
    ------
    TypeError
        If no initializer fills the dtype.

    Examples
    --------
    >>> import refinit as init
    >>> init.empty(2, 3).shape, init.empty((2, 3)).dtype.name
    ((2, 3), 'float32')
    """
    shape: Any = size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
    return np.empty(shape, _dtype_of(dtype))


def _dtype_of(dtype: Any) -> np.dtype[Any]:
    name = np.float32 if dtype is None else _torch.dtype_name(dtype) or dtype
    try:
        numpy_dtype = ELEMENTS[name].dtype if name in MEMORY else np.dtype(name)
    except TypeError:
        raise TypeError(
            f"expected a dtype or its name, one of {', '.join(ELEMENTS)}, got {dtype!r}"
        ) from None
    element_of(numpy_dtype)
    return numpy_dtype
