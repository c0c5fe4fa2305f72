"""The run's false_fail_rate, and its split over the checks that may fail by chance.

Bonferroni: m checks at rate / m each condemn a right subject with probability at most `rate` in all, whatever
their dependence. Vocabulary of tensorflow/probability: false_fail_rate (a right subject is condemned),
false_pass_rate (a wrong one passes), discrepancy (how wrong it is).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import ceil

from ..cases.case import Case
from ..cases.formats import FORMATS

FALSE_FAIL_RATE = 1e-6
# A case with fewer real components is drawn over several seeds: the design needs about these many ...
COMPONENTS_WANTED = 2**14
# ... but no more draws than this; each check states what it can detect with what it got.
MOST_DRAWS = 512
# Orthogonal matrices are judged by a few entries and the determinant of each draw.
HAAR_DRAWS = 600
HAAR_SIDE = 64


@dataclass(frozen=True)
class Budget:
    """The rate of the whole run and the number of checks that share it."""

    false_fail_rate: float
    checks: int

    @property
    def share(self) -> float:
        """The largest p-value at which one check fails."""
        return self.false_fail_rate / max(1, self.checks)


def derived_seed(run_seed: int, case: Case, purpose: str, index: int) -> int:
    """The seed of one draw: a function of the run's seed, the case and what it is for."""
    text = f"{run_seed}|{case.id}|{purpose}|{index}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def draws_wanted(case: Case) -> int:
    """How many seeds the checks of that case need."""
    if case.size == 0:
        return 1
    if case.function == "orthogonal_":
        return HAAR_DRAWS if max(case.shape[0], case.size // case.shape[0]) <= HAAR_SIDE else 1
    components = case.size * (2 if FORMATS[case.dtype].kind == "complex" else 1)
    return min(MOST_DRAWS, ceil(COMPONENTS_WANTED / components))
