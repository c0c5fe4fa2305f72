"""The versions of Python and of packages that refinit supports, each installed and tried: ``make matrix``.

Every interpreter is tried twice, with the lowest versions that pyproject.toml allows (where the interpreter is younger
than a floor, the lowest that has a wheel) and with the newest there are: the golden hashes of both streams, what can be
filled, and verify.  torch is installed on Python 3.11 alone, the pinned one; elsewhere verify compares with committed
hashes.  An interpreter is looked for on PATH; uv downloads one that is missing, where it can.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-matrix"
#: Besides the interpreters of the classifiers, those that numba has wheels for.
FREE_THREADED = ("3.14t",)
TORCH_PYTHON = "3.11"
RESOLUTION = {"lowest": "lowest-direct", "newest": "highest"}
TESTS = (
    *("tests/streams/torch_cpu/test_golden.py", "tests/streams/counter/test_golden.py"),
    *(
        "tests/streams/counter/test_arrays.py",
        "tests/streams/torch_cpu/test_other_layouts.py",
        "tests/arrays",
    ),
    "tests/platforms/test_other_systems.py",
)
#: What is run: name, arguments of the interpreter.
COMMANDS = {
    "tests": ("-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS),
    "verify": ("-m", "verify", "--budget", "tiny"),
}
COLUMNS = ("Python", "packages", *COMMANDS)


@dataclass
class Leg:
    """One interpreter with one choice of versions, and what came of it."""

    python: str
    versions: str
    packages: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Its environment."""
        return FOLDER / f"{self.python}-{self.versions}"

    @property
    def interpreter(self) -> Path:
        """The environment's Python."""
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def failed(self) -> bool:
        """Whether something that ran went wrong."""
        return any(outcome.startswith("FAILED") for outcome in self.outcomes.values())


def project() -> dict[str, object]:
    """The [project] table of pyproject.toml."""
    table: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def interpreters() -> list[str]:
    """The Pythons of the classifiers, then the free-threaded ones."""
    named = [line.rpartition(" :: ")[2] for line in project()["classifiers"] if "Python :: 3." in line]
    return [*named, *FREE_THREADED]


def floors() -> dict[str, str]:
    """The lowest version of each package that refinit and verify need, torch left out."""
    wanted = [*project()["dependencies"], *project()["optional-dependencies"]["verify"]]
    pairs = (requirement.split(">=") for requirement in wanted)
    return {name: version for name, version in pairs if name != "torch"}


def pinned_torch() -> str:
    """The requirement of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("torch=="))


def is_floor(version: str, floor: str) -> bool:
    """Whether both are one version: 2.2 is 2.2.0."""
    wanted = floor.split(".")
    parts = version.split(".")
    return parts[: len(wanted)] == wanted and not any(part.strip("0") for part in parts[len(wanted) :])


def uv(*arguments: str | Path) -> str:
    """What uv prints; it is told where pip would find wheels."""
    environment = {"UV_PYTHON_PREFERENCE": "system", "UV_INDEX_STRATEGY": "unsafe-best-match", **os.environ}
    environment["UV_PYTHON_INSTALL_DIR"] = str(FOLDER / "interpreters")
    for name in ("FIND_LINKS", "EXTRA_INDEX_URL"):
        if f"PIP_{name}" in os.environ:
            environment.setdefault(f"UV_{name}", os.environ[f"PIP_{name}"])
    command = [sys.executable, "-m", "uv", "--quiet", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def install(leg: Leg) -> None:
    """Makes the leg's environment: the packages at its versions, then refinit and the newest tools of the tests."""
    wanted = [f"{name}>={floor}" for name, floor in floors().items()]
    resolution = ("--resolution", RESOLUTION[leg.versions], "--only-binary", ":all:")
    into = ("pip", "install", "--python", leg.interpreter)
    uv(*into, *resolution, *wanted)
    # the newest of what is not on trial: the lowest build of torch's one version would be that with CUDA
    others = ["pytest>=9", "mpmath", *([pinned_torch()] if leg.python == TORCH_PYTHON else [])]
    uv(*into, "--only-binary", ":all:", *others)
    uv(*into, "--no-deps", "--editable", ".")
    listed = json.loads(uv("pip", "list", "--python", leg.interpreter, "--format", "json"))
    versions = {entry["name"].replace("-", "_"): entry["version"] for entry in listed}
    leg.packages = {name: versions[name] for name in (*floors(), "torch") if name in versions}


def run(leg: Leg) -> None:
    """Installs and tries one leg; what cannot be had is not run, which is no failure."""
    print(f"== Python {leg.python}, {leg.versions} packages", flush=True)
    try:
        uv("venv", "--clear", "--no-project", "--python", leg.python, leg.folder)
    except subprocess.CalledProcessError:
        leg.outcomes = dict.fromkeys(COMMANDS, "not run: no such interpreter here")
        return
    try:
        install(leg)
    except subprocess.CalledProcessError:
        leg.outcomes = dict.fromkeys(COMMANDS, "FAILED to install")
        return
    for name, arguments in COMMANDS.items():
        leg.outcomes[name] = told([leg.interpreter, *arguments], leg.folder / "cache")


def told(command: Sequence[str | Path], cache: Path) -> str:
    """Passes on what a command prints; its last line, and whether it failed."""
    environment = {**os.environ, "REFINIT_CACHE_DIR": str(cache), "PYTHONIOENCODING": "utf-8"}
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
    return last if process.returncode == 0 else f"FAILED: {last}"


def package_words(leg: Leg) -> Iterator[str]:
    """The versions of a leg; where they are to be the lowest and the floor has no wheel, that too."""
    for name, version in leg.packages.items():
        floor = floors().get(name)
        above = leg.versions == "lowest" and floor and not is_floor(version, floor)
        yield f"{name} {version}" + (f" (no wheel of {floor})" if above else "")


def rows(legs: Sequence[Leg]) -> Iterator[tuple[str, ...]]:
    """The table of outcomes."""
    for leg in legs:
        packages = ", ".join(package_words(leg)) or f"the {leg.versions}"
        yield (leg.python, packages, *(leg.outcomes[name] for name in COMMANDS))


def untried(legs: Sequence[Leg]) -> list[str]:
    """Floors that no leg had; a floor that nothing runs is only a hope."""
    return [
        f"{name}>={floor}"
        for name, floor in floors().items()
        if not any(is_floor(leg.packages.get(name, ""), floor) for leg in legs)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try each interpreter twice and print the table; 1 if anything failed, or a floor was tried nowhere."""
    parser = argparse.ArgumentParser(prog="python -m tests.platforms.matrix", description=__doc__)
    parser.add_argument("python", nargs="*", help=f"of {', '.join(interpreters())}; default: all")
    parser.add_argument("--versions", choices=RESOLUTION, help="default: both")
    parser.add_argument("--required", action="store_true", help="fail where an interpreter cannot be had")
    options = parser.parse_args(arguments)
    chosen = [options.versions] if options.versions else list(RESOLUTION)
    legs = [Leg(python, versions) for python in options.python or interpreters() for versions in chosen]
    for leg in legs:
        run(leg)
    for row in (COLUMNS, ["---"] * len(COLUMNS), *rows(legs)):
        print("| " + " | ".join(row) + " |")
    hopes = [] if options.python or options.versions else untried(legs)
    if hopes:
        print(f"tried nowhere: {', '.join(hopes)}")
    missing = options.required and not all(leg.packages for leg in legs)
    return int(bool(hopes) or missing or any(leg.failed for leg in legs))


if __name__ == "__main__":
    sys.exit(main())
