"""The command line: `python -m verify`, installed `refinit-verify`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

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
    from .subjects import unknown

    if told := unknown(text):
        raise argparse.ArgumentTypeError(f"{told}; got {text!r}")
    return text


def _json_path(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"expected a file in an existing folder; got {text!r}")
    return path


def parser() -> argparse.ArgumentParser:
    """The options."""
    from .budget import FALSE_FAIL_RATE
    from .cases import FUNCTIONS
    from .formats import FORMATS
    from .selection import BUDGETS

    description = "Compare every function of torch.nn.init with torch bit for bit and with its law."
    epilog = "exit code: 0 no discrepancy, 1 discrepancy, 2 wrong usage, 3 nothing could run"
    options = argparse.ArgumentParser("verify", description=description, epilog=epilog)
    options.add_argument(
        "--subject", type=_subject, default="refinit", help="what is verified (default: refinit)"
    )
    options.add_argument(
        "--only", type=listed(list(FUNCTIONS), "functions"), metavar="NAME,...", help="only these functions"
    )
    options.add_argument(
        "--dtype", type=listed(list(FORMATS), "dtypes"), metavar="NAME,...", help="only these dtypes"
    )
    options.add_argument("--seed", type=_seed, help="replay a run; by default the seed comes from the system")
    options.add_argument(
        "--budget", choices=BUDGETS, default="quick", help="quick: under 90 s; full: under 15 minutes"
    )
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
        return _cannot(f"{error}; install what verify needs: pip install 'refinit[verify]'")
    from .subjects import subject

    try:
        tried = subject(options.subject)
    except ImportError as error:
        return _cannot(f"subject {options.subject} cannot be loaded: {error}")
    return _run(options, tried)


def _run(options: argparse.Namespace, tried: object) -> int:
    from . import report
    from .environment import environment
    from .plan import plan
    from .progress import progress
    from .run import run
    from .subjects import Subject

    assert isinstance(tried, Subject)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    planned = plan(tried, seed, options.budget, options.only, options.dtype, options.false_fail_rate)
    print("\n".join(report.opening_lines(planned, environment())), flush=True)
    if not planned.cases:
        return _cannot("no function of --only takes a dtype of --dtype")
    with progress(planned) as observer:
        result = run(planned, observer)
    print("\n".join(["", *report.closing_lines(result)]))
    if options.json:
        report.write_json(result, options.json)
    return {"pass": OK, "fail": DISCREPANCY}.get(result.verdict, NOTHING_RAN)


def _cannot(reason: str) -> int:
    print(f"nothing could run: {reason}", file=sys.stderr)
    return NOTHING_RAN


if __name__ == "__main__":
    sys.exit(main())
