"""What can be told of the CUDA kernels' speed without a GPU: registers, and instructions per sixteen bytes stored.

    python -m benchmarks.static_figures    write static_figures.json anew (in .venv-cuda)

tests/cuda/test_compiled_kernels.py compares the file with the pinned compiler's code, to the last instruction.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from multiprocessing import Pool
from pathlib import Path

from verify.cuda.kernels import CAPABILITIES, Capability, Examined, compiled, examined, named

FILE = Path(__file__).parent / "static_figures.json"
#: "registers", and "issue_slots" where a thread stores sixteen bytes at once, by kernel and device.
Figures = dict[str, dict[str, dict[str, float]]]


def of(found: Examined) -> dict[str, float]:
    """The figures of one kernel on one device."""
    slots = {} if found.issue_slots is None else {"issue_slots": found.issue_slots}
    return {"registers": found.registers, **slots}


def committed() -> Figures:
    """The file."""
    figures: Figures = json.loads(FILE.read_text())
    return figures


def measured() -> Figures:
    """Every kernel's figures."""
    from refinit.streams.all_kernels import CUDA_KERNELS

    places = [(name, capability) for name in CUDA_KERNELS for capability in CAPABILITIES]
    found: Figures = {name: {} for name in CUDA_KERNELS}
    with Pool() as pool:
        for (name, capability), figures in zip(places, pool.imap(_figures, places), strict=True):
            found[name][named(capability)] = figures
    return found


def _figures(place: tuple[str, Capability]) -> dict[str, float]:
    return of(examined(compiled(*place)))


def written(figures: Figures) -> str:
    """A line for each kernel."""
    lines = (f' "{name}": {json.dumps(devices)}' for name, devices in figures.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file and say what changed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.static_figures", description=__doc__.partition("\n")[0]
    )
    parser.parse_args(arguments)
    old, new = committed() if FILE.exists() else {}, measured()
    FILE.write_text(written(new))
    for name in {**old, **new}:
        for device in sorted({*old.get(name, {}), *new.get(name, {})}):
            before, after = old.get(name, {}).get(device), new.get(name, {}).get(device)
            if before != after:
                print(f"{name} {device}: {before} -> {after}")


if __name__ == "__main__":
    main()
