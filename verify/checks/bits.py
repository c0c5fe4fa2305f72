"""The same bits and the same final generator state as the twin, or as the committed hashes.

The twin of a weight in shards is the same weight in one piece (subjects/counter.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from ..cases.formats import bit_patterns
from ..laws.reference import Haar, TruncatedNormal
from ..laws.streams import proposes_uniforms
from ..subjects import Filled
from .finding import Finding, Sample, exact_finding

# trunc_normal_ by rejection in float32/64: torch compares with a logarithm of Intel's MKL, which rounds otherwise from
# processor to processor, so a decision may flip.
FLIP_RATE = 1e-9
# Every round of the rejection decides about each element; no case of ours accepts fewer than 1 in 20.
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
    offsets = differing(ours, theirs)
    if not offsets.size:
        return None
    coordinates = np.unravel_index(int(offsets[0]), ours.values.shape) if ours.values.shape else ()
    index = tuple(int(i) for i in coordinates)
    return Difference(offsets.size, index, repr(ours.values[index].item()), repr(theirs.values[index].item()))


def may_flip(sample: Sample) -> bool:
    """Whether torch's own decisions depend on the CPU there, so that single elements may differ."""
    law = sample.law
    rejecting = sample.subject.stream.truncation == "torch" and not sample.form.is_half
    return rejecting and isinstance(law, TruncatedNormal) and proposes_uniforms(law)


def bits(sample: Sample, twin: Sample, share: float, same: bool) -> Finding:
    """Every element of every draw has the twin's bits; orthogonal_ is judged by its backward error instead."""
    if same:
        return exact_finding(sample, "bits", True, "equal", "bits")
    total = sum(draw.values.size for draw in sample.draws)
    unequal = [pair for pair in _pairs(sample, twin) if differing(*pair).size]
    count = sum(differing(*pair).size for pair in unequal)
    allowed = may_flip(sample) and stats.binom.sf(count - 1, total * ROUNDS, FLIP_RATE) > share
    first = first_difference(*unequal[0])
    assert first is not None
    figure = f"{count} of {total} differ, first at {first.index}: {first.ours} instead of {first.theirs}"
    return exact_finding(sample, "bits", bool(allowed), f"{figure}{' (allowed)' if allowed else ''}", "bits")


def state(sample: Sample, twin: Sample, same_bits: bool) -> Finding:
    """The generator ends where the twin's ends."""
    count = sum(ours.state != theirs.state for ours, theirs in _pairs(sample, twin))
    # A flipped decision in the last round costs or saves a whole round.
    excused = count == 1 and may_flip(sample) and not same_bits
    figure = f"final state differs in {count} of {len(sample.draws)} draws" if count else "equal"
    return exact_finding(sample, "state", not count or excused, figure, "state")


def _pairs(sample: Sample, twin: Sample) -> list[tuple[Filled, Filled]]:
    return list(zip(sample.draws, twin.draws, strict=True))


def compares_bits(sample: Sample) -> bool:
    """Whether the twin's bits are promised: LAPACK rounds differently from build to build."""
    return not isinstance(sample.law, Haar)


def same_draws(sample: Sample, twin: Sample) -> bool:
    """Whether both made the same weights, so that one look serves for both."""
    return all(not differing(*pair).size for pair in _pairs(sample, twin))


def digest(filled: Filled) -> str:
    """The hash kept for a fill: 16 hex digits over the values' bytes in C order."""
    data = hashlib.blake2b(np.ascontiguousarray(filled.values).tobytes(), digest_size=8)
    return data.hexdigest()


@lru_cache(maxsize=1024)
def _state_digest(state_bytes: bytes) -> str:
    return hashlib.blake2b(state_bytes, digest_size=4).hexdigest()


def state_digest(filled: Filled) -> str:
    """The hash kept for a final state: 8 hex digits, or empty where nothing was drawn."""
    return "" if filled.state is None else _state_digest(filled.state)
