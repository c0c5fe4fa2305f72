"""refinit on CUDA arrays, from the stream in which position is everything: on a GPU, or on a stand-in for one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from refinit.devices import device as devices

from ..cases.case import Case
from ..cases.functions import COUNTER_FUNCTIONS
from ..cases.selection import TINY
from ..cuda.executors import CudaArray, HostDevice, PtxDevice, SimDevice, refuse_without_compiler
from .base import KnownDivergence
from .counter import CounterSubject

#: Bytes of a weight up to which each access is checked, which makes orthogonal_ ten times slower.
SANITIZED = 1 << 18
#: Draws of an orthogonal matrix: each takes some fifty milliseconds at any size, and its law would ask for 600.
_MATRIX_DRAWS = 20


class DeviceSubject(CounterSubject):
    """CounterSubject with its weights in a device's memory, `distance` bytes beyond the arrays that they come from."""

    library = None  # what draws nothing is filled by other code there
    calls = None  # what is filled is no array of a public library

    def __init__(self) -> None:
        super().__init__()
        refuse_without_compiler()

    @contextmanager
    def placed(self, base: npt.NDArray[Any], view: npt.NDArray[Any]) -> Iterator[Any]:
        """The view as a CUDA array."""
        with self.holding(base) as distance:
            yield CudaArray(view, distance)

    @abstractmethod
    def holding(self, base: npt.NDArray[Any]) -> Any:
        """A context: the distance from a dense array to where the device has it; the array has it back in the end."""

    def divergences(self) -> Sequence[KnownDivergence]:
        """Those of the counter stream but for calls on expanded torch tensors."""
        return [divergence for divergence in super().divergences() if not divergence.expanded]


class CudaSubject(DeviceSubject):
    """On the first GPU, in memory that numba-cuda has allocated."""

    name = "refinit:counter@cuda"

    def __init__(self) -> None:
        super().__init__()
        try:
            devices.opened(devices.CudaPlace(0, 1))
        except RuntimeError as error:
            raise RuntimeError(f"no CUDA device: {error}") from None

    @contextmanager
    def holding(self, base: npt.NDArray[Any]) -> Iterator[int]:
        """The distance to a copy on the GPU."""
        if not base.size:
            yield 0
            return
        from numba import cuda  # of numba-cuda, which need not be installed

        memory = base.reshape(-1).view(np.uint8)
        copy = cuda.to_device(memory)
        yield int(copy.__cuda_array_interface__["data"][0]) - int(base.ctypes.data)
        copy.copy_to_host(memory)


class HostDeviceSubject(DeviceSubject):
    """On a device that this process makes, another for each weight."""

    @contextmanager
    def holding(self, base: npt.NDArray[Any]) -> Iterator[int]:
        """The distance to where such a device has the array."""
        device = self.device(base.nbytes)
        with devices.reached_by(lambda place: device), device.holding(base) as distance:
            yield distance

    @abstractmethod
    def device(self, size: int) -> HostDevice:
        """A device for a weight of that many bytes."""


class PtxSubject(HostDeviceSubject):
    """On this CPU, by the kernels' compiled PTX; in weights of up to 256 KiB each access is checked."""

    name = "refinit:counter@cuda-ptx"

    def device(self, size: int) -> HostDevice:
        """One with the sanitizer, if the weight is small."""
        return PtxDevice(sanitize=size <= SANITIZED)

    def draws(self, case: Case) -> int:
        """Fewer of orthogonal_, which is judged by agreement with the CPU's."""
        draws = super().draws(case)
        return min(draws, _MATRIX_DRAWS) if case.function == "orthogonal_" else draws


class SimSubject(HostDeviceSubject):
    """On numba's simulator, by the kernels' Python: far too slow for laws."""

    name = "refinit:counter@cuda-sim"
    budgets = (TINY,)
    # A matrix takes it ten seconds: one type for each that they are computed in.
    functions = {  # noqa: RUF012 - nobody changes it
        **COUNTER_FUNCTIONS,
        "orthogonal_": replace(COUNTER_FUNCTIONS["orthogonal_"], dtypes=("bfloat16", "float64")),
    }

    def device(self, size: int) -> HostDevice:  # noqa: ARG002 - all alike
        """One that simulates."""
        return SimDevice()
