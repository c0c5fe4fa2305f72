"""Philox4x32-10 against the known answers of its authors."""

from __future__ import annotations

import json

import numba
import numpy as np
import pytest
from numba import types

from refinit.kernels.math.philox import philox, round_keys
from tests.paths import DATA

KNOWN = json.loads((DATA / "philox_kat.json").read_text())["vectors"]
LAST32 = 2**32 - 1


def words_of(texts: list[str]) -> list[int]:
    return [int(text, 16) for text in texts]


@pytest.mark.parametrize("vector", KNOWN, ids=["zeros", "ones", "pi"])
@pytest.mark.parametrize("rubbish", [0, 0xDEADBEEF << 32], ids=["clean", "upper-halves-set"])
def test_philox_gives_the_known_answers(vector, rubbish):
    counter = [np.uint64(word | rubbish) for word in words_of(vector["counter"])]
    low, high = words_of(vector["key"])
    keys = [np.uint64(key) for key in round_keys(np.uint64(high << 32 | low))]
    words = philox(*counter, tuple(keys))
    assert list(words) == words_of(vector["words"])
    assert numba.typeof(words) == types.UniTuple(types.uint64, 4) or all(
        0 <= word <= LAST32 for word in words
    )
