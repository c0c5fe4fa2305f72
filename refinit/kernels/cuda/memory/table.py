"""The kernels that draw nothing, and the types of their arguments."""

from collections.abc import Iterator

from ..table import Kernel, declare

_CONSTANT, _DIAGONAL = f"{__package__}.constant", f"{__package__}.diagonal"


def _kernels() -> Iterator[Kernel]:
    yield Kernel("wide_constant", _CONSTANT, ("u64", "u64", "u64", "u32", "u32", ("u32", 4)))
    for bits in (8, 16, 32, 64):
        word = "u64" if bits == 64 else "u32"
        each = ("u64", "u32", ("u32", 3), ("u64", 4), (word, 2))
        diagonal = ("u64", "u32", "u64", "u64", "u32", "u32", "u64", "u64", word)
        yield Kernel(f"each_constant_{bits}", _CONSTANT, each)
        yield Kernel(f"diagonal_{bits}", _DIAGONAL, diagonal)


KERNELS = declare(*_kernels())
