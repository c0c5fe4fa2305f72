"""From how many seeds a case is drawn, and from which."""

from __future__ import annotations

import hashlib
from math import ceil

from .case import Case
from .formats import FORMATS

# A case with fewer real components is drawn over several seeds: checks need about these many ...
COMPONENTS_REQUIRED = 2**14
# ... but no more draws than this; each check states what it can detect with those.
DRAWS_LIMIT = 512
# Orthogonal matrices are judged by a few entries and the determinant of each draw.
HAAR_DRAWS = 600
HAAR_SIDE_LIMIT = 64


def draws_required(case: Case) -> int:
    """How many seeds the checks of that case need."""
    if case.size == 0:
        return 1
    if case.function == "orthogonal_":
        return HAAR_DRAWS if max(case.shape[0], case.size // case.shape[0]) <= HAAR_SIDE_LIMIT else 1
    components = case.size * (2 if FORMATS[case.dtype].kind == "complex" else 1)
    return min(DRAWS_LIMIT, ceil(COMPONENTS_REQUIRED / components))


def derived_seed(run_seed: int, case: Case, purpose: str, index: int) -> int:
    """The seed of one draw: a function of the run's seed, the case and what it is for."""
    text = f"{run_seed}|{case.id}|{purpose}|{index}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def seeds_for(run_seed: int, case: Case, purpose: str = "values", times: int = 1) -> tuple[int, ...]:
    """The seeds of a case: as many as its checks need, or one where nothing is random."""
    count = times * draws_required(case) if case.random else 1
    return tuple(derived_seed(run_seed, case, purpose, index) for index in range(count))
