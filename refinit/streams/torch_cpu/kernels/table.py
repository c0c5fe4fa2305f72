"""The loops over torch's CPU stream, and their C signatures."""

from collections.abc import Iterator

from ....kernels.cpu.table import MEMORY, REAL, Kernel, declare
from ....kernels.table import FLOATS

_WORDS, _UNIFORM, _NORMAL, _SPARSE = (
    f"{__package__}.{name}" for name in ("words", "uniform", "normal", "sparse")
)
_STATE = f"{__package__}.torch_state"
_REDRAWS, _PROPOSALS = f"{__package__}.truncated_redraws", f"{__package__}.truncated_proposals"


def _words() -> Iterator[Kernel]:
    yield Kernel("seed_key", _WORDS, ("u32*", "u64"))
    yield Kernel("advance", _WORDS, ("u32*", "i64"))
    yield Kernel("take_torch_state", _STATE, ("u64*", "u32*"), "i64")
    yield Kernel("give_torch_state", _STATE, ("u64*", "u32*"))
    yield Kernel("snapshot", _WORDS, ("u32*", "u32*", "i64"))


def _elementwise(name: str) -> Iterator[Kernel]:
    memory, real = MEMORY[name], REAL[name]
    law, bounds, masks = (real, real), (real, real), "u16*"
    block, serial = ("u32*", memory, "i64"), ("u32*", "f64*", memory, "i64", "f64", "f64")
    yield Kernel(f"uniform_{name}", _UNIFORM, (*block, *bounds))
    yield Kernel(f"normal_{name}", _NORMAL, (*block, *law))
    yield Kernel(f"normal_few_{name}", _NORMAL, (*block, "f64", "f64"))
    yield Kernel(f"normal_serial_{name}", _NORMAL, serial)
    yield Kernel(f"torch_state_uniform_{name}", _STATE, ("u64*", memory, "i64", *bounds), "i64")
    yield Kernel(f"torch_state_normal_few_{name}", _STATE, ("u64*", memory, "i64", "f64", "f64"), "i64")
    yield Kernel(f"truncated_mark_{name}", _REDRAWS, (memory, "i64", *bounds, masks), "i64")
    yield Kernel(f"truncated_serial_again_{name}", _REDRAWS, (*serial, *bounds, masks), "i64")
    for step in ("first", "again"):
        propose = ("u32*", *block, *bounds, *law, real, masks)
        yield Kernel(f"truncated_{step}_{name}", _REDRAWS, (*block, *law, *bounds, masks), "i64")
        yield Kernel(f"rejected_{step}_{name}", _PROPOSALS, propose, "i64")


def _sparse() -> Iterator[Kernel]:
    for bits in (8, 16, 32, 64):
        columns = ("u32*", f"u{bits}*", *["i64"] * 6, "u32*", "u32*", "u32*", "f64*")
        yield Kernel(f"sparse_{bits}", _SPARSE, columns)


KERNELS = declare(*_words(), *(kernel for name in FLOATS for kernel in _elementwise(name)), *_sparse())
