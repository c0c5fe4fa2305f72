"""What a machine with an NVIDIA GPU shows: tests, verify and benchmarks run there, and a report of it to commit.

    make gpu    makes an environment, runs this, and writes a file into docs/gpu_reports, named for device and date

Only Python's own library is used, so that a machine without a GPU is told so before anything is installed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "gpu_reports"
_PROPERTIES = ("name", "driver_version", "compute_cap", "memory.total")
_PACKAGES = ("refinit", "numba-cuda", "numba", "torch", "cupy-cuda13x", "cupy-cuda12x", "numpy")
#: Lines of a step's output that the report shows: the last ones.
_MAX_LINES = 40
STEPS = {
    "tests": ("pytest", "tests/cuda", "-m", "gpu", "--require-gpu", "-n", "0"),
    "verify": ("verify", "--subject", "refinit:counter@cuda", "--budget", "quick"),
    "benchmarks": (
        *("asv", "--config", "benchmarks/asv.conf.json", "run", "--quick", "-E", "existing", "--show-stderr"),
        *("--bench", r"fills\..*'cuda'"),
    ),
}


@dataclass(frozen=True)
class Step:
    """A command that has run: its exit code, and the last lines of its output."""

    name: str
    command: str
    code: int
    output: str


def gpus() -> list[dict[str, str]]:
    """The properties of each GPU, by nvidia-smi.

    Raises
    ------
    RuntimeError
        If there is no driver, or no GPU.
    """
    command = ["nvidia-smi", f"--query-gpu={','.join(_PROPERTIES)}", "--format=csv,noheader"]
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        message = str(getattr(error, "stdout", "") or getattr(error, "stderr", "") or error).strip()
        raise RuntimeError(
            f"expected a machine with an NVIDIA GPU and its driver, but nvidia-smi does not run ({message}); "
            "without a GPU, `make cuda-check` shows what can be shown"
        ) from None
    devices = [
        dict(zip(_PROPERTIES, line.split(", "), strict=True)) for line in output.splitlines() if line.strip()
    ]
    if not devices:
        raise RuntimeError("expected a GPU, but nvidia-smi names none; see CUDA_VISIBLE_DEVICES")
    return devices


def run(name: str, arguments: Sequence[str]) -> Step:
    """Run a module with this interpreter, showing what it prints."""
    command = [sys.executable, "-m", *arguments]
    print(f"== {name}: {' '.join(command)}", flush=True)
    lines = []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return Step(name, f"python -m {' '.join(arguments)}", process.returncode, "".join(lines[-_MAX_LINES:]))


def report(devices: Sequence[dict[str, str]], steps: Sequence[Step], now: datetime) -> str:
    """The report's text."""
    machine = [f"* {name}: {value}" for device in devices for name, value in device.items()]
    git = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False)
    versions = [f"* {package} {number}" for package in _PACKAGES if (number := _version(package))]
    parts = [
        f"# {devices[0]['name']}, {now:%Y-%m-%d}",
        "",
        *machine,
        f"* commit: {commit.stdout.strip()}",
        *versions,
    ]
    for step in steps:
        verdict = "passed" if step.code == 0 else f"failed with exit code {step.code}"
        parts += [
            "",
            f"## {step.name}: {verdict}",
            "",
            f"`{step.command}`",
            "",
            "```text",
            step.output.rstrip(),
            "```",
        ]
    return "\n".join([*parts, ""])


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all steps and write the report; 1 if one failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu_report", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--check", action="store_true", help="only say whether there is a GPU")
    options = parser.parse_args(arguments)
    try:
        devices = gpus()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        print(*(", ".join(device.values()) for device in devices), sep="\n")
        return 0
    steps = [run(name, command) for name, command in STEPS.items()]
    now = datetime.now(tz=UTC)
    name = re.sub(r"\W+", "-", devices[0]["name"]).strip("-")
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}-{now:%Y-%m-%d}.md"
    path.write_text(report(devices, steps, now))
    print(f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}: please commit it")
    return int(any(step.code for step in steps))


if __name__ == "__main__":
    raise SystemExit(main())
