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
LAYOUT_INVISIBLE = 50  # elements up to which a weight shows no layout
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
    selected_names = _restricted("functions", functions, only)
    selected_dtypes = _restricted("dtypes", FORMATS, dtypes)
    cases: dict[str, Case] = {}
    for name in selected_names:
        for case in choose(functions[name]):
            if case.dtype in selected_dtypes:
                cases.setdefault(case.id, case)
    return list(cases.values())


def _restricted(kind: str, allowed: Iterable[str], names: Iterable[str] | None) -> list[str]:
    """Those names in the order of what is allowed, or all of that."""
    if names is None:
        return list(allowed)
    allowed, names = list(allowed), list(names)
    if unknown := [name for name in names if name not in allowed]:
        raise ValueError(f"{kind} must be among {', '.join(allowed)}; got {', '.join(map(repr, unknown))}")
    return [name for name in allowed if name in names]


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
    layout = rng.choice(["contiguous", rng.choice(_layouts(function, layer))])
    usual, other = function.sources
    source = rng.choice([usual, usual, other])
    return case_of(function, layer, dtype, parameters, layout, source)


def _layouts(function: Function, layer: Layer) -> list[str]:
    return [layout for layout in layouts.LAYOUTS if layouts.accepted(function.name, layout, layer.shape)]


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
    yield from _beyond(function, layers)


def _forced(function: Function, layers: list[Layer]) -> Iterator[Case]:
    """What chance may miss: the largest weight, each parameter set, each layout and source, awkward weights."""
    yield _plain_case(function, max(layers, key=lambda layer: _effort(function, layer)))
    middling = [layer for layer in layers if 1000 <= layer.size <= 70_000] or layers
    for index, parameters in enumerate(function.parameters):
        for layer in middling[index:] + middling[:index]:
            if function.accepts(layer.shape, parameters):
                yield _plain_case(function, layer, parameters)
                break
    for layout, source in product(layouts.LAYOUTS, function.sources):
        if fitting := [layer for layer in middling if layout in _layouts(function, layer)]:
            yield _plain_case(function, fitting[0], layout=layout, source=source)
    for layer in layers:
        if layer.model == "awkward":
            yield _plain_case(function, layer)


def _beyond(function: Function, layers: list[Layer]) -> Iterator[Case]:
    """Each parameter set that torch lacks, from each source, in weights of four axes."""
    kernels = [layer for layer in layers if len(layer.shape) == 4 and len({*layer.shape[:2]}) == 2]
    for index, (parameters, source) in enumerate(product(function.beyond, function.sources)):
        yield _plain_case(function, kernels[index % len(kernels)], parameters, source=source)


def _plain_case(
    function: Function,
    layer: Layer,
    parameters: dict[str, Any] | None = None,
    layout: str = "contiguous",
    source: str = "generator",
) -> Case:
    """A case in float32, of the first parameter set where nothing else is asked for."""
    first = parameter_sets(function, layer.shape, "float32")[0]
    return case_of(function, layer, "float32", first if parameters is None else parameters, layout, source)


def tiny_cases(function: Function) -> Iterator[Case]:
    """Each dtype x layout x source, each weight from each source, each parameter set."""
    rng = random.Random(f"{_SELECTION_SEED} tiny {function.name}")
    possible = list(_possible(function, [layer for layer in TINY_LAYERS if function.takes(layer)]))
    yield from covering(possible, rng, _tiny_parts)
    yield from _beyond(function, [layer for layer in TINY_LAYERS if function.takes(layer)])


def _tiny_parts(case: Case) -> list[tuple[object, ...]]:
    """What a tiny case shows; a few elements show no layout."""
    parts: list[tuple[object, ...]] = [("layer", case.layer, case.source), ("parameters", case.parameters)]
    return [*parts, (case.dtype, case.layout, case.source)] if case.size > LAYOUT_INVISIBLE else parts


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
    sources = function.sources if function.random else ("generator",)
    for layer in layers:
        for dtype in function.dtypes:
            parameters = parameter_sets(function, layer.shape, dtype)
            for named, layout, source in product(parameters, _layouts(function, layer), sources):
                yield case_of(function, layer, dtype, named, layout, source)


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
    for minimum in (10, 7, 5, 3, 2, 1):
        for case in possible:
            new = missing.intersection(parts(case))
            if len(new) >= minimum:
                missing -= new
                yield case
