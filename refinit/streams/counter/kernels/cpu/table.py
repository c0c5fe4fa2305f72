"""The counter stream's loops, and their C signatures."""

from collections.abc import Iterator

from .....kernels.cpu.table import MEMORY, REAL, Kernel, declare
from .....kernels.table import FLOATS
from ...math.regimes import BY_POSITION, COUNTS

_ELEMENTWISE, _SPARSE = f"{__package__}.elementwise", f"{__package__}.sparse"


def _kernels() -> Iterator[Kernel]:
    for name in FLOATS:
        arguments = ("u64*", MEMORY[name], "i64", "i64*", f"{REAL[name]}*")
        for law in BY_POSITION:
            yield Kernel(f"counter_{law}_{name}", _ELEMENTWISE, arguments)
        for law in COUNTS:
            yield Kernel(f"counter_next_{law}_{name}", _ELEMENTWISE, arguments, "i64")
    for name in ("float32", "float64"):
        yield Kernel(f"counter_normal_rows_{name}", _ELEMENTWISE, ("u64*", MEMORY[name], *["i64"] * 5))
    for bits in (8, 16, 32, 64):
        panels = ("u64*", "u8*", *["i64"] * 11, "u8*", "u64*")
        yield Kernel(f"counter_sparse_{bits}", _SPARSE, panels)


KERNELS = declare(*_kernels())
