"""The kernels of torch's CUDA stream, and the types of their arguments."""

from collections.abc import Iterator

from .....kernels.cuda.table import KEYS, Argument, Kernel, declare
from .....kernels.table import FLOATS

#: How many parameters a law has.
_PARAMETERS = {"uniform": 4, "normal": 2}


def _kernels() -> Iterator[Kernel]:
    memory: tuple[Argument, ...] = ("u64", "u64", "u64", "u64", "u64", ("u32", 3), ("u64", 4))
    for name in FLOATS:
        real = "f64" if name == "float64" else "f32"
        for law, count in _PARAMETERS.items():
            arguments = (*memory, KEYS, (real, count))
            for kind in ("dense", "strided"):
                yield Kernel(f"torch_{law}_{kind}_{name}", f"{__package__}.elementwise", arguments)


KERNELS = declare(*_kernels())
