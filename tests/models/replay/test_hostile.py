"""Recipes changed at random do never worse than a ValueError that names a place, in bounded memory."""

import copy
import json
import random
import tracemalloc
import warnings

import pytest

import refinit as init
from tests.tables.recipes import VALID

LIMIT = 1 << 20
VALUES = (
    None,
    True,
    0,
    -1,
    3,
    2**31,
    2**63,
    2**64,
    10**30,
    0.5,
    -2.5,
    1e308,
    5e-324,
    "",
    "nan",
    "-inf",
    "w",
    "v",
    "m",
    "float64",
    "bool",
    "float8_e4m3fn",
    "normal_",
    "orthogonal_",
    "sparse_",
    "dirac_",
    "mm",
    "repeat",
    "fill",
    "log",
    "../../w",
    "\x00",
    "\ud800",
    [],
    {},
    [0],
    [1, 0],
    [-1],
    [4, 6],
    [1 << 20, 1 << 20],
    [2**40],
    {"buffer": "w"},
    {"buffer": "m"},
    {"buffer": "w", "offset": 0, "shape": [1 << 14, 1 << 14], "strides": [0, 0]},
    {"buffer": "w", "offset": 2, "shape": [2, 0, 2], "strides": [1, 1, 1]},
    {"dtype": "float64", "shape": [1 << 13, 1 << 13], "value": 1.0},
    {"dtype": "float32", "shape": [], "value": "nan"},
    {"real": 1.0, "imag": 2.0},
)


def places(value, path=()):
    """All paths into a document."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, key))


def mutated(source):
    """The valid recipe with one to three things replaced, left out, moved or repeated."""
    document = json.loads(json.dumps(VALID))
    for _ in range(source.randint(1, 3)):
        paths = [*places(document)]
        path = source.choice(paths)
        entry = document
        for key in path[:-1]:
            entry = entry[key]
        kind = source.random()
        if kind < 0.6:
            entry[path[-1]] = copy.deepcopy(source.choice(VALUES))
        elif kind < 0.7:
            del entry[path[-1]]
        elif kind < 0.85:
            other = document
            for key in source.choice(paths):
                other = other[key]
            entry[path[-1]] = copy.deepcopy(other)
        elif isinstance(entry, list):
            entry.insert(source.randrange(len(entry) + 1), copy.deepcopy(source.choice(entry)))
        if not isinstance(document, dict):
            break
    return document


@pytest.mark.parametrize("group", range(8))
def test_no_mutation_does_worse_than_a_value_error(group):
    source = random.Random(group)
    refused = accepted = 0
    tracemalloc.start()
    for _ in range(150):
        document = mutated(source)
        for generator in (init.Generator().manual_seed(3), init.CounterGenerator(3)):
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # initializers warn of strange arguments
                    init.replay(document, generator=generator, max_bytes=LIMIT)
                accepted += 1
            except ValueError as error:
                refused += "expected" in str(error)
            _, peak = tracemalloc.get_traced_memory()
            assert peak - before < 8 * LIMIT
    tracemalloc.stop()
    assert refused + accepted == 2 * 150  # each refusal says what was expected
    assert refused > 100
    assert accepted > 4
