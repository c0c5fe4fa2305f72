"""Time several bodies in one process, interleaved: what drifts in the machine cancels in their ratios."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Shorter bodies measure clock and interpreter: identical code at 5 us was once reported 2.49x slower.
MIN_BODY_SECONDS = 5e-3


def seconds_per_call(body: Callable[[], object], loops: int) -> float:
    """Return the mean time of `loops` calls."""
    start = perf_counter()
    for _ in range(loops):
        body()
    return (perf_counter() - start) / loops


def loops_for(body: Callable[[], object]) -> int:
    """Return how many calls last long enough to be timed, judged by the quickest of a few after the first."""
    body()  # it may compile
    trials: list[float] = []
    while len(trials) < 5 and sum(trials) < 10 * MIN_BODY_SECONDS:
        trials.append(seconds_per_call(body, 1))
    return max(1, round(MIN_BODY_SECONDS / min(trials)))


def interleaved(bodies: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Return seconds per call of each body in each round; every round starts with another one."""
    loops = {name: loops_for(body) for name, body in bodies.items()}
    names = list(bodies)
    times: dict[str, list[float]] = {name: [] for name in names}
    for round_index in range(rounds):
        first = round_index % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(seconds_per_call(bodies[name], loops[name]))
    return times


def median_ratio(numerator: list[float], denominator: list[float]) -> float:
    """Return the median over rounds of the paired ratios."""
    return median(a / b for a, b in zip(numerator, denominator, strict=True))
