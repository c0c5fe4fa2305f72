"""Figures of the CUDA kernels' speed that need no GPU: registers, and instructions per sixteen bytes stored.

    python -m benchmarks.static_figures    write static_figures.json anew (in .venv-cuda)

tests/cuda/test_compiled_kernels.py compares the file with the pinned compiler's code, to the last instruction.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from multiprocessing import Pool
from pathlib import Path

from refinit.streams.all_kernels import CUDA_KERNELS
from verify.cuda.kernels import CAPABILITIES, Capability, Examined, architecture, compiled, examined

FILE = Path(__file__).parent / "static_figures.json"
#: "registers", and "issue_slots" where a thread stores sixteen bytes at once, by kernel and device.
Figures = dict[str, dict[str, dict[str, float]]]


def figures_of(kernel: Examined) -> dict[str, float]:
    """The figures of one kernel on one device."""
    slots = {} if kernel.issue_slots is None else {"issue_slots": kernel.issue_slots}
    return {"registers": kernel.registers, **slots}


def committed() -> Figures:
    """The file."""
    figures: Figures = json.loads(FILE.read_text())
    return figures


def measure() -> Figures:
    """Every kernel's figures."""
    builds = [(name, capability) for name in CUDA_KERNELS for capability in CAPABILITIES]
    measured: Figures = {name: {} for name in CUDA_KERNELS}
    with Pool() as pool:
        for (name, capability), figures in zip(builds, pool.imap(_compiled_figures, builds), strict=True):
            measured[name][architecture(capability)] = figures
    return measured


def _compiled_figures(build: tuple[str, Capability]) -> dict[str, float]:
    return figures_of(examined(compiled(*build)))


def json_text(figures: Figures) -> str:
    """The file's text: a line for each kernel."""
    lines = (f' "{name}": {json.dumps(devices)}' for name, devices in figures.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file and say what changed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.static_figures", description=__doc__.partition("\n")[0]
    )
    parser.parse_args(arguments)
    old, new = committed() if FILE.exists() else {}, measure()
    FILE.write_text(json_text(new))
    for name in {**old, **new}:
        for device in sorted({*old.get(name, {}), *new.get(name, {})}):
            before, after = old.get(name, {}).get(device), new.get(name, {}).get(device)
            if before != after:
                print(f"{name} {device}: {before} -> {after}")


if __name__ == "__main__":
    main()
