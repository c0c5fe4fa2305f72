"""The options of the command line; what a run needs besides (scipy, and what imports it) is imported after them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from . import faults  # noqa: F401 - they sign in as subjects
from .cases.formats import FORMATS
from .cases.functions import FUNCTIONS
from .cases.selection import BUDGETS
from .runs.budget import FALSE_FAIL_RATE
from .subjects.catalogue import DEFAULTS, SCHEMES, SUBJECTS, is_class, unknown


def comma_separated(allowed: list[str], what: str) -> Callable[[str], list[str]]:
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
    if not is_class(text) and (reason := unknown(text)):
        raise argparse.ArgumentTypeError(f"{reason}; got {text!r}")
    return text


def _json_path(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"expected a file in an existing folder; got {text!r}")
    return path


def parser(program: str) -> argparse.ArgumentParser:
    """The options of a program of that name."""
    description = "Compare every function of torch.nn.init with the bits of its stream and with its law."
    epilog = "exit code: 0 no discrepancy, 1 discrepancy, 2 wrong usage, 3 nothing of a subject could run"
    subjects = ", ".join([*SUBJECTS, *(scheme.usage for scheme in SCHEMES.values())])
    what = (
        f"what is verified (default: {' and '.join(DEFAULTS)}); may be repeated: {subjects} or module:Class"
    )
    options = argparse.ArgumentParser(program, description=description, epilog=epilog)
    options.add_argument("--subject", type=_subject, action="append", metavar="NAME", help=what)
    for option, names, plural in (("--only", FUNCTIONS, "functions"), ("--dtype", FORMATS, "dtypes")):
        kind = comma_separated(list(names), plural)
        options.add_argument(option, type=kind, metavar="NAME,...", help=f"only these {plural}")
    options.add_argument("--seed", type=_seed, help="replay a run; by default the seed comes from the system")
    sizes = "tiny: small weights, no laws; quick: about a minute; full: under 15 minutes; longer on devices"
    options.add_argument("--budget", choices=BUDGETS, default="quick", help=sizes)
    options.add_argument("--false-fail-rate", type=_rate, default=FALSE_FAIL_RATE, metavar="RATE",
                         help="chance that the run condemns a right subject (default: %(default)g)")  # fmt: skip
    options.add_argument("--json", type=_json_path, metavar="PATH", help="also write the report as JSON")
    return options
