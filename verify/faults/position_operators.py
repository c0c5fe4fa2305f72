"""Operators that break a stream in which position is everything: words, lanes, keys and shards out of their places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import pi
from typing import Any

import numpy as np
import numpy.typing as npt

from ..cases.case import Case
from ..laws import reference
from ..laws.counter_words import LANES, WORDS, CounterWords, Words
from ..subjects import Filled, Subject
from ..subjects.counter import shards
from .formula_operators import with_values

_TILE = WORDS * LANES


def words(case: Case, seed: int) -> Words:
    """The words of fill 0 by tiles, words and lanes, one for each real of 32 bits, the last tile's all of them."""
    tiles = -(-case.size // _TILE)
    return CounterWords(seed).words(np.arange(tiles * _TILE)).reshape(tiles, WORDS, LANES)


def uniforms(case: Case, numbers: Words) -> Filled:
    """A float32 weight of 24-bit numbers, made as uniform_ makes it."""
    law = reference.law(case)
    assert isinstance(law, reference.Uniform)
    low, width = np.float64(np.float32(law.low)), np.float64(np.float32(law.high - law.low))
    # One rounding: products of 24-bit numbers are exact in float64, and the sum is all but so.
    values = (numbers.reshape(-1)[: case.size] * 2.0**-24 * width + low).astype(np.float32)
    highest = np.nextafter(np.float32(law.high), np.float32(law.low))
    return Filled(np.minimum(values, highest).reshape(case.shape))


def low_bits(base: Subject, case: Case, seed: int) -> Filled:
    """The low 24 bits of each word in the place of the high ones."""
    if case.dtype != "float32":
        return base.fill(case, seed)
    low = words(case, seed) & np.uint64(0xFFFFFF)
    return replace(uniforms(case, low), state=base.fill(case, seed).state)


def lane_off_by_one(base: Subject, case: Case, seed: int) -> Filled:
    """Each element takes its neighbour's lane."""
    return _permuted(base, case, seed, lambda tiles: np.roll(tiles, 1, axis=2))


def words_reversed(base: Subject, case: Case, seed: int) -> Filled:
    """The four words of each block from the last to the first."""
    return _permuted(base, case, seed, lambda tiles: tiles[:, ::-1])


def words_beside_each_other(base: Subject, case: Case, seed: int) -> Filled:
    """A block's four words in four neighbouring elements, as a plain loop over blocks writes them."""
    return _permuted(base, case, seed, lambda tiles: tiles.transpose(0, 2, 1))


def _permuted(
    base: Subject, case: Case, seed: int, permutation: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
) -> Filled:
    """Whole tiles rearranged; what is left over stays."""
    filled = base.fill(case, seed)
    flat = filled.values.reshape(-1).copy()
    whole = flat.size // _TILE * _TILE
    flat[:whole] = permutation(flat[:whole].reshape(-1, WORDS, LANES)).reshape(-1)
    return with_values(filled, flat.reshape(case.shape))


def bound_reached(base: Subject, case: Case, seed: int) -> Filled:
    """What rounds up to the excluded upper bound stays there."""
    filled = base.fill(case, seed)
    if case.dtype not in ("float16", "bfloat16"):
        return filled
    wide = base.fill(replace(case, dtype="float32"), seed).values
    return with_values(filled, wide.astype(filled.values.dtype))


def key_halves_swapped(base: Subject, case: Case, seed: int) -> Filled:
    """The seed's high half where Philox's first key word belongs."""
    return base.fill(case, seed % 2**32 * 2**32 + seed // 2**32)


def orthogonal_of_another_fill(base: Subject, case: Case, seed: int) -> Filled:
    """A right weight, but another's."""
    return replace(base.fill(case, seed ^ 1), state=base.fill(case, seed).state)


def shard_off_by_one(base: Subject, case: Case, seed: int) -> Filled:
    """Shards that do not begin at the weight's start hold what lies one row further on."""
    if case.source != "shards":
        return base.fill(case, seed)
    filled = base.fill(case, seed)
    rows, *rest = case.shape
    longer = replace(case, shape=(rows + 1, *rest), source="generator", layout="contiguous")
    beyond, values = base.fill(longer, seed).values, filled.values.copy()
    for first, *others in shards(case.shape):
        if first.start:
            values[first, *others] = beyond[slice(first.start + 1, first.stop + 1), *others]
    return with_values(filled, values)


def tails_cut(base: Subject, case: Case, seed: int) -> Filled:
    """Radii of normals from 24 bits: tails end at 5.77 sigma instead of 6.7."""
    filled, law = base.fill(case, seed), reference.law(case)
    if case.dtype != "float32":
        return filled
    assert isinstance(law, reference.Normal)
    values = box_muller(law, words(case, seed), 24)[: case.size]
    return with_values(filled, values.astype(np.float32).reshape(case.shape))


def box_muller(law: reference.Normal, words: Words, bits: int) -> npt.NDArray[np.float64]:
    """Box-Muller by tiles: words 0 and 2 give the radii, that many bits of them, and words 1 and 3 the angles."""
    radii, angles = words[:, ::2] >> np.uint64(32 - bits), words[:, 1::2] * (2.0 * pi * 2.0**-32)
    radius = np.sqrt(-2.0 * np.log((radii + 1.0) * 2.0**-bits))
    pairs = np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=2)
    return np.asarray(pairs.reshape(-1) * law.std + law.mean)
