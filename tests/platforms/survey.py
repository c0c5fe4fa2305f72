"""Constructors of ten packages recorded, and judged by constructions from a seed that neither record nor its check has.

``python -m tests.platforms.survey`` installs the packages into .venv-survey beside a CPU build of torch, tries each
constructor in a process that may be ended, and prints the table of docs/recordings.md. ``--to FILE`` keeps a line of
JSON for each model; what such a file has is not tried again.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tests.platforms.verdicts import LARGEST, verdict
from tests.tables.surveyed_models import PACKAGES, declared_operators

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-survey"
#: Beside a CPU build of torch, pinned, so that no package brings another one.
TORCH = (
    "torch==2.13.0",
    "numpy",
    "numba",
    "scipy",
    "ml_dtypes",
    "pillow",
    "transformers",
    "diffusers",
    "huggingface_hub",
)
REST = (
    "ftfy",
    "regex",
    "tqdm",
    "einops",
    "loguru",
    "packaging",
    "aiohttp",
    "requests",
    "jinja2",
    "psutil",
    "xxhash",
)
MORE = ("pyparsing", "einx", "hyper-connections", "torch-einops-utils", "safetensors", "pyyaml")
ALONE = (
    "torchvision==0.28.0",
    "timm",
    "segmentation_models_pytorch",
    "open_clip_torch",
    "vit-pytorch",
    "monai",
    "torch_geometric",
    "x-transformers",
)
SECONDS = 75
VERDICTS = ("exact", "inexact", "refused", "wrong")
COLUMNS = ("package", "tried", *VERDICTS, "farthest of inexact values", "not tried")


def work(package: str, largest: int) -> None:
    """Answers each name on stdin with a line of JSON."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    library = declared_operators()
    makers = dict(PACKAGES[package]())
    print(json.dumps([*makers]), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(verdict(makers[line.rstrip("\n")], largest)), file=answers, flush=True)
    del library  # whose end takes the operators away


class Worker:
    """A process that tries the constructors of one package."""

    def __init__(self, package: str, largest: int) -> None:
        command = [
            sys.executable,
            "-m",
            "tests.platforms.survey",
            "--worker",
            package,
            "--largest",
            str(largest),
        ]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.names = self.answer(SECONDS)

    def answer(self, seconds: float):
        """Its next line; None, if it ended or took too long."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            line = self.process.stdout.readline() if selector.select(seconds) else b""
        return json.loads(line) if line else None

    def tried(self, name: str) -> dict[str, object]:
        """The verdict on one constructor."""
        self.process.stdin.write(f"{name}\n".encode())
        self.process.stdin.flush()
        start = time.perf_counter()
        answer = self.answer(SECONDS)
        if answer is None:
            self.end()
            took = time.perf_counter() - start
            return {
                "verdict": "not constructible",
                "reason": f"the process ended, or was ended, after {took:.0f} s",
            }
        return answer

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def survey(package: str, results: dict[str, dict[str, object]], path: Path | None, largest: int) -> None:
    """Tries what ``results`` does not have, and adds it there and to the file."""
    worker = Worker(package, largest)
    for name in worker.names:
        key = f"{package} {name}"
        if key in results:
            continue
        if worker.process.poll() is not None:
            worker = Worker(package, largest)
        results[key] = worker.tried(name)
        print(key, results[key], flush=True)
        if path:
            with path.open("a") as file:
                print(json.dumps({"key": key, **results[key]}), file=file)
    worker.end()


def row(package: str, results: dict[str, dict[str, object]]) -> tuple[str, ...]:
    """A package's line of the table."""
    own = [result for key, result in results.items() if key.partition(" ")[0] == package]
    counts = Counter(result["verdict"] for result in own)
    tried = sum(counts[name] for name in VERDICTS)
    farthest = max((result.get("distance", 0.0) for result in own), default=0.0)
    figures = (str(tried), *(str(counts[name]) for name in VERDICTS), f"{farthest:.1g}" if farthest else "-")
    return (f"{package} {version(package)}", *figures, str(len(own) - tried))


def install() -> Path:
    """The environment's interpreter; the environment is made where there is none."""
    interpreter = FOLDER / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
    pip = [interpreter, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *TORCH, *REST, *MORE], check=True)
    subprocess.run([*pip, "--no-deps", *ALONE], check=True)
    return interpreter


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, then survey in the environment that has the packages; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.platforms.survey", description=__doc__)
    parser.add_argument("package", nargs="*", help=f"of {', '.join(PACKAGES)}; default: all")
    parser.add_argument("--to", type=Path, help="a file of results, which are added to")
    parser.add_argument(
        "--largest", type=int, default=LARGEST, help="elements of a model that is constructed"
    )
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        work(options.worker, options.largest)
        return 0
    packages = options.package or list(PACKAGES)
    if Path(sys.prefix) != FOLDER:
        given = sys.argv[1:] if arguments is None else list(arguments)
        command = [str(install()), "-m", "tests.platforms.survey", *given]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    lines = options.to.read_text().splitlines() if options.to and options.to.exists() else []
    results = {entry.pop("key"): entry for entry in map(json.loads, lines)}
    for package in packages:
        survey(package, results, options.to, options.largest)
    for line in (COLUMNS, ["---"] * len(COLUMNS), *(row(package, results) for package in packages)):
        print("| " + " | ".join(line) + " |")
    return int(any(result["verdict"] == "wrong" for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
