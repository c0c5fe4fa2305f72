"""Every CUDA kernel and the types of its arguments; plain Python, so that a warm process needs no numba."""

from __future__ import annotations

from dataclasses import dataclass

from ...streams.counter.math.regimes import COEFFICIENTS, COUNTS, FITTED, HEADS
from ..cpu.table import BY_PLACE, ELEMENTS

#: "u64" and so on, or that many of it in a tuple, which become parameters of their own.
Argument = str | tuple[str, int]

#: Elements of a tile, and lanes of it that a thread of a ``wide`` kernel takes, so that it stores sixteen bytes.
TILES = {"float32": (64, 4), "float64": (32, 4), "float16": (64, 8), "bfloat16": (64, 8)}
#: Reflectors applied at a time, and the side of what a block of threads computes of a product; terms at a time.
SIDE, TERMS = 64, 16
#: Columns that a block solves for: two squares of that side are all the shared memory that every device has.
COLUMNS_SOLVED = {"float32": 64, "float64": 32}
#: The round keys of Philox (``kernels/math/philox.py``).
KEYS = ("u32", 20)


@dataclass(frozen=True)
class Kernel:
    """``module`` of refinit that defines it, the types of its arguments, and the threads of its blocks."""

    name: str
    module: str
    arguments: tuple[Argument, ...]
    block: int = 256


def numbers(kind: str, element: str) -> tuple[str, int]:
    """The parameters of a law by position."""
    real, bits = ("f64", 64) if element == "float64" else ("f32", 32)
    if kind in COUNTS:
        return real, COUNTS[kind]
    return real, HEADS[kind] + (COEFFICIENTS[bits] if kind in FITTED else 0)


def _by_position() -> list[Kernel]:
    kernels = []
    for kind in BY_PLACE:
        for element in ELEMENTS:
            law = ("u64", KEYS, numbers(kind, element))
            wide = ("u64",) * 5
            each = ("u64", "u64", "u32", ("u32", 3), ("u64", 4), ("u64", 4))
            kernels.append(
                Kernel(f"wide_{kind}_{element}", "streams.counter.kernels.cuda.elementwise", (*wide, *law))
            )
            kernels.append(
                Kernel(f"each_{kind}_{element}", "streams.counter.kernels.cuda.elementwise", (*each, *law))
            )
    return kernels


def _fixed() -> list[Kernel]:
    kernels = [Kernel("wide_constant", "kernels.cuda.fixed", ("u64", "u64", "u64", "u32", "u32", ("u32", 4)))]
    for bits in (8, 16, 32, 64):
        word = "u64" if bits == 64 else "u32"
        each = ("u64", "u32", ("u32", 3), ("u64", 4), (word, 2))
        diagonal = ("u64", "u32", "u64", "u64", "u32", "u32", "u64", "u64", word)
        kernels.append(Kernel(f"each_constant_{bits}", "kernels.cuda.fixed", each))
        kernels.append(Kernel(f"diagonal_{bits}", "kernels.cuda.fixed", diagonal))
    return kernels


def _sparse() -> list[Kernel]:
    pair = ("u64", 2)
    draw = ("u32", "u64", pair, "u64", "u64", "u32", "u64", KEYS)
    clear = ("u32", "u32", "u32", "u64", pair, "u32", "u64", pair, pair, "u32", "u64", "u32", "u64", KEYS)
    clearing = (
        Kernel(f"clear_subset_{bits}", "streams.counter.kernels.cuda.sparse", clear) for bits in (16, 32, 64)
    )
    return [Kernel("draw_subset", "streams.counter.kernels.cuda.sparse", draw), *clearing]


def _torch_stream() -> list[Kernel]:
    kernels = []
    for element in ELEMENTS:
        place: tuple[Argument, ...] = ("u64", "u64", "u64", "u64", "u64", ("u32", 3), ("u64", 4), KEYS)
        for law in ("uniform", "normal"):
            arguments = (*place, numbers(law, element))
            kernels += [
                Kernel(f"torch_{law}_{kind}_{element}", "streams.torch_cuda.kernels.cuda", arguments)
                for kind in ("dense", "strided")
            ]
    return kernels


def _reflectors() -> list[Kernel]:
    kernels = []
    for name, columns in COLUMNS_SOLVED.items():
        matrix = ("u64", "u64")
        heads = (*matrix, "u64", "u64", "u64", "u64", *matrix)
        products = (*matrix, *matrix, "u64", "u64", "u64", "u64", "u64")
        kernels += [
            Kernel(f"reflector_heads_{name}", "streams.counter.kernels.cuda.reflectors", heads),
            Kernel(f"reflector_products_{name}", "streams.counter.kernels.cuda.reflectors", products, SIDE),
            Kernel(
                f"reflector_sums_{name}", "streams.counter.kernels.cuda.reflectors", ("u64", "u64", "u32")
            ),
            Kernel(
                f"reflector_solve_{name}",
                "streams.counter.kernels.cuda.reflectors",
                (*matrix, "u64"),
                columns,
            ),
            Kernel(
                f"reflector_update_{name}",
                "streams.counter.kernels.cuda.reflectors",
                (*matrix, *matrix, *matrix, "u64"),
                SIDE,
            ),
        ]
    for name in ELEMENTS:
        walk = ("u64", "u64", "u32", ("u32", 3), ("u64", 4), ("u64", 4))
        gain = "f64" if name == "float64" else "f32"
        kernels.append(
            Kernel(f"each_scaled_{name}", "streams.counter.kernels.cuda.reflectors", (*walk, gain))
        )
    return kernels


KERNELS: dict[str, Kernel] = {
    kernel.name: kernel
    for kernel in (*_by_position(), *_torch_stream(), *_fixed(), *_sparse(), *_reflectors())
}
