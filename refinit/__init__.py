"""torch.nn.init without torch: the same functions, arguments, errors and, from the same seed, the same bits.

>>> import refinit as init
>>> _ = init.manual_seed(0)
>>> w = init.kaiming_normal_(init.empty(64, 3, 7, 7), mode="fan_out", nonlinearity="relu")
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dtypes import ELEMENTS, element_of
from .generators import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)
from .initializers import (
    constant_,
    dirac_,
    eye_,
    kaiming_normal_,
    kaiming_uniform_,
    normal_,
    ones_,
    orthogonal_,
    sparse_,
    trunc_normal_,
    uniform_,
    xavier_normal_,
    xavier_uniform_,
    zeros_,
)
from .registry import deprecated
from .scaling import calculate_gain, correct_fan, fans
from .threads import get_num_threads, set_num_threads

__version__ = "0.1.0"

uniform = deprecated(uniform_)
normal = deprecated(normal_)
constant = deprecated(constant_)
eye = deprecated(eye_)
dirac = deprecated(dirac_)
xavier_uniform = deprecated(xavier_uniform_)
xavier_normal = deprecated(xavier_normal_)
kaiming_uniform = deprecated(kaiming_uniform_)
kaiming_normal = deprecated(kaiming_normal_)
orthogonal = deprecated(orthogonal_)
sparse = deprecated(sparse_)


def empty(*size: Any, dtype: Any = np.float32) -> NDArray[Any]:
    """An uninitialised NumPy array, float32 unless told otherwise (as torch's, so that nobody gets float64 unawares).

    Parameters
    ----------
    size
        The shape, as integers or as one tuple.
    dtype
        A NumPy dtype or its name; ``"bfloat16"`` needs the package ml_dtypes.

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
    shape = size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
    chosen = ELEMENTS["bfloat16"].dtype if dtype == "bfloat16" else np.dtype(dtype)
    element_of(chosen)
    return np.empty(shape, chosen)


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight; much code calls torch's function of this name."""
    return fans(tuple(tensor.shape))


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    """fan_in or fan_out of a weight, by ``mode``; much code calls torch's function of this name."""
    return correct_fan(tuple(tensor.shape), mode)


__all__ = [
    "Generator",
    "calculate_gain",
    "constant",
    "constant_",
    "default_generator",
    "dirac",
    "dirac_",
    "empty",
    "eye",
    "eye_",
    "get_num_threads",
    "get_rng_state",
    "initial_seed",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "manual_seed",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "seed",
    "set_num_threads",
    "set_rng_state",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]
