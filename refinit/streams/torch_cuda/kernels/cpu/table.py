"""The loops that replay torch's CUDA stream on a CPU, and their C signatures."""

from collections.abc import Iterator

from .....kernels.cpu.table import MEMORY, REAL, Kernel, declare
from .....kernels.table import FLOATS


def _kernels() -> Iterator[Kernel]:
    for name in FLOATS:
        arguments = ("u64", "u64", "i64", MEMORY[name], "i64", "i64", REAL[name], REAL[name])
        for law in ("uniform", "normal"):
            yield Kernel(f"torch_cuda_{law}_{name}", f"{__package__}.elementwise", arguments)


KERNELS = declare(*_kernels())
