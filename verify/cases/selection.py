"""Which cases a run tries.

tiny covers each function x dtype x layout x source once in small weights, quick each function x dtype x model once,
full every pair of choices.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from math import prod
from typing import Any

from . import layouts
from .case import Case
from .formats import FORMATS
from .functions import FUNCTIONS, Function, parameter_sets
from .models import LAYERS, MODELS, Layer

#: Each of its cases is drawn once, which is too little to judge a law by.
TINY = "tiny"
BUDGETS = (TINY, "quick", "full")
# Runs of a shard's rows are long enough in the last for code that is made for long ones.
TINY_LAYERS = (
    *(layer for layer in LAYERS if layer.model == "awkward"),
    Layer("awkward", "long_rows", (3, 1700)),
)
QUICK_ELEMENTS = 4_000_000
FULL_ELEMENTS = 4_000_000  # per case of the pairwise part; larger weights are tried once each
_FEW = 50
ORTHOGONAL_SIDE = {"quick": 1024, "full": 2048}
# The choice of cases never depends on the run's seed: committed hashes are kept for exactly these.
_SELECTION_SEED = 20130


def select(
    budget: str,
    only: Iterable[str] | None = None,
    dtypes: Iterable[str] | None = None,
    functions: Mapping[str, Function] = FUNCTIONS,
) -> list[Case]:
    """The cases of that budget, without repetition, restricted to those functions and dtypes."""
    choose = {TINY: tiny_cases, "quick": quick_cases, "full": full_cases}[budget]
    names = list(functions) if only is None else _chosen("functions", only, functions)
    wanted = None if dtypes is None else set(_chosen("dtypes", dtypes, FORMATS))
    cases: dict[str, Case] = {}
    for name in names:
        for case in choose(functions[name]):
            if wanted is None or case.dtype in wanted:
                cases.setdefault(case.id, case)
    return list(cases.values())


def _chosen(what: str, names: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """Those names in the order of what is allowed."""
    asked, known = list(names), list(allowed)
    if unknown := [name for name in asked if name not in known]:
        raise ValueError(f"{what} must be among {', '.join(known)}; got {', '.join(map(repr, unknown))}")
    return [name for name in known if name in asked]


def case_of(
    function: Function, layer: Layer, dtype: str, parameters: dict[str, Any], layout: str, source: str
) -> Case:
    """The case of that call on that weight of a model."""
    return Case(
        function.name,
        layer.shape,
        dtype,
        tuple(parameters.items()),
        layout,
        source if function.random else "generator",
        layer.model,
        layer.name,
    )


def suitable(function: Function, elements: int, side: int) -> list[Layer]:
    """Layers the function takes, within a number of elements and, for QR, within a side."""
    return [
        layer
        for layer in LAYERS
        if function.takes(layer)
        and layer.size <= elements
        and (function.name != "orthogonal_" or min(layer.shape[0], prod(layer.shape[1:])) <= side)
    ]


def _random_case(function: Function, layer: Layer, dtype: str, rng: random.Random) -> Case:
    parameters = rng.choice(parameter_sets(function, layer.shape, dtype))
    # Half of the cases are contiguous: the fast paths live there.
    layout = rng.choice(
        [
            "contiguous",
            rng.choice([x for x in layouts.LAYOUTS if layouts.accepted(function.name, x, layer.shape)]),
        ]
    )
    usual, other = function.sources
    source = rng.choice([usual, usual, other])
    return case_of(function, layer, dtype, parameters, layout, source)


def _effort(function: Function, layer: Layer) -> tuple[int, int]:
    """What makes a weight the largest: its size, for QR the shorter side first."""
    side = min(layer.shape[0], prod(layer.shape[1:])) if function.name == "orthogonal_" else 0
    return side, layer.size


def quick_cases(function: Function) -> Iterator[Case]:
    """Each dtype x model at least once; each parameter set, each layout and the largest weight at least once."""
    rng = random.Random(f"{_SELECTION_SEED} {function.name}")
    layers = suitable(function, QUICK_ELEMENTS, ORTHOGONAL_SIDE["quick"])
    # A law without chance says the same each time; the others are worth a second weight of each model.
    for dtype, model in product(function.dtypes, MODELS * (2 if function.random else 1)):
        if own := [layer for layer in layers if layer.model == model]:
            # Small layers oftener than large ones, so that the run's time goes into variety.
            weights = [(layer.size + 1000.0) ** -0.5 for layer in own]
            yield _random_case(function, rng.choices(own, weights)[0], dtype, rng)
    yield from _forced(function, layers)


def _forced(function: Function, layers: list[Layer]) -> Iterator[Case]:
    dtype = "float32"
    largest = max(layers, key=lambda layer: _effort(function, layer))
    yield case_of(
        function, largest, dtype, parameter_sets(function, largest.shape, dtype)[0], "contiguous", "generator"
    )
    middling = [layer for layer in layers if 1000 <= layer.size <= 70_000] or layers
    for index, parameters in enumerate(function.parameters):
        for layer in middling[index:] + middling[:index]:
            if function.accepts(layer.shape, parameters):
                yield case_of(function, layer, dtype, parameters, "contiguous", "generator")
                break
    for layout in layouts.LAYOUTS:
        for source in function.sources:
            if fitting := [
                layer for layer in middling if layouts.accepted(function.name, layout, layer.shape)
            ]:
                parameters = parameter_sets(function, fitting[0].shape, dtype)[0]
                yield case_of(function, fitting[0], dtype, parameters, layout, source)
    for layer in layers:
        if layer.model == "awkward":
            yield case_of(
                function,
                layer,
                dtype,
                parameter_sets(function, layer.shape, dtype)[0],
                "contiguous",
                "generator",
            )


def tiny_cases(function: Function) -> Iterator[Case]:
    """Each dtype x layout x source, each weight from each source, each parameter set."""
    rng = random.Random(f"{_SELECTION_SEED} tiny {function.name}")
    possible = list(_possible(function, [layer for layer in TINY_LAYERS if function.takes(layer)]))
    yield from covering(possible, rng, _ways)


def _ways(case: Case) -> list[tuple[object, ...]]:
    """What a tiny case shows; a few elements show no layout."""
    shown: list[tuple[object, ...]] = [("layer", case.layer, case.source), ("parameters", case.parameters)]
    return [*shown, (case.dtype, case.layout, case.source)] if case.size > _FEW else shown


def full_cases(function: Function) -> Iterator[Case]:
    """The quick cases, every pair of (layer, dtype, parameters, layout, source), and each larger weight once."""
    yield from quick_cases(function)
    rng = random.Random(f"{_SELECTION_SEED} full {function.name}")
    side = ORTHOGONAL_SIDE["full"]
    yield from covering(list(_possible(function, suitable(function, FULL_ELEMENTS, side))), rng)
    small = set(suitable(function, FULL_ELEMENTS, side))
    for layer in suitable(function, 40_000_000, side):
        if layer not in small:
            yield replace(_random_case(function, layer, "float32", rng), layout="contiguous")


def _possible(function: Function, layers: list[Layer]) -> Iterator[Case]:
    for layer in layers:
        for dtype in function.dtypes:
            for parameters in parameter_sets(function, layer.shape, dtype):
                for layout in layouts.LAYOUTS:
                    if layouts.accepted(function.name, layout, layer.shape):
                        for source in function.sources if function.random else ("generator",):
                            yield case_of(function, layer, dtype, parameters, layout, source)


def _pairs(case: Case) -> list[tuple[object, ...]]:
    factors: list[tuple[str, object]] = [
        ("layer", (case.model, case.layer)),
        ("dtype", case.dtype),
        ("parameters", case.parameters),
        ("layout", case.layout),
        ("source", case.source),
    ]
    return list(combinations(factors, 2))


def covering(
    possible: list[Case], rng: random.Random, parts: Callable[[Case], list[tuple[object, ...]]] = _pairs
) -> Iterator[Case]:
    """Cases that together have every part that any possible case has: every pair of two choices."""
    rng.shuffle(possible)
    missing = {part for case in possible for part in parts(case)}
    # Greedy: first only cases that add many new parts, then whatever still adds one.
    for least in (10, 7, 5, 3, 2, 1):
        for case in possible:
            new = missing.intersection(parts(case))
            if len(new) >= least:
                missing -= new
                yield case
