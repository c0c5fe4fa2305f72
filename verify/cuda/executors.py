"""CUDA devices that need no GPU: kernels compiled to PTX and run on this CPU, or run by numba's simulator.

refinit's own host code launches on one inside `refinit.devices.device.reached_by(lambda place: device)`. Their memory
is this process's: `holding` gives the distance to a device's copy of an array, and a `CudaArray` shows that memory to
refinit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from refinit.kernels.code import cache
from refinit.kernels.cuda.arguments import converted
from refinit.streams.all_kernels import CUDA_KERNELS

from .ptx import Memory, run
from .ptx.memory.allocations import aligned

#: The compute capability that PTX is compiled for: that which refinit's kernels are tuned to.
CAPABILITY = 9, 0


def refuse_without_compiler() -> None:
    """Raises ImportError where numba-cuda is missing."""
    try:
        version("numba-cuda")
    except PackageNotFoundError:
        raise ImportError(
            "CUDA kernels need the package numba-cuda: pip install 'refinit[cuda13]' or 'refinit[cuda12]'"
        ) from None


@lru_cache(maxsize=512)
def ptx_of(kernel: str, capability: tuple[int, int] = CAPABILITY) -> str:
    """The PTX of refinit's kernel, kept on disk where its machine code would be."""
    key = f"{kernel}-ptx-sm_{capability[0]}{capability[1]}"
    code = cache.read(key, "cuda")
    if code is None:
        from refinit.kernels.code.cuda_compiler import ptx  # imports numba and numba-cuda

        code = cache.ObjectCode(kernel, ptx(kernel, capability).encode())
        cache.write(key, code, "cuda")
    return code.code.decode()


def numpy_arguments(kernel: str, arguments: Sequence[Any]) -> list[Any]:
    """The arguments of a launch as NumPy numbers of the kernel's types, a tuple as a tuple."""
    values = converted(kernel, arguments)
    groups = [tuple(np.ctypeslib.as_array(getattr(values, name))) for name, *_ in values._fields_]
    kinds = CUDA_KERNELS[kernel].arguments
    return [group if isinstance(kind, tuple) else group[0] for kind, group in zip(kinds, groups, strict=True)]


class CudaArray:
    """A NumPy array shown as the CUDA memory that lies `distance` bytes beyond it."""

    def __init__(self, array: npt.NDArray[Any], distance: int) -> None:
        self.array, self.distance = array, distance

    def __getitem__(self, index: Any) -> CudaArray:
        """A view."""
        return CudaArray(self.array[index], self.distance)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """Any stream may work on it."""
        return {
            "shape": self.array.shape,
            "typestr": self.array.dtype.str,
            "data": (int(self.array.ctypes.data) + self.distance, False),
            "strides": self.array.strides,
            "version": 3,
            "stream": None,
        }


class HostDevice(ABC):
    """A device whose memory is this process's and whose launches are synchronous."""

    def __init__(self, *, multiprocessors: int = 132, threads_per_multiprocessor: int = 2048) -> None:
        self.multiprocessors, self.threads_per_multiprocessor = multiprocessors, threads_per_multiprocessor
        self.launches: list[tuple[str, tuple[int, int], int]] = []
        self.loaded: set[str] = set()

    @contextmanager
    def holding(self, base: npt.NDArray[Any]) -> Iterator[int]:  # noqa: ARG002 - all memory is its own
        """The distance from a dense array to where the device has it meanwhile."""
        yield 0

    def load(self, *kernels: str) -> None:
        """Records them: each is compiled when it is launched, and no user's memory depends on that."""
        self.loaded.update(kernels)

    def launch(self, kernel: str, grid: tuple[int, int], block: int, arguments: Sequence[Any]) -> None:
        """Runs it synchronously."""
        self.launches.append((kernel, grid, block))
        self.run(kernel, grid, block, numpy_arguments(kernel, arguments))

    @abstractmethod
    def run(self, kernel: str, grid: tuple[int, int], block: int, arguments: list[Any]) -> None:
        """Runs it with arguments of its types."""

    @contextmanager
    def scratch(self, size: int) -> Iterator[int]:
        """Memory for one fill, poisoned."""
        memory = aligned(size)
        with self.holding(memory) as distance:
            yield int(memory.ctypes.data) + distance


class PtxDevice(HostDevice):
    """Kernels as PTX on this CPU; with `sanitize`, each access is checked to be one to what the device holds."""

    def __init__(self, *, sanitize: bool = False, allow: Collection[str] = (), **properties: int) -> None:
        super().__init__(**properties)
        self.sanitize, self.allow, self.memory = sanitize, allow, Memory()

    @contextmanager
    def holding(self, base: npt.NDArray[Any]) -> Iterator[int]:
        """The distance from a dense array to where the device has it meanwhile."""
        if not self.sanitize:
            yield 0
            return
        real = base.itemsize // (2 if base.dtype.kind == "c" else 1)
        allocation = self.memory.inout(base.reshape(-1).view(f"u{real}"))
        yield allocation.address - int(base.ctypes.data)
        # The next one would get the address of one that is released out of turn
        if self.memory.allocations.pop() is not allocation:
            raise RuntimeError("expected memory to be released in the reverse order of its allocation")

    def text_of(self, kernel: str) -> str:
        """The PTX that it runs."""
        return ptx_of(kernel)

    def run(self, kernel: str, grid: tuple[int, int], block: int, arguments: list[Any]) -> None:
        """Runs it with arguments of its types."""
        flat: list[Any] = []
        for argument in arguments:
            flat.extend(argument if isinstance(argument, tuple) else [argument])
        run(
            *(self.text_of(kernel), kernel, grid, block, flat, self.memory),
            sanitize=self.sanitize,
            complete=False,
            allow=self.allow,
        )


class SimDevice(HostDevice):
    """Kernels as Python on numba's simulator, one thread of Python for each of the kernel's."""

    def run(self, kernel: str, grid: tuple[int, int], block: int, arguments: list[Any]) -> None:
        """Runs it with arguments of its types."""
        # Not cuda.jit, which simulates only in a process that can do nothing else
        from numba.cuda.simulator.kernel import FakeCUDAKernel

        name = CUDA_KERNELS[kernel].module
        # Between functions of the simulator float32 numbers become float64
        if name.startswith("refinit.streams.torch_cuda."):
            raise NotImplementedError(f"{kernel}: torch's CUDA stream is not simulated; run it as PTX")
        module = import_module(name)
        with patch.dict(vars(module), BY_SIXTEEN=None):  # it refuses to align shared memory
            FakeCUDAKernel(module.KERNELS[kernel], device=False)[grid, block](*arguments)
