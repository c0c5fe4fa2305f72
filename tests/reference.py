"""Where the reference is: torch 2.13 on x86-64 Linux with AVX2. Elsewhere the committed hashes hold the bits."""

import importlib.util
import platform
from types import ModuleType

import pytest


def torch_module() -> ModuleType:
    """Torch, or a skip of the whole test file that says what is missing and what checks the bits instead."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed; test_golden.py holds the bits", allow_module_level=True)
    import torch

    version, capability = torch.__version__.split("+")[0], torch.backends.cpu.get_cpu_capability()
    machine = f"{platform.system()} {platform.machine()}"
    if not (version.startswith("2.13.") and capability in {"AVX2", "AVX512"} and machine == "Linux x86_64"):
        pytest.skip(
            f"the bits are those of torch 2.13 on x86-64 Linux with AVX2; here are torch {version}, {machine}, "
            f"{capability}; test_golden.py holds the bits",
            allow_module_level=True,
        )
    torch.set_num_threads(
        1
    )  # changes no fill; two test processes with two threads each would wait for one another
    return torch
