"""Models of torchvision, timm, transformers and peft, constructed twice: by torch.nn.init, and by refinit in its place.

``python -m tests.platforms.library_models`` installs them into .venv-libraries (torch 2.14.1, which torchvision asks
for; about 6 GB), constructs each model from one seed on both sides, and prints how many parameters and buffers differ.
Nothing is downloaded but the packages: models are made from their configurations.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.tables.library_models import LIBRARIES, Constructor

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-libraries"
PACKAGES = ("torch==2.14.1", "torchvision==0.29.1", "timm", "transformers", "peft", "numba", "ml_dtypes")
COLUMNS = ("library", "models", "parameters and buffers", "elements", "calls of refinit", "unequal")


@dataclass
class Comparison:
    """One model: what was compared, the names of the tensors that differ, and why it was not constructed, if so."""

    name: str
    tensors: int = 0
    elements: int = 0
    calls: int = 0
    unequal: tuple[str, ...] = ()
    error: str = ""


def holders(values: Sequence[Any]) -> Iterator[tuple[dict[Any, Any], Any, int]]:
    """Each dict and key under which a loaded module holds one of the values: its names, and tables of its own."""
    index_of = {id(value): index for index, value in enumerate(values)}
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", {})
        tables = [
            table for name, table in list(names.items()) if type(table) is dict and name != "__builtins__"
        ]
        for table in (names, *tables):
            yield from (
                (table, key, index_of[id(value)])
                for key, value in list(table.items())
                if id(value) in index_of
            )


@contextmanager
def replaced(init: Any, calls: Counter[str]) -> Iterator[None]:
    """refinit's functions in the place of torch's, wherever a loaded module has them."""
    import torch

    names = (*torch.nn.init.__all__, "_calculate_fan_in_and_fan_out", "_calculate_correct_fan")

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            calls[name] += 1
            return function(*arguments, **keywords)

        return call

    originals = [getattr(torch.nn.init, name) for name in names]
    ours = [counted(name, getattr(init, name)) for name in names]
    places = [place for place in holders(originals) if place[0] is not sys.modules[__name__].__dict__]
    for table, key, index in places:
        table[key] = ours[index]
    try:
        yield
    finally:
        for table, key, index in places:
            table[key] = originals[index]


def constructed(make: Constructor) -> dict[str, Any]:
    """Parameters and buffers by name, and torch's generator state afterwards, from one seed."""
    import numpy as np
    import torch

    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - what libraries draw from
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' own
        model = make()
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {**{name: tensor.detach() for name, tensor in tensors.items()}, "generator": torch.get_rng_state()}


def same_bits(a: Any, b: Any) -> bool:
    """Whether two tensors have the same type, shape and bits."""
    import torch

    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return torch.equal(*(tensor.contiguous().reshape(-1).view(torch.uint8) for tensor in (a, b)))


def compared(name: str, make: Constructor, init: Any) -> Comparison:
    """One model, constructed on both sides; torch's side twice, for what is not a function of the seed."""
    try:
        theirs, again = constructed(make), constructed(make)
    except Exception as error:  # noqa: BLE001 - whatever a library raises by itself is no matter of refinit's
        return Comparison(name, error=f"{type(error).__name__}: {error}".partition("\n")[0])
    calls: Counter[str] = Counter()
    with replaced(init, calls):
        ours = constructed(make)
    if ours.keys() != theirs.keys():
        return Comparison(name, unequal=("names",))
    fixed = [key for key in theirs if same_bits(theirs[key], again[key])]
    unequal = tuple(key for key in fixed if not same_bits(ours[key], theirs[key]))
    tensors = [theirs[key] for key in fixed if key != "generator"]
    elements = sum(tensor.numel() for tensor in tensors)
    return Comparison(name, len(tensors), elements, calls.total(), unequal)


def row(library: str, results: Sequence[Comparison]) -> tuple[str, ...]:
    """A library's line of the table."""
    made = [result for result in results if not result.error]
    sums = (sum(getattr(result, field) for result in made) for field in ("tensors", "elements", "calls"))
    unequal = sum(len(result.unequal) for result in made)
    return (f"{library} {version(library)}", str(len(made)), *(f"{total:,}" for total in sums), str(unequal))


def install() -> Path:
    """The environment's interpreter; the environment is made where there is none."""
    interpreter = FOLDER / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
    subprocess.run([interpreter, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return interpreter


def compare(libraries: Sequence[str]) -> int:
    """Construct and compare everything, print the table; 1 if anything differs."""
    import torch

    import refinit

    torch.set_num_threads(1)
    lines, unequal = [], 0
    for library in libraries:
        results = []
        for name, make in LIBRARIES[library]():
            results.append(compared(name, make, refinit))
            said = (
                results[-1].error
                or f"{results[-1].tensors} compared, unequal: {results[-1].unequal or 'none'}"
            )
            print(f"{library} {name}: {said}", flush=True)
        lines.append(row(library, results))
        unequal += sum(len(result.unequal) for result in results)
    print(f"\ntorch {torch.__version__}, refinit {refinit.__version__}\n")
    for line in (COLUMNS, ["---"] * len(COLUMNS), *lines):
        print("| " + " | ".join(line) + " |")
    return int(unequal > 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, then compare in the environment that has the libraries."""
    parser = argparse.ArgumentParser(prog="python -m tests.platforms.library_models", description=__doc__)
    parser.add_argument("library", nargs="*", help=f"of {', '.join(LIBRARIES)}; default: all")
    options = parser.parse_args(arguments)
    libraries = options.library or list(LIBRARIES)
    if Path(sys.prefix) == FOLDER:
        return compare(libraries)
    command = [str(install()), "-m", "tests.platforms.library_models", *libraries]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
