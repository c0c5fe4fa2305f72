"""The counter stream's CUDA kernels, the types of their arguments, and what they share with who launches them."""

from collections.abc import Iterator

from .....kernels.cuda.table import KEYS, Argument, Kernel, declare
from .....kernels.table import FLOATS
from ...math.regimes import BY_POSITION, COEFFICIENTS, COUNTS, FITTED, HEADS

#: Elements of a tile, and lanes of it that a thread of a ``wide`` kernel takes, so that it stores sixteen bytes.
TILES = {"float32": (64, 4), "float64": (32, 4), "float16": (64, 8), "bfloat16": (64, 8)}
#: Reflectors applied at a time, and the side of what a block of threads computes of a product; terms at a time.
SIDE, TERMS = 64, 16
#: Columns that a block solves for: two squares of that side are all the shared memory that every device has.
COLUMNS_SOLVED = {"float32": 64, "float64": 32}

_ELEMENTWISE, _SPARSE, _REFLECTORS, _SCALED = (
    f"{__package__}.{name}" for name in ("elementwise", "sparse", "reflectors", "scaled")
)
#: Memory through up to four axes: where, (what stands there,) how many, lengths, strides, steps.
_WALK: tuple[Argument, ...] = ("u64", "u64", "u32", ("u32", 3), ("u64", 4), ("u64", 4))


def _parameters(law: str, name: str) -> tuple[str, int]:
    """The parameters of a law by position."""
    real, bits = ("f64", 64) if name == "float64" else ("f32", 32)
    if law in COUNTS:
        return real, COUNTS[law]
    return real, HEADS[law] + (COEFFICIENTS[bits] if law in FITTED else 0)


def _by_position() -> Iterator[Kernel]:
    for law in BY_POSITION:
        for name in FLOATS:
            numbers = ("u64", KEYS, _parameters(law, name))
            yield Kernel(f"wide_{law}_{name}", _ELEMENTWISE, (*["u64"] * 5, *numbers))
            yield Kernel(f"each_{law}_{name}", _ELEMENTWISE, (*_WALK, *numbers))


def _sparse() -> Iterator[Kernel]:
    pair = ("u64", 2)
    draw = ("u32", "u64", pair, "u64", "u64", "u32", "u64", KEYS)
    clear = ("u32", "u32", "u32", "u64", pair, "u32", "u64", pair, pair, "u32", "u64", "u32", "u64", KEYS)
    yield Kernel("draw_subset", _SPARSE, draw)
    for bits in (16, 32, 64):
        yield Kernel(f"clear_subset_{bits}", _SPARSE, clear)


def _reflectors() -> Iterator[Kernel]:
    matrix = ("u64", "u64")  # an address and a pitch
    for name, columns in COLUMNS_SOLVED.items():
        heads = (*matrix, "u64", "u64", "u64", "u64", *matrix)
        products = (*matrix, *matrix, "u64", "u64", "u64", "u64", "u64")
        update = (*matrix, *matrix, *matrix, "u64")
        yield Kernel(f"reflector_heads_{name}", _REFLECTORS, heads)
        yield Kernel(f"reflector_products_{name}", _REFLECTORS, products, SIDE)
        yield Kernel(f"reflector_sums_{name}", _REFLECTORS, ("u64", "u64", "u32"))
        yield Kernel(f"reflector_solve_{name}", _REFLECTORS, (*matrix, "u64"), columns)
        yield Kernel(f"reflector_update_{name}", _REFLECTORS, update, SIDE)
    for name in FLOATS:
        gain = "f64" if name == "float64" else "f32"
        yield Kernel(f"each_scaled_{name}", _SCALED, (*_WALK, gain))


KERNELS = declare(*_by_position(), *_sparse(), *_reflectors())
