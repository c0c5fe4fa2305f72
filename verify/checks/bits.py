"""The same bits and the same final generator state as the twin, or as the committed hashes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats
from scipy.special import ndtr

from ..cases.formats import bit_patterns
from ..laws.reference import Haar, TruncatedNormal
from ..subjects import Filled
from .finding import Finding, Sample, settled

# trunc_normal_ by rejection in float32/64: torch compares with a logarithm of Intel's MKL, which rounds otherwise from
# processor to processor, so a decision may flip.
FLIPS = 1e-9
# Elements are tried in every round of the rejection; no case of ours accepts fewer than 1 in 20.
ROUNDS = 20


@dataclass(frozen=True)
class Difference:
    """Where two draws part: the first differing index in C order, both values, and how many differ."""

    count: int
    index: tuple[int, ...]
    ours: str
    theirs: str


def differing(ours: Filled, theirs: Filled) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """C-order indices of the elements with different bits."""
    if ours.values.tobytes() == theirs.values.tobytes():
        return np.empty(0, np.intp)
    return np.flatnonzero((bit_patterns(ours.values) != bit_patterns(theirs.values)).any(axis=1))


def first_difference(ours: Filled, theirs: Filled) -> Difference | None:
    """The first difference, or None where all bits agree."""
    places = differing(ours, theirs)
    if not places.size:
        return None
    index = np.unravel_index(int(places[0]), ours.values.shape) if ours.values.shape else ()
    place = tuple(int(i) for i in index)
    return Difference(places.size, place, repr(ours.values[place].item()), repr(theirs.values[place].item()))


def may_flip(sample: Sample) -> bool:
    """Whether torch's own decisions depend on the CPU there, so that single elements may differ."""
    law = sample.law
    rejecting = sample.subject.stream.truncation == "torch" and not sample.form.is_half
    if not rejecting or not isinstance(law, TruncatedNormal):
        return False
    alpha, beta = (law.low - law.mean) / law.std, (law.high - law.mean) / law.std
    return bool(ndtr(beta) - ndtr(alpha) <= 0.3)


def bits(sample: Sample, twin: Sample, share: float, same: bool) -> Finding:
    """Every element of every draw has the twin's bits; orthogonal_ is judged by its backward error instead."""
    if same:
        return settled(sample, "bits", True, "equal")
    total = sum(draw.values.size for draw in sample.draws)
    wrong = [
        (i, places.size) for i, pair in enumerate(_pairs(sample, twin)) if (places := differing(*pair)).size
    ]
    count = sum(size for _, size in wrong)
    allowed = may_flip(sample) and stats.binom.sf(count - 1, total * ROUNDS, FLIPS) > share
    first = first_difference(sample.draws[wrong[0][0]], twin.draws[wrong[0][0]])
    assert first is not None
    figure = f"{count} of {total} differ, first at {first.index}: {first.ours} instead of {first.theirs}"
    return settled(sample, "bits", bool(allowed), f"{figure}{' (allowed)' if allowed else ''}")


def state(sample: Sample, twin: Sample, same_bits: bool) -> Finding:
    """The generator ends where the twin's ends."""
    wrong = [i for i, (ours, theirs) in enumerate(_pairs(sample, twin)) if ours.state != theirs.state]
    # A flipped decision in the last round costs or saves a whole round.
    excused = bool(wrong) and may_flip(sample) and not same_bits and len(wrong) == 1
    figure = f"final state differs in {len(wrong)} of {len(sample.draws)} draws" if wrong else "equal"
    return settled(sample, "state", not wrong or excused, figure)


def _pairs(sample: Sample, twin: Sample) -> list[tuple[Filled, Filled]]:
    return list(zip(sample.draws, twin.draws, strict=True))


def compares_bits(sample: Sample) -> bool:
    """Whether the twin's bits are promised: LAPACK rounds differently from build to build."""
    return not isinstance(sample.law, Haar)


def same_draws(sample: Sample, twin: Sample) -> bool:
    """Whether both made the same weights, so that one look serves for both."""
    return all(not differing(*pair).size for pair in _pairs(sample, twin))


def digest(filled: Filled) -> str:
    """The hash kept for a fill: 16 hex digits over the values' bytes in C order and the final state."""
    data = hashlib.blake2b(np.ascontiguousarray(filled.values).tobytes(), digest_size=8)
    return data.hexdigest()


@lru_cache(maxsize=1024)
def _state_digest(state_bytes: bytes) -> str:
    return hashlib.blake2b(state_bytes, digest_size=4).hexdigest()


def state_digest(filled: Filled) -> str:
    """The hash kept for a final state: 8 hex digits, or empty where nothing was drawn."""
    return "" if filled.state is None else _state_digest(filled.state)
