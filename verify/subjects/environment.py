"""What this machine is, and whether its torch is the reference: torch 2.13 on x86-64 Linux with AVX2.

Anywhere else a difference from the local torch is a property of the machine, never a fault of the code under test.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from .libm import deviating

REFERENCE_TORCH = "2.13"
REFERENCE_CAPABILITIES = ("AVX2", "AVX512")


@dataclass(frozen=True)
class Environment:
    """What was detected. `doubts` lists why the local torch is no reference; empty means it is one.

    `libm` lists the functions of the C library that have other bits than on the reference machine. They are torch's
    as much as refinit's: both still agree here, but with no hash of a stream that has them.
    """

    python: str
    machine: str
    system: str
    libc: str
    numpy: str
    torch: str | None
    capability: str | None
    refinit: str | None
    doubts: tuple[str, ...]
    libm: tuple[str, ...] = ()

    @property
    def reference(self) -> bool:
        """Whether the local torch has the bits that refinit promises."""
        return not self.doubts

    @property
    def headline(self) -> str:
        """One line for the report."""
        torch = f"torch {self.torch}, CPU capability {self.capability}" if self.torch else "no torch"
        verdict = "yes" if self.reference else f"no ({'; '.join(self.doubts)})"
        return (
            f"reference: {verdict} - {torch}, {self.system} {self.machine}, {self.libc}, numpy {self.numpy}"
        )

    @property
    def c_library(self) -> str:
        """One line for the report: which of its functions are not those that the hashes come from."""
        if not self.libm:
            return f"C library: {self.libc}, as the reference"
        functions = ", ".join(self.libm)
        return f"C library: {self.libc} on this processor, with other bits than the reference in {functions}"

    @property
    def libm_doubts(self) -> tuple[str, ...]:
        """Why no hashes of torch's stream can be made here, whatever torch there is."""
        return (self.c_library,) if self.libm else ()


def _torch() -> tuple[str | None, str | None]:
    try:
        import torch
    except ImportError:
        return None, None
    return str(torch.__version__), str(torch.backends.cpu.get_cpu_capability())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def torch_doubts(torch: str | None, capability: str | None, system: str, machine: str) -> tuple[str, ...]:
    """Why that torch on that machine would not be the reference."""
    if torch is None:
        return ("torch is not installed",)
    doubts = []
    if not torch.startswith(f"{REFERENCE_TORCH}."):
        doubts.append(f"torch {torch} is not {REFERENCE_TORCH}")
    if (system, machine) not in (("Linux", "x86_64"), ("Linux", "AMD64")):
        doubts.append(f"{system} {machine} is not Linux x86_64")
    if capability not in REFERENCE_CAPABILITIES:
        doubts.append(f"CPU capability {capability} is not {' or '.join(REFERENCE_CAPABILITIES)}")
    return tuple(doubts)


@cache
def environment() -> Environment:
    """The environment of this process."""
    torch, capability = _torch()
    system, machine = platform.system(), platform.machine()
    return Environment(
        python=platform.python_version(),
        machine=machine,
        system=system,
        libc=" ".join(platform.libc_ver()).strip() or "unknown C library",
        numpy=str(_version("numpy")),
        torch=torch,
        capability=capability,
        refinit=_version("refinit"),
        doubts=torch_doubts(torch, capability, system, machine),
        libm=deviating(),
    )
