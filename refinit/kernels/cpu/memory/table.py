"""The loops that draw nothing, and their C signatures."""

from collections.abc import Iterator

from ..table import MEMORY, Kernel, declare

_CONSTANT, _REPEATED, _STRIDED, _TRANSPOSED = (
    f"{__package__}.{name}" for name in ("constant", "repeated", "strided", "transposed")
)


def _kernels() -> Iterator[Kernel]:
    yield Kernel("constant", _CONSTANT, ("u64*", "i64", "u64*", "i64"))
    for name in ("float32", "float64"):
        memory = MEMORY[name]
        yield Kernel(f"scaled_transpose_{name}", _TRANSPOSED, (memory, memory, "i64", "i64", memory))
    for bits in (8, 16, 32, 64):
        yield Kernel(f"repeated_{bits}", _REPEATED, (f"u{bits}*", "i64", "u64"))
        runs = (f"u{bits}*", "u8*", "i64", "i64*", "i64*", "i64", "i64")
        yield Kernel(f"scatter_{bits}", _STRIDED, runs)
        yield Kernel(f"gather_{bits}", _STRIDED, runs)
        yield Kernel(f"transpose_{bits}", _STRIDED, (f"u{bits}*", "u8*", *["i64"] * 4))


KERNELS = declare(*_kernels())
