"""The speed table: every row of the targets, as measured here.

    python -m benchmarks.table                 print it
    python -m benchmarks.table --write-readme  and put it into README.md, with machine and date

Refinit on both streams, torch and torch's plain `fill_` take turns in one process; each figure is a median over the
rounds, each ratio the median of the paired ratios. All sides have as many threads (`suite.THREADS`).
"""

from __future__ import annotations

import argparse
import os
import tempfile
from math import prod
from statistics import median
from typing import TYPE_CHECKING

from .rows import ROWS, Row
from .suite import THREADS  # the rest of the suite imports NumPy, and prepare_blas comes before that

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BLAS_OVERRIDES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Set on some machines for old OpenBLAS builds; they slow our side of orthogonal_ and not torch's (MKL)."""

HEADER = ("call", "vs torch", "target", "", "vs fill", "time", "Gel/s", "GB/s")
START_HEADER = ("start-up, after `import numpy`", "ms", "target", "")


def verdict(met: bool) -> str:
    """Return the word for a target that was, or was not, reached."""
    return "met" if met else "missed"


def duration(seconds: float) -> str:
    """Return a time with three digits, in the unit that suits it."""
    unit, scale = ("s", 1.0) if seconds >= 1 else ("ms", 1e3) if seconds >= 1e-3 else ("µs", 1e6)
    return f"{scale * seconds:.3g} {unit}"


def measured(row: Row, rounds: int) -> dict[str, tuple[str, ...]]:
    """Time one row, all sides turn by turn, and return its cells for each stream."""
    from .suite.cases import ours, plain_fill, theirs
    from .suite.interleaved import interleaved

    call = (row.name, row.shape, row.dtype, row.parameters)
    bodies = {
        "Generator": ours(*call, of_tensor=row.tensor),
        "torch": theirs(*call),
        "fill": plain_fill(row.shape, row.dtype),
    }
    targets = {"Generator": (row.target, 0.0)}
    if row.counter_target is not None:
        bodies["CounterGenerator"] = ours(*call, by_position=True, of_tensor=row.tensor)
        targets["CounterGenerator"] = (row.counter_target, row.of_fill)
    times = interleaved(bodies, rounds)
    return {side: cells(row, side, times, *ratios) for side, ratios in targets.items()}


def cells(
    row: Row, side: str, times: dict[str, list[float]], target: float, of_fill: float
) -> tuple[str, ...]:
    """Return what one side of one row took."""
    from .suite.cases import numpy_dtype
    from .suite.interleaved import median_ratio

    ratio, share = (median_ratio(times[other], times[side]) for other in ("torch", "fill"))
    seconds = median(times[side])
    speed = prod(row.shape) / seconds / 1e9
    return (
        row.label,
        f"{ratio:.2f}",
        f"{target:g}" + (f", {of_fill:g} of fill" if of_fill else ""),
        verdict(ratio >= target and share >= of_fill),
        f"{share:.2f}",
        duration(seconds),
        f"{speed:.3f}",
        f"{speed * numpy_dtype(row.dtype).itemsize:.2f}",
    )


def start_up(rounds: int) -> list[tuple[str, ...]]:
    """Time the start of fresh processes and return the rows of the second table."""
    from .suite.startup import FIRST_FILL, IMPORT, seconds_printed_by

    with tempfile.TemporaryDirectory() as warm, tempfile.TemporaryDirectory() as cold:
        seconds_printed_by(FIRST_FILL, warm)
        figures = (
            ("`import refinit`", median(seconds_printed_by(IMPORT, warm) for _ in range(rounds)), 60),
            (
                "first fill, warm cache",
                median(seconds_printed_by(FIRST_FILL, warm) for _ in range(rounds)),
                150,
            ),
            ("first fill, empty cache (compiles)", seconds_printed_by(FIRST_FILL, cold), None),
        )
    return [
        (
            name,
            f"{1e3 * seconds:.0f}",
            "" if target is None else f"{target}",
            "" if target is None else verdict(1e3 * seconds <= target),
        )
        for name, seconds, target in figures
    ]


def cpu_model() -> str:
    """Return the processor's name, as Linux or else Python tells it."""
    import platform
    from pathlib import Path

    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def environment(rounds: int) -> str:
    """Say where, when and how the table was measured."""
    from datetime import UTC, datetime
    from importlib.metadata import version

    import torch

    import refinit

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "scipy", "numba"))
    return (
        f"{cpu_model()}, {cores} cores, {datetime.now(tz=UTC):%Y-%m-%d}; {versions}. "
        f"Medians of {rounds} rounds, all sides interleaved in one process; refinit with "
        f"{refinit.get_num_threads()} threads, torch with {torch.get_num_threads()}, OpenBLAS with "
        f"{os.environ['OPENBLAS_NUM_THREADS']} ({' and '.join(BLAS_OVERRIDES)} unset; OMP_WAIT_POLICY=passive, or "
        "torch's idle workers would spin on the cores while refinit's threads run). "
        "vs torch, vs fill: the time of torch's same call, or of torch's plain `fill_`, divided by ours (above 1 "
        "refinit is faster); Gel/s: 10⁹ elements per second."
    )


def printed(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, with rich where it is installed."""
    try:
        from rich.console import Console
        from rich.table import Table
    except ModuleNotFoundError:
        print(title, "\t".join(header), *("\t".join(row) for row in rows), sep="\n")
        return
    table = Table(title=title)
    for position, name in enumerate(header):
        table.add_column(name, justify="right" if position else "left", no_wrap=not position)
    for row in rows:
        table.add_row(*row)
    Console(width=max(Console().width, 120)).print(table)


def prepare_blas() -> None:
    """Set the thread libraries up for this process; they read the environment when they are first loaded."""
    for name in BLAS_OVERRIDES:
        os.environ.pop(name, None)
    os.environ["OPENBLAS_NUM_THREADS"] = str(THREADS)
    os.environ["OMP_WAIT_POLICY"] = "passive"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and, on request, write README.md."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.table", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="measure the rows whose label contains this text")
    parser.add_argument("--write-readme", action="store_true", help="write the tables into README.md")
    options = parser.parse_args(arguments)
    if options.write_readme and options.only:
        parser.error("--write-readme writes the whole table: leave --only out")
    prepare_blas()
    rows = [measured(row, options.rounds) for row in ROWS if options.only in row.label]
    tables = {side: [row[side] for row in rows if side in row] for side in ("Generator", "CounterGenerator")}
    for side, lines in tables.items():
        printed(f"{side}, all sides with {THREADS} threads", HEADER, lines)
    note = environment(options.rounds)
    print(note)
    if options.only:
        return
    starts = start_up(options.rounds)
    printed("Fresh processes", START_HEADER, starts)
    if options.write_readme:
        write_readme(tables, starts, note)


def write_readme(tables: dict[str, list[tuple[str, ...]]], starts: list[tuple[str, ...]], note: str) -> None:
    """Put all tables between their markers."""
    from docs.readme import README, markdown_table, with_block

    titles = {"Generator": "torch's bits", "CounterGenerator": "values by position"}
    parts = ["", note, ""]
    for side, lines in tables.items():
        parts += [f"`{side}`: {titles[side]}", "", markdown_table(HEADER, lines)]
    body = "\n".join((*parts, markdown_table(START_HEADER, starts), ""))
    README.write_text(with_block(README.read_text(), "speed", body))


if __name__ == "__main__":
    main()
