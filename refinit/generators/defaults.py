"""The generators that calls without one draw from, and the module's functions for the CPU's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .generator import Generator

default_generator = Generator()
#: The same for CUDA arrays, whichever device they are on.
default_cuda_generator = Generator("cuda")
default_generator.seed()
default_cuda_generator.seed()


def manual_seed(seed: int) -> Generator:
    """Seeds the default generators, the CPU's and CUDA's, and returns the CPU's.

    torch's generators, and so torch's tensors, are not touched.

    Parameters
    ----------
    seed
        Anything that ``int()`` makes an integer in [-2**63, 2**64) of.

    Raises
    ------
    TypeError, ValueError
        If ``int()`` does not take it, or the integer is out of that range.

    Examples
    --------
    >>> import refinit as init
    >>> init.manual_seed(0) is init.default_generator
    True
    """
    if not isinstance(seed, np.integer):
        seed = int(seed)
    default_generator.manual_seed(seed)
    default_cuda_generator.manual_seed(seed)
    return default_generator


def seed() -> int:
    """Seeds the default generators, both alike, from the operating system and returns the seed, 64 bits.

    Examples
    --------
    >>> import refinit as init
    >>> init.seed() == init.initial_seed()
    True
    """
    number = default_generator.seed()
    default_cuda_generator.manual_seed(number)
    return number


def initial_seed() -> int:
    """The seed that the default generator started from, as an unsigned 64-bit number.

    Examples
    --------
    >>> import refinit as init
    >>> _ = init.manual_seed(5)
    >>> init.initial_seed()
    5
    """
    return default_generator.initial_seed()


def get_rng_state() -> NDArray[np.uint8]:
    """The default generator's state: torch's 5056 bytes, a copy.

    torch's function gives and takes a tensor: ``torch.set_rng_state(torch.from_numpy(init.get_rng_state()))``.

    Examples
    --------
    >>> import refinit as init
    >>> init.get_rng_state().shape
    (5056,)
    """
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Sets the default generator's state.

    Parameters
    ----------
    new_state
        From ``get_rng_state``, or the tensor of ``torch.get_rng_state``.

    Raises
    ------
    TypeError
        If it is no array or tensor of uint8.
    RuntimeError
        If its size is not 5056 bytes, or it is no state that drawing can reach.

    Examples
    --------
    >>> import refinit as init
    >>> state = init.get_rng_state()
    >>> first = init.uniform_(init.empty(3))
    >>> init.set_rng_state(state)
    >>> bool((init.uniform_(init.empty(3)) == first).all())
    True
    """
    default_generator.set_state(new_state)
