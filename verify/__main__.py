"""The command line: `python -m verify`, installed `refinit-verify`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .subjects import Subject

# Before NumPy, so what imports it is imported inside functions here: with two shared cores, BLAS threads that spin for
# each other cost more than they bring. What imports scipy, for a second, comes last, after the options are right.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

OK, DISCREPANCY, USAGE, NOTHING_RAN = 0, 1, 2, 3
_INSTALL = "install what verify needs, in refinit's checkout: pip install '.[verify]'"


def program() -> str:
    """What this was started as."""
    script = Path(sys.argv[0]).name
    return script if script.startswith("refinit-verify") else f"python -m {__package__}"


def main(argv: list[str] | None = None) -> int:
    """Run, report, and return the exit code."""
    try:
        from .options import parser

        options = parser(program()).parse_args(argv)
    except SystemExit as exit_:  # argparse has printed the reason
        return USAGE if exit_.code else OK
    except ImportError as error:
        return _cannot_run(f"{error}; {_INSTALL}")
    from .subjects import DEFAULTS

    subjects: dict[str, Subject] = {}
    for name in options.subject or DEFAULTS:
        try:
            subject = _loaded(name)
        except Exception as error:  # noqa: BLE001 - a class of the user's own may raise anything
            return _cannot_run(f"subject {name} cannot be loaded: {error}")
        subjects[subject.name] = subject
    return _run(options, list(subjects.values()))


def _loaded(name: str) -> Subject:
    from .subjects import loaded

    # as `python -m` has it: where a user's own module may lie
    if (folder := str(Path.cwd())) not in sys.path:
        sys.path.append(folder)
    return loaded(name)


def _run(options: argparse.Namespace, subjects: list[Subject]) -> int:
    try:
        from .reports import json, text
        from .reports.progress import progress
        from .runs.plan import plans
        from .runs.run import run
        from .subjects.environment import environment
    except ImportError as error:
        return _cannot_run(f"{error}; {_INSTALL}")
    seed = secrets.randbits(32) if options.seed is None else options.seed
    try:
        planned = plans(subjects, seed, options.budget, options.only, options.dtype, options.false_fail_rate)
    except ValueError as error:  # a subject that is too slow for the budget
        print(f"{program()}: error: {error}", file=sys.stderr)
        return USAGE
    if not planned:
        return _cannot_run("no function of --only takes a dtype of --dtype")
    print("\n".join(text.opening_lines(planned, environment())), flush=True)
    with progress(planned) as observer_of:
        reports = [run(plan, observer_of(plan)) for plan in planned]
    print("\n".join(["", *text.closing_lines(reports)]))
    if options.json:
        json.write_json(reports, options.json)
    return {"pass": OK, "fail": DISCREPANCY}.get(text.verdict_of(reports), NOTHING_RAN)


def _cannot_run(reason: str) -> int:
    print(f"nothing could run: {reason}", file=sys.stderr)
    return NOTHING_RAN


if __name__ == "__main__":
    sys.exit(main())
