"""The local torch where it is the reference (verify says where). Elsewhere the committed hashes hold the bits."""

from types import ModuleType

import pytest

from verify.subjects.environment import environment


def torch_module() -> ModuleType:
    """Torch, or a skip of the whole test file that says why this one is no reference and what checks the bits."""
    if why := environment().doubts:
        pytest.skip(
            f"the local torch is no reference: {'; '.join(why)}; test_golden.py holds the bits",
            allow_module_level=True,
        )
    import torch

    torch.set_num_threads(
        1
    )  # changes no fill; two test processes with two threads each would wait for one another
    return torch


def tensor_bytes(tensor):
    """A tensor's bits in C order, also of types that NumPy lacks."""
    return tensor.detach().contiguous().reshape(-1).view(torch_module().uint8).numpy().tobytes()
