"""The hashes of torch's streams: ``python -m tests.tables.streams`` writes tests/data/streams.json anew from torch.

It does so on a reference machine only: torch 2.13 on x86-64 Linux with AVX2.

A change of these hashes is a change of promise: it goes with an entry under "Streams" in CHANGELOG.md.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import refinit
from tests.paths import DATA
from tests.tables.cases import CALLS, Call
from tests.tables.places import Place, contiguous, memory, permuted, tensor_at
from verify.subjects.environment import environment

FILE = DATA / "streams.json"
SIZES = (1, 15, 16, 33, 625, 5000)
LAYOUTS = (
    Place("step", (100,), (3,), 2),
    permuted((40, 50), (1, 0), offset=1),
    Place("step-both", (20, 17), (111, 3), 7),
    Place("channels-last", (4, 3, 5, 6), (90, 1, 18, 3), 2),
)
FIXED_DTYPES = ("bfloat16", "float32", "complex64", "int8", "bool")
STRUCTURED = (
    Call("sparse_", {"sparsity": 0.9}, ndims=(2,)),
    Call("sparse_", {"sparsity": 0.1, "std": 0.5}, ndims=(2,)),
    Call("eye_", dtypes=FIXED_DTYPES, ndims=(2,), random=False),
    Call("dirac_", dtypes=FIXED_DTYPES, ndims=(4,), random=False),
    Call("dirac_", {"groups": 2}, dtypes=FIXED_DTYPES, ndims=(4,), random=False),
    Call("orthogonal_", dtypes=("float32", "float64"), ndims=(2, 3, 4, 5)),
)
STREAM_CALLS = (*CALLS, *STRUCTURED)


def places(call: Call) -> Iterator[Place]:
    """The layouts of this call: sizes in C order, then strided ones."""
    if 1 in call.ndims or 3 in call.ndims:
        yield from (contiguous(*call.shape(size)) for size in SIZES)
    elif 2 in call.ndims:
        yield contiguous(30, 11)
    else:
        yield contiguous(6, 4, 3, 2)
    for place in LAYOUTS:
        if len(place.shape) in call.ndims and not (call.function == "orthogonal_" and len(place.shape) > 2):
            yield place


def dtypes(call: Call) -> tuple[str, ...]:
    """All that the call takes; for the fixed laws a few."""
    return call.dtypes if call.random else tuple(d for d in FIXED_DTYPES if d in call.dtypes)


def drawn(generator: Any, count: int = 5) -> bytes:
    """The generator's next uniforms."""
    return refinit.uniform_(np.empty(count, np.float32), generator=generator).tobytes()


def digest(call: Call, buffer: bytearray, state: bytes) -> str:
    """Of the whole buffer and the generator's state; of orthogonal_'s state alone, as its values are no bits."""
    values = b"" if call.function == "orthogonal_" else bytes(buffer)
    return hashlib.sha256(values + state).hexdigest()


def seed_of(place: Place) -> int:
    """A seed that is no other layout's, as far as that matters."""
    return 1000 * len(place.shape) + sum(place.shape)


def torch_digest(call: Call, place: Place, dtype: str) -> str:
    """Torch's hash of one case; sparse_ draws its permutations from the generator."""
    import torch

    from tests.tables.references.twins import torch_sparse_

    buffer, generator = memory(place, dtype), torch.Generator().manual_seed(seed_of(place))
    module: Any = SimpleNamespace(sparse_=torch_sparse_) if call.function == "sparse_" else torch.nn.init
    call.on(module, tensor_at(buffer, place, dtype), generator)
    return digest(call, buffer, bytes(generator.get_state().numpy()))


def table() -> dict[str, Any]:
    """Call -> dtype -> layout -> hash, with what made it."""
    here = environment()
    reference = f"torch {here.torch}, {here.machine}, {here.capability}"
    streams = {
        str(call): {d: {str(p): torch_digest(call, p, d) for p in places(call)} for d in dtypes(call)}
        for call in STREAM_CALLS
    }
    write = "python -m tests.tables.streams"
    return {"reference": reference, "libc": here.libc, "write": write, "streams": streams}


def rewrite(file: Path, new: dict[str, Any]) -> None:
    """Write a table of hashes and say what changed."""
    old = json.loads(file.read_text())["streams"] if file.exists() else {}
    file.write_text(json.dumps(new, indent=1) + "\n")
    changed = [name for name, hashes in new["streams"].items() if old.get(name) != hashes]
    print(f"{file}: {len(new['streams'])} calls, {len(changed)} of them new or changed", *changed, sep="\n  ")


def main() -> int:
    """Write the file and say what changed."""
    here = environment()
    if why := here.doubts or here.libm_doubts:
        raise SystemExit(f"the hashes must come from a reference machine, this is none: {'; '.join(why)}")
    rewrite(FILE, table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
