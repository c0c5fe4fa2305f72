"""Operators that break streams whose single elements have their law: numbers used twice, generators that stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..cases.case import Case
from ..subjects import Filled, Subject
from ..subjects.base import RELATED
from .formula_operators import with_values


def stale_tail(base: Subject, case: Case, seed: int) -> Filled:
    """The last 16 elements keep what an earlier block left there, as a tail that is not redrawn does."""
    filled = base.fill(case, seed)
    flat = filled.values.reshape(-1).copy()
    if flat.size >= 32:
        flat[-16:] = flat[-32:-16]
    return with_values(filled, flat.reshape(case.shape))


def state_not_advanced(base: Subject, case: Case, seed: int) -> Filled:
    """The generator left where it was."""
    return replace(base.fill(case, seed), state=base.untouched(seed))


def stream_duplicated(base: Subject, case: Case, seed: int) -> Filled:
    """The first half written twice."""
    filled = base.fill(case, seed)
    flat = filled.values.reshape(-1).copy()
    half = flat.size // 2
    flat[half : 2 * half] = flat[:half]
    return with_values(filled, flat.reshape(case.shape))


def seed_bit_ignored(base: Subject, case: Case, seed: int) -> Filled:
    """Two neighbouring seeds give the same numbers."""
    return base.fill(case, seed & ~1)


def words_repeated(base: Subject, case: Case, seed: int) -> Filled:
    """The second word of every counter is its first one again."""
    filled = base.fill(case, seed)
    flat = filled.values.reshape(-1).copy()
    tiles = flat[: flat.size // 64 * 64].reshape(-1, 4, 16)
    tiles[:, 1] = tiles[:, 0]
    return with_values(filled, flat.reshape(case.shape))


def radius_shared(base: Subject, case: Case, seed: int) -> Filled:
    """Pairs with one radius and two angles: uncorrelated normals, large ones beside large ones."""
    filled = base.fill(case, seed)
    flat = filled.values.reshape(-1).copy()
    even = flat.size // 2 * 2
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], even // 2)
    flat[1:even:2] = (flat[0:even:2] * signs).astype(flat.dtype)
    return with_values(filled, flat.reshape(case.shape))


def fill_number_stuck(base: Subject, case: Case, seed: int) -> dict[str, list[Filled]]:
    """The generator gives the same fill every time."""
    right = base.related(case, seed)
    return {**right, "consecutive fills": right["consecutive fills"][:1] * RELATED}


def name_cut(base: Subject, case: Case, seed: int) -> dict[str, list[Filled]]:
    """Substreams whose names differ only near their ends are one."""
    right = base.related(case, seed)
    return {**right, "sibling substreams": right["sibling substreams"][:1] * RELATED}
