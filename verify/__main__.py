"""The command line: `python -m verify`, installed `refinit-verify`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .subjects import Subject

# Before NumPy: with two shared cores, BLAS threads that spin for each other cost more than they bring.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

OK, DISCREPANCY, USAGE, NOTHING_RAN = 0, 1, 2, 3


def listed(allowed: list[str], what: str) -> Callable[[str], list[str]]:
    """An argparse type: comma-separated names out of `allowed`."""

    def parse(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        wrong = [name for name in names if name not in allowed]
        if wrong or not names:
            raise argparse.ArgumentTypeError(f"{what} must be among {', '.join(allowed)}; got {text!r}")
        return names

    return parse


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 < rate < 1:
        raise argparse.ArgumentTypeError(f"the rate must be a number between 0 and 1; got {text!r}")
    return rate


def _seed(text: str) -> int:
    try:
        seed = int(text)
    except ValueError:
        seed = -1
    if not 0 <= seed < 2**63:
        raise argparse.ArgumentTypeError(f"the seed must be an integer from 0 to 2**63 - 1; got {text!r}")
    return seed


def _subject(text: str) -> str:
    from .subjects import is_class, unknown

    if not is_class(text) and (told := unknown(text)):
        raise argparse.ArgumentTypeError(f"{told}; got {text!r}")
    return text


def _json_path(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"expected a file in an existing folder; got {text!r}")
    return path


def program() -> str:
    """What this was started as."""
    script = Path(sys.argv[0]).name
    return script if script.startswith("refinit-verify") else f"python -m {__package__}"


def parser() -> argparse.ArgumentParser:
    """The options."""
    from .cases.formats import FORMATS
    from .cases.functions import FUNCTIONS
    from .cases.selection import BUDGETS
    from .runs.budget import FALSE_FAIL_RATE
    from .subjects import DEFAULTS, SUBJECTS

    description = "Compare every function of torch.nn.init with the bits of its stream and with its law."
    epilog = "exit code: 0 no discrepancy, 1 discrepancy, 2 wrong usage, 3 nothing of a subject could run"
    subjects = f"{', '.join(SUBJECTS)}, fault:NAME[@SUBJECT] or module:Class"
    told = f"what is verified (default: {' and '.join(DEFAULTS)}); may be repeated: {subjects}"
    options = argparse.ArgumentParser(program(), description=description, epilog=epilog)
    options.add_argument("--subject", type=_subject, action="append", metavar="NAME", help=told)
    for option, names, what in (("--only", FUNCTIONS, "functions"), ("--dtype", FORMATS, "dtypes")):
        kind = listed(list(names), what)
        options.add_argument(option, type=kind, metavar="NAME,...", help=f"only these {what}")
    options.add_argument("--seed", type=_seed, help="replay a run; by default the seed comes from the system")
    sizes = "tiny: small weights, no laws; quick: about a minute; full: under 15 minutes; longer on devices"
    options.add_argument("--budget", choices=BUDGETS, default="quick", help=sizes)
    options.add_argument("--false-fail-rate", type=_rate, default=FALSE_FAIL_RATE, metavar="RATE",
                         help="chance that the run condemns a right subject (default: %(default)g)")  # fmt: skip
    options.add_argument("--json", type=_json_path, metavar="PATH", help="also write the report as JSON")
    return options


def main(argv: list[str] | None = None) -> int:
    """Run, report, and return the exit code."""
    try:
        options = parser().parse_args(argv)
    except SystemExit as exit_:  # argparse has printed the reason
        return USAGE if exit_.code else OK
    except ImportError as error:
        return _cannot(f"{error}; install what verify needs, in refinit's checkout: pip install '.[verify]'")
    from .subjects import DEFAULTS

    tried: dict[str, Subject] = {}
    for name in options.subject or DEFAULTS:
        try:
            made = _loaded(name)
            tried[made.name] = made
        except Exception as error:  # noqa: BLE001 - a class of the user's own may raise anything
            return _cannot(f"subject {name} cannot be loaded: {error}")
    return _run(options, list(tried.values()))


def _loaded(name: str) -> Subject:
    from .subjects import loaded

    if (here := str(Path.cwd())) not in sys.path:  # as `python -m` has it: where a user's own module may lie
        sys.path.append(here)
    return loaded(name)


def _run(options: argparse.Namespace, tried: list[Subject]) -> int:
    from .reports import json as json_report
    from .reports import text as report
    from .reports.progress import progress
    from .runs.plan import plans
    from .runs.run import run
    from .subjects.environment import environment

    seed = secrets.randbits(32) if options.seed is None else options.seed
    try:
        planned = plans(tried, seed, options.budget, options.only, options.dtype, options.false_fail_rate)
    except ValueError as error:  # a subject that is too slow for the budget
        print(f"{program()}: error: {error}", file=sys.stderr)
        return USAGE
    if not planned:
        return _cannot("no function of --only takes a dtype of --dtype")
    print("\n".join(report.opening_lines(planned, environment())), flush=True)
    with progress(planned) as watch:
        results = [run(plan, watch(plan)) for plan in planned]
    print("\n".join(["", *report.closing_lines(results)]))
    if options.json:
        json_report.write_json(results, options.json)
    return {"pass": OK, "fail": DISCREPANCY}.get(report.verdict_of(results), NOTHING_RAN)


def _cannot(reason: str) -> int:
    print(f"nothing could run: {reason}", file=sys.stderr)
    return NOTHING_RAN


if __name__ == "__main__":
    sys.exit(main())
