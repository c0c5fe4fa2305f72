"""The library of ``fake_driver.c``: a CUDA driver that keeps a log of its calls and runs nothing."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from refinit.devices import driver, driver_calls
from refinit.kernels.code import cuda_loader as loader
from refinit.kernels.code.cache import ObjectCode
from refinit.kernels.cuda.table import KERNELS, Kernel

SOURCE = Path(__file__).with_name("fake_driver.c")
#: Two kernels of no other use, and what they take.
SCALARS = Kernel("scalars", "nowhere", ("u64", "u32", "i64", "i32", "f32", "f64"))
TUPLES = Kernel("tuples", "nowhere", ("u32", ("f32", 4), "u64", ("u32", 3)))


@cache
def built(folder: Path) -> Path:
    library = folder / "libfake_driver.so"
    flags = ("-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-pthread")
    subprocess.run(["gcc", *flags, SOURCE, "-o", library], check=True)
    return library


def faked(tmp_path_factory, monkeypatch) -> FakeDriver:
    """A fresh one in the driver's place, for a fixture."""
    if sys.platform == "win32":
        pytest.skip("the fake driver is written for Unix: gcc and POSIX threads")
    fake = FakeDriver(built(tmp_path_factory.getbasetemp()))
    fake.use(monkeypatch)
    return fake


class FakeDriver:
    """What tests ask of the library; ``use`` puts it in the driver's place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.library = ctypes.CDLL(str(path))
        self.library.fake_history.restype = ctypes.c_char_p
        self.library.fake_reset()
        self.compiled: list[tuple[str, tuple[int, int]]] = []
        self.delay = 0.0

    def use(self, monkeypatch) -> None:
        # an object of its own: argument types are kept with its functions
        monkeypatch.setattr(driver_calls, "_library", lambda: ctypes.CDLL(str(self.path)))
        monkeypatch.setattr(driver_calls, "_functions", {})
        monkeypatch.setattr(driver_calls, "_forked", False)
        monkeypatch.setattr(driver, "_contexts", {})
        monkeypatch.setattr(loader, "cubin", self.cubin)
        for kernel in (SCALARS, TUPLES):
            monkeypatch.setitem(KERNELS, kernel.name, kernel)

    def cubin(self, name: str, capability: tuple[int, int]) -> ObjectCode:
        """An image that tells the sizes of the kernel's parameters."""
        self.compiled.append((name, capability))
        time.sleep(self.delay)
        kinds = [(one, 1) if isinstance(one, str) else one for one in KERNELS[name].arguments]
        sizes = [int(kind[1:]) // 8 for kind, count in kinds for _ in range(count)]
        return ObjectCode(f"symbol_of_{name}", " ".join(map(str, sizes)).encode() + b"\0")

    def set(self, *, version: int = 13000, pools: bool = True, owner: int = 1) -> None:
        self.library.fake_set(version, pools, owner)

    def fail(self, name: str, code: int) -> None:
        self.library.fake_fail(name.encode(), code)

    @property
    def depth(self) -> int:
        """How many contexts this thread has pushed and not popped."""
        return self.library.fake_depth()

    @property
    def calls(self) -> list[tuple[int, str]]:
        """(The thread's current context, the call) of each call so far."""
        lines = self.library.fake_history().decode().splitlines()
        return [(int(line.split(" ", 1)[0]), line.split(" ", 1)[1]) for line in lines]

    def named(self, name: str) -> list[tuple[int, str]]:
        return [(context, call) for context, call in self.calls if call.split()[0] == name]
