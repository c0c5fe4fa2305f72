"""The proofs of the CUDA kernels by rung: the table of cuda.md, generated from the checks that have run.

python -m docs.rungs                   write the table of docs/cuda.md from docs/rungs.json (make readme)
python -m docs.rungs PROOFS            compare the proofs of tests/cuda with docs/rungs.json (make cuda-check)
python -m docs.rungs PROOFS --write    put it there, and write the table
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from refinit.float8 import FLOAT8
from refinit.initializers.registry import ALL, FLOATING, INITIALIZERS
from refinit.streams.all_kernels import CUDA_KERNELS

from .readme import markdown_table, with_block

FOLDER = Path(__file__).resolve().parent
PAGE, FILE = FOLDER / "cuda.md", FOLDER / "rungs.json"
#: The registry's name of a stream, and how the table calls a function on it.
STREAMS = {"counter": "", "torch_cuda": '`Generator("cuda")`: '}
#: Columns: a floating type each, and all others together; float8 is filled by the kernels of int8, with its bits.
OTHERS = tuple(name for name in ALL if name not in FLOATING and name not in FLOAT8)
COLUMNS = (*((name, (name,)) for name in FLOATING), ("integers, bool", OTHERS))
REFUSED = "refused"
#: Prefixes of kernels that the simulator does not prove, and why.
NOT_SIMULATED = {
    "torch_": "kernels of torch's CUDA stream are not simulated, because they pass float32 numbers from function to "
    "function, which the simulator makes float64",
}
Proofs = dict[str, Any]


def condensed(notes: Iterable[dict[str, Any]]) -> Proofs:
    """The notes of tests, sorted: kernels that were linted for every device, and simulated; kernels by function."""
    linted: dict[str, set[str]] = {}
    simulated: set[str] = set()
    executed: dict[str, dict[str, Any]] = {}
    for note in notes:
        if note["rung"] == "lint":
            linted.setdefault(note["kernel"], set()).add(note["device"])
        elif note["rung"] == "simulator":
            simulated.update(note["kernels"])
        else:
            name = f"{note.get('stream', 'counter')} {note['function']}"
            entry = executed.setdefault(name, {}).setdefault(note["dtype"], {"kernels": [], "exact": True})
            entry["kernels"] = sorted({*entry["kernels"], *note["kernels"]})
            entry["exact"] &= note.get("exact", True)
    devices = set().union(*linted.values())
    return {
        "devices": sorted(devices, key=lambda name: int(name.removeprefix("sm_"))),
        "linted": sorted(name for name, architectures in linted.items() if architectures == devices),
        "simulated": sorted(simulated),
        "executed": {name: dict(sorted(dtypes.items())) for name, dtypes in sorted(executed.items())},
    }


def gaps(proofs: Proofs) -> list[str]:
    """Kernels that a rung is missing for, and functions that were not executed for a dtype which they fill."""
    executed = {
        kernel
        for dtypes in proofs["executed"].values()
        for entry in dtypes.values()
        for kernel in entry["kernels"]
    }
    not_simulated = [name for name in CUDA_KERNELS if name.startswith(tuple(NOT_SIMULATED))]
    rungs = {
        "linted for every device": proofs["linted"],
        "executed": executed,
        "simulated": {*proofs["simulated"], *not_simulated},
    }
    missing = [
        f"{name} was not {rung}"
        for rung, names in rungs.items()
        for name in CUDA_KERNELS
        if name not in names
    ]
    for stream, name, dtypes in _rows():
        entries = proofs["executed"].get(f"{stream} {name}", {})
        missing += [
            f"{stream} {name} was not executed for {dtype}" for dtype in dtypes if dtype not in entries
        ]
    return missing


def _rows() -> Iterable[tuple[str, str, tuple[str, ...]]]:
    """Stream, function, and the types it fills there; what draws nothing stands in one row."""
    for stream in STREAMS:
        for name, entry in INITIALIZERS.items():
            if stream == "counter" or (entry.random and entry.dtypes[stream]):
                yield stream, name, tuple(dtype for dtype in entry.dtypes[stream] if dtype not in FLOAT8)


def cell(proofs: Proofs, stream: str, name: str, dtypes: tuple[str, ...], filled: tuple[str, ...]) -> str:
    """The rungs that hold for every one of these types which the function fills, none if one was not executed."""
    if not (column := [dtype for dtype in dtypes if dtype in filled]):
        return REFUSED
    executed = proofs["executed"].get(f"{stream} {name}", {})
    if not executed.keys() >= set(column):
        return ""
    entries = [executed[dtype] for dtype in column]
    kernels = {kernel for entry in entries for kernel in entry["kernels"]}
    near = "" if all(entry["exact"] for entry in entries) else "≈"
    letters = {
        "L": kernels <= {*proofs["linted"]},
        f"P{near}": True,
        f"S{near}": kernels <= {*proofs["simulated"]},
    }
    return " ".join(letter for letter, holds in letters.items() if holds)


def table(proofs: Proofs) -> str:
    """The table, and what its letters mean."""
    rows = [
        [f"{STREAMS[stream]}`{name}`", *(cell(proofs, stream, name, dtypes, filled) for _, dtypes in COLUMNS)]
        for stream, name, filled in _rows()
    ]
    excuses = "".join(f"\nWithout S: {why}.\n" for why in NOT_SIMULATED.values())
    return markdown_table(["function", *(title for title, _ in COLUMNS)], rows) + excuses


def write(proofs: Proofs) -> None:
    """Put the table into cuda.md."""
    PAGE.write_text(with_block(PAGE.read_text(), "rungs", table(proofs)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare; 1 if anything differs or is missing."""
    parser = argparse.ArgumentParser(prog="python -m docs.rungs", description=__doc__.partition("\n")[0])
    parser.add_argument("proofs", nargs="?", type=Path, help="what `pytest tests/cuda --proofs FILE` wrote")
    parser.add_argument("--write", action="store_true", help="renew docs/rungs.json and the table")
    options = parser.parse_args(arguments)
    committed = json.loads(FILE.read_text()) if FILE.exists() else {}
    if options.proofs is None:
        write(committed)
        return 0
    proven = condensed(json.loads(options.proofs.read_text()))
    if missing := gaps(proven):
        print(*missing, sep="\n", file=sys.stderr)
        return 1
    if options.write:
        FILE.write_text(json.dumps(proven, indent=1) + "\n")
        write(proven)
    elif proven != committed:
        print("docs/rungs.json is not what was proven: python -m docs.rungs PROOFS --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
