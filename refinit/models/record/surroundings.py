"""What a constructor may change beside the module that it makes: put back after each construction."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


@contextmanager
def surroundings(seed: int, *, others: int) -> Iterator[None]:
    """torch's generator starts at ``seed``, NumPy's and Python's at ``others``; afterwards all is as it was before."""
    generator, dtype = torch.default_generator.get_state(), torch.get_default_dtype()
    theirs, pythons = np.random.get_state(), random.getstate()  # noqa: NPY002 - what constructors draw from
    grad = torch.is_grad_enabled()
    torch.default_generator.manual_seed(seed)
    np.random.seed(others)  # noqa: NPY002
    random.seed(others)
    try:
        yield
    finally:
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        random.setstate(pythons)
        np.random.set_state(theirs)  # noqa: NPY002
        torch.default_generator.set_state(generator)


def constructed(factory: Callable[[], Any]) -> torch.nn.Module:
    """The module that a factory makes."""
    module = factory()
    if not isinstance(module, torch.nn.Module):
        raise TypeError(
            "expected a torch.nn.Module from the factory, as in refinit.record(lambda: Net()), "
            f"got {type(module).__name__}"
        )
    return module
