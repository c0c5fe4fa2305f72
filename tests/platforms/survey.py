"""Constructors of ten packages recorded, and judged by constructions from a seed that neither record nor its check has.

``python -m tests.platforms.survey`` installs the packages into .venv-survey beside a CPU build of torch, tries each
constructor in a process that may be ended, and prints the table of docs/recordings.md. ``--to FILE`` keeps a line of
JSON for each model; what such a file has is not tried again.
"""

from __future__ import annotations

import argparse
import json
import math
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
SEED = 20_261_201
LARGEST = 100_000_000
SECONDS = 75
VERDICTS = ("exact", "inexact", "refused", "wrong")
COLUMNS = ("package", "tried", *VERDICTS, "farthest of inexact values", "not tried")


def verdict(make, largest: int = LARGEST) -> dict[str, object]:
    """What comes of one constructor."""
    import refinit
    from refinit.models.record.checking import check

    try:
        recipe = refinit.record(make, check=False)
    except NotImplementedError as error:
        if "cannot record this constructor" not in str(error) and not constructs(make):
            return {"verdict": "not constructible", "reason": str(error)[:300]}
        return {"verdict": "refused", "reason": str(error)[:600]}
    except Exception as error:  # noqa: BLE001 - a library's own, unless it constructs
        reason = f"{type(error).__name__}: {error}"[:300]
        return {"verdict": "wrong" if constructs(make) else "not constructible", "reason": reason}
    elements = sum(math.prod(getattr(entry, "shape", ())) for entry in recipe.state.values())
    if elements > largest:
        return {"verdict": "too large", "reason": f"{elements} elements"}
    try:
        check(make, recipe)  # as record does
    except NotImplementedError as error:
        return {"verdict": "refused", "reason": str(error)[:600], "by": "check"}
    return {**judged(make, recipe), "steps": len(recipe.steps), "elements": elements}


def constructs(make) -> bool:
    """Whether the constructor succeeds by itself."""
    try:
        make()
    except Exception:  # noqa: BLE001 - a library's own
        return False
    return True


def judged(make, recipe) -> dict[str, object]:
    """One more construction, from another seed: the recipe says beforehand which names may differ."""
    import numpy as np
    import torch

    import refinit

    torch.manual_seed(SEED)
    state, moved = make().state_dict(), torch.get_rng_state().numpy()
    generator = refinit.Generator().manual_seed(SEED)
    weights = refinit.replay(recipe, generator=generator)
    wrong, distances = [], [0.0]
    for name, tensor in state.items():
        theirs = tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy()
        ours = np.ascontiguousarray(weights[name]).reshape(-1).view(np.uint8)
        if tuple(tensor.shape) == weights[name].shape and np.array_equal(theirs, ours):
            continue
        if name not in weights.inexact:
            wrong.append(name)
        else:
            distances.append(distance(tensor.detach().to(torch.complex128).numpy(), weights[name]))
    if wrong or weights.keys() != state.keys() or not np.array_equal(moved, generator.get_state()):
        return {"verdict": "wrong", "reason": ", ".join(wrong[:5])}
    return {"verdict": "inexact" if weights.inexact else "exact", "distance": max(distances)}


def distance(theirs, ours) -> float:
    """The largest difference, as a share of the largest value."""
    return float(abs(theirs - ours.astype("complex128")).max() / abs(theirs).max())


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
