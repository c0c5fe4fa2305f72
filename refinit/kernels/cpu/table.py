"""Every CPU kernel and its C signature; plain Python, so that a warm process needs no numba."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

from ...streams.counter.math.regimes import COUNTS, HEADS

ELEMENTS = ("float32", "float64", "float16", "bfloat16")
#: What the counter stream draws element by element: two laws, and the regimes of the truncated normal.
BY_PLACE = (*COUNTS, *HEADS)
#: An element as it lies in memory, and the type its arithmetic is done in.
_MEMORY = {"float32": "f32*", "float64": "f64*", "float16": "u16*", "bfloat16": "u16*"}
_REAL = {"float32": "f32", "float64": "f64", "float16": "f32", "bfloat16": "f32"}

_RESULTS: dict[str, Any] = {"void": None, "i64": ctypes.c_int64}
#: Pointers and integers both go as c_void_p: the same register, and ctypes converts it in half the time.
_ARGUMENTS: dict[str, Any] = {"f32": ctypes.c_float, "f64": ctypes.c_double}


@dataclass(frozen=True)
class Kernel:
    """``module`` of refinit that defines it; C argument types, ``*`` for a pointer; C result or "void"."""

    name: str
    module: str
    arguments: tuple[str, ...]
    result: str = "void"

    def ctype(self, *, releases_gil: bool = True) -> type[Any]:
        """The ctypes prototype."""
        prototype = ctypes.CFUNCTYPE if releases_gil else ctypes.PYFUNCTYPE
        arguments = [_ARGUMENTS.get(argument, ctypes.c_void_p) for argument in self.arguments]
        return prototype(_RESULTS[self.result], *arguments)


_TORCH_CPU, _MEMORY_LOOPS = "streams.torch_cpu.kernels", "kernels.cpu.memory"
_WORDS, _UNIFORM, _NORMAL = (f"{_TORCH_CPU}.{name}" for name in ("words", "uniform", "normal"))
_REDRAWS, _PROPOSALS = f"{_TORCH_CPU}.truncated_redraws", f"{_TORCH_CPU}.truncated_proposals"
_SPARSE, _TORCH_CUDA = f"{_TORCH_CPU}.sparse", "streams.torch_cuda.kernels.cpu"
_COUNTER, _COUNTER_SPARSE = (f"streams.counter.kernels.cpu.{name}" for name in ("elementwise", "sparse"))
_CONSTANT, _STRIDED, _TRANSPOSED = (
    f"{_MEMORY_LOOPS}.{name}" for name in ("constant", "strided", "transposed")
)


def _kernels() -> list[Kernel]:
    kernels = [
        Kernel("seed_key", _WORDS, ("u32*", "u64")),
        Kernel("advance", _WORDS, ("u32*", "i64")),
        Kernel("constant", _CONSTANT, ("u64*", "i64", "u64*", "i64")),
        Kernel("snapshot", _WORDS, ("u32*", "u32*", "i64")),
    ]
    for name in ELEMENTS:
        memory, real = _MEMORY[name], _REAL[name]
        law, bounds = (real, real), (real, real)
        kernels += [
            Kernel(f"uniform_{name}", _UNIFORM, ("u32*", memory, "i64", *bounds)),
            Kernel(f"normal_{name}", _NORMAL, ("u32*", memory, "i64", *law)),
            Kernel(f"normal_serial_{name}", _NORMAL, ("u32*", "f64*", memory, "i64", "f64", "f64")),
            Kernel(f"truncated_mark_{name}", _REDRAWS, (memory, "i64", *bounds, "u16*"), "i64"),
            Kernel(
                f"truncated_serial_again_{name}",
                _REDRAWS,
                ("u32*", "f64*", memory, "i64", "f64", "f64", *bounds, "u16*"),
                "i64",
            ),
        ]
        call = ("u64", "u64", "i64", memory, "i64", "i64", *law)
        kernels += [Kernel(f"torch_cuda_{kind}_{name}", _TORCH_CUDA, call) for kind in ("uniform", "normal")]
        by_place = ("u64*", memory, "i64", "i64*", f"{real}*")
        kernels += [Kernel(f"counter_{kind}_{name}", _COUNTER, by_place, "i64") for kind in BY_PLACE]
        for step in ("first", "again"):
            redraw = ("u32*", memory, "i64", *law, *bounds, "u16*")
            propose = ("u32*", "u32*", memory, "i64", *bounds, *law, real, "u16*")
            kernels.append(Kernel(f"truncated_{step}_{name}", _REDRAWS, redraw, "i64"))
            kernels.append(Kernel(f"rejected_{step}_{name}", _PROPOSALS, propose, "i64"))
    for name in ("float32", "float64"):
        memory = _MEMORY[name]
        matrices = (memory, memory, "i64", "i64", memory)
        rows = ("u64*", memory, *["i64"] * 5)
        kernels.append(Kernel(f"counter_normal_rows_{name}", _COUNTER, rows))
        kernels.append(Kernel(f"scaled_transpose_{name}", _TRANSPOSED, matrices))
    for bits in (8, 16, 32, 64):
        columns = ("u32*", f"u{bits}*", *["i64"] * 6, "u32*", "u32*", "u32*", "f64*")
        strided = (f"u{bits}*", "u8*", "i64", "i64*", "i64*", "i64", "i64")
        panels = ("u64*", "u8*", *["i64"] * 11, "u8*", "u64*")
        kernels.append(Kernel(f"sparse_{bits}", _SPARSE, columns))
        kernels.append(Kernel(f"counter_sparse_{bits}", _COUNTER_SPARSE, panels))
        kernels.append(Kernel(f"scatter_{bits}", _STRIDED, strided))
        kernels.append(Kernel(f"gather_{bits}", _STRIDED, strided))
        kernels.append(Kernel(f"turn_{bits}", _STRIDED, (f"u{bits}*", "u8*", *["i64"] * 4)))
    return kernels


KERNELS: dict[str, Kernel] = {kernel.name: kernel for kernel in _kernels()}
