"""Calls of the counter stream, hashed: ``python -m tests.tables.counter_streams`` writes tests/data/counter.json anew.

The stream is fixed for good: a hash that changes is a broken promise, or goes with an entry under "Streams" in
CHANGELOG.md.  New calls and dtypes only add to the file.
"""

import hashlib
import math
import sys
from typing import Any

import numpy as np

import refinit
from refinit.streams.counter.host.orthogonal import _normals
from tests.paths import DATA
from tests.tables.cases import NARROW_TRUNCATION, NORMAL, REALS, SCALED, UNIFORM, WIDE_TRUNCATION, Call
from tests.tables.places import dtype_of
from tests.tables.streams import rewrite

FILE = DATA / "counter.json"
SPARSE = (
    Call("sparse_", {"sparsity": 0.9}, ndims=(2,)),
    Call("sparse_", {"sparsity": 0.3, "std": 0.5}, ndims=(2,)),
    Call("sparse_", {"sparsity": 0.5, "std": 1.0}, ndims=(2,)),
)
#: What torch's stream has no algorithm for: far tails, one-sided or not, and slivers.
FAR_TRUNCATION = (
    Call("trunc_normal_", {"mean": 0.0, "std": 1.0, "a": 30.0, "b": math.inf}, dtypes=REALS),
    Call("trunc_normal_", {"mean": 0.0, "std": 1.0, "a": -math.inf, "b": -8.0}, dtypes=REALS),
    Call("trunc_normal_", {"mean": 0.0, "std": 1.0, "a": -math.inf, "b": math.inf}, dtypes=REALS),
    Call("trunc_normal_", {"mean": 0.0, "std": 1.0, "a": 1.0, "b": 1.0 + 1e-10}, dtypes=REALS),
)
ORTHOGONAL = (
    Call("orthogonal_", dtypes=REALS, ndims=(2, 3, 4, 5)),
    Call("orthogonal_", {"gain": 0.7}, dtypes=REALS, ndims=(2, 3, 4, 5)),
)
TRUNCATION = (*WIDE_TRUNCATION, *NARROW_TRUNCATION, *FAR_TRUNCATION)
#: All whose bits are fixed for good; the elementwise ones draw each element from one place of the stream.
ELEMENTWISE = (*UNIFORM, *NORMAL, *SCALED, *TRUNCATION)
FROZEN = (*ELEMENTWISE, *SPARSE)
RANDOM = (*FROZEN, *ORTHOGONAL)
# One of each path, where time allows no more.
PATHS = (
    UNIFORM[1],
    NORMAL[1],
    SCALED[0],
    SCALED[8],
    SPARSE[0],
    WIDE_TRUNCATION[1],
    NARROW_TRUNCATION[1],
    FAR_TRUNCATION[1],
    ORTHOGONAL[1],
)
SHAPES = {1: ((1,), (33,), (625,), (5000,)), 2: ((30, 11), (11, 130)), 4: ((6, 4, 3, 2),)}
KEYS = (0, 0xFEDCBA9876543210)
_FIRST = (Call("uniform_"), Call("normal_"))


def shapes(call: Call) -> list[tuple[int, ...]]:
    """A few that the call takes."""
    return [shape for ndim, some in SHAPES.items() if ndim in call.ndims for shape in some]


def filled(call: Call, shape: tuple[int, ...], dtype: str, generator: Any) -> np.ndarray[Any, Any]:
    """A new array in C order, filled."""
    array = np.empty(shape, dtype_of(dtype))
    call.on(refinit, array, generator)
    return array


def drawn(generator: Any, count: int = 5) -> bytes:
    """The generator's next normals."""
    return refinit.normal_(np.empty(count, np.float32), generator=generator).tobytes()


def at_fill(number: int, key: int = 0) -> refinit.CounterGenerator:
    """The generator of this key at this fill."""
    state = refinit.CounterGenerator(key).get_state()
    state[16:24] = np.frombuffer(number.to_bytes(8, "little"), np.uint8)
    return refinit.CounterGenerator(0).set_state(state)


def digest(call: Call, shape: tuple[int, ...], dtype: str) -> str:
    """Of two fills in a row and the generator's state behind them, for each key."""
    found = hashlib.sha256()
    for key in KEYS:
        generator = refinit.CounterGenerator(key)
        for _ in range(2):
            found.update(filled(call, shape, dtype, generator).tobytes())
        found.update(generator.get_state().tobytes())
    return found.hexdigest()


def orthogonal_normals(shape: tuple[int, int], dtype: str) -> str:
    """The hash of the matrix that orthogonal_ makes its reflectors of: no BLAS has rounded that."""
    tall, wide = sorted(shape, reverse=True), shape[0] < shape[1]
    out = np.empty(tall[::-1] if wide else tall, dtype)
    generator = refinit.CounterGenerator(KEYS[1])
    address = generator._engine.cursor()
    _normals(shape, address, np.dtype(dtype))(0, 0, *tall, out.T if wide else out)
    return hashlib.sha256(out.tobytes()).hexdigest()


def first_values(call: Call, dtype: str) -> list[str]:
    """The first of key 0, to be read by people."""
    return [str(value) for value in filled(call, (4,), dtype, refinit.CounterGenerator(0)).tolist()]


def table() -> dict[str, Any]:
    """Call -> dtype -> shape -> hash, and some first values."""
    return {
        "write": "python -m tests.tables.counter_streams",
        "first": {str(call): {d: first_values(call, d) for d in call.dtypes} for call in _FIRST},
        "orthogonal_normals": {
            d: {str(s): orthogonal_normals(s, d) for s in SHAPES[2]} for d in ("float32", "float64")
        },
        "streams": {
            str(call): {d: {str(s): digest(call, s, d) for s in shapes(call)} for d in call.dtypes}
            for call in FROZEN
        },
    }


def main() -> int:
    """Write the file and say what changed."""
    rewrite(FILE, table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
