"""The cases cover what is promised, and are the same in every run."""

import random
from itertools import product
from math import prod

import pytest

from refinit.float8 import FLOAT8
from refinit.initializers.registry import INITIALIZERS
from verify.cases import layouts
from verify.cases.case import Case
from verify.cases.functions import COUNTER_FUNCTIONS, FUNCTIONS, REFINIT_FUNCTIONS
from verify.cases.models import LAYERS, MODELS, Layer
from verify.cases.selection import ORTHOGONAL_SIDE, QUICK_ELEMENTS, covering, select, suitable
from verify.laws import reference

QUICK = select("quick")


def test_every_function_of_torch_is_tried():
    torch = pytest.importorskip("torch")
    public = {name for name in torch.nn.init.__all__ if name.endswith("_")}
    assert set(FUNCTIONS) == public, "FUNCTIONS in verify/cases/functions.py are torch's"


def test_every_function_of_refinit_is_tried():
    assert set(INITIALIZERS) == set(FUNCTIONS), "add it to FUNCTIONS in verify/cases/functions.py"
    assert set(FUNCTIONS) == set(reference.LAWS), "add its law to LAWS in verify/laws/reference.py"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_dtypes_axes_and_chance_are_those_of_refinits_table(name):
    """cases/functions.py states them a second time; where refinit's table changes, change it too.

    Of float8, which holds constants alone, every value is compared with torch's in tests/streams/fixed/test_float8.py.
    """
    registered, function = INITIALIZERS[name], FUNCTIONS[name]
    assert set(function.dtypes) == set(registered.dtypes["torch"]) - set(FLOAT8)
    assert set(COUNTER_FUNCTIONS[name].dtypes) == set(registered.dtypes["counter"]) - set(FLOAT8)
    assert function.random == registered.random
    for ndim in range(6):
        taken = ndim >= registered.least_ndim and ndim in (registered.ndims or range(6))
        assert function.takes(Layer("", "", (1,) * ndim)) == taken, ndim


def test_quick_has_each_function_with_each_dtype_and_model_that_fit():
    """By shape: where two models have the same weight, one case serves both."""
    found = {(case.function, case.dtype, case.shape) for case in QUICK}
    for function in FUNCTIONS.values():
        layers = suitable(function, QUICK_ELEMENTS, ORTHOGONAL_SIDE["quick"])
        for dtype, model in product(function.dtypes, MODELS):
            shapes = [layer.shape for layer in layers if layer.model == model]
            assert not shapes or any((function.name, dtype, shape) in found for shape in shapes)


def test_quick_has_each_parameter_set_layout_source_and_awkward_weight():
    for function in FUNCTIONS.values():
        cases = [case for case in QUICK if case.function == function.name]
        for parameters in function.parameters:
            assert any(case.named == parameters for case in cases), (function.name, parameters)
        awkward = {layer.shape for layer in LAYERS if layer.model == "awkward" and function.takes(layer)}
        assert awkward <= {case.shape for case in cases}
        for layout in layouts.LAYOUTS:
            if any(
                layouts.accepted(function.name, layout, layer.shape) and function.takes(layer)
                for layer in LAYERS
            ):
                assert any(case.layout == layout for case in cases), (function.name, layout)
        assert {case.source for case in cases} == (
            {"generator", "default"} if function.random else {"generator"}
        )


@pytest.mark.parametrize("budget", ["tiny", "quick"])
def test_what_torch_lacks_is_tried_with_refinit_alone(budget):
    for functions in (FUNCTIONS, REFINIT_FUNCTIONS, COUNTER_FUNCTIONS):
        found = select(budget, None, ["float32"], functions)
        for name, function in functions.items():
            beyond = [
                case for case in found if case.function == name and not FUNCTIONS[name].answers(case.named)
            ]
            assert {case.source for case in beyond} <= set(function.sources)
            assert all(function.answers(case.named) for case in beyond)
            for parameters in function.beyond:
                assert any(case.named == parameters for case in beyond), (name, parameters)
    axes = [name for name, function in REFINIT_FUNCTIONS.items() if function.beyond]
    assert axes == [name for name in FUNCTIONS if "xavier" in name or "kaiming" in name]


def test_quick_stays_small():
    assert max(case.size for case in QUICK) <= QUICK_ELEMENTS
    sides = [min(case.shape[0], prod(case.shape[1:])) for case in QUICK if case.function == "orthogonal_"]
    assert max(sides) == 1024


def test_cases_are_the_same_every_time_and_named_apart():
    assert select("quick") == QUICK
    assert len({case.id for case in QUICK}) == len(QUICK)


def test_full_contains_quick_and_every_weight():
    full = select("full")
    assert {case.id for case in QUICK} <= {case.id for case in full}
    shapes = {case.shape for case in full}
    assert {layer.shape for layer in LAYERS} <= shapes


def test_full_is_pairwise():
    """Every pair (dtype, layout), (dtype, parameters), (layer, dtype) of a function that can occur, occurs."""
    full = [case for case in select("full", ["kaiming_uniform_"]) if case.size <= QUICK_ELEMENTS]
    function = FUNCTIONS["kaiming_uniform_"]
    pairs = {(case.dtype, case.layout) for case in full}
    assert pairs == set(product(function.dtypes, layouts.LAYOUTS))
    assert {(case.dtype, case.parameters) for case in full} >= {
        (dtype, tuple(parameters.items())) for dtype in function.dtypes for parameters in function.parameters
    }
    small = suitable(function, QUICK_ELEMENTS, 1)
    assert {(case.shape, case.dtype) for case in full} >= set(
        product({x.shape for x in small}, function.dtypes)
    )


def test_a_covering_has_all_pairs_with_fewer_cases_than_all():
    possible = [
        Case("normal_", (i,), dtype, (("std", s),), layout, "generator", "m", str(i))
        for i, dtype, s, layout in product(
            range(1, 6), ("float32", "float64", "float16"), (1, 2, 3), ("contiguous", "sliced")
        )
    ]
    chosen = list(covering(list(possible), random.Random(0)))
    assert len(chosen) < len(possible) / 3
    pairs = {(case.shape, case.parameters) for case in possible}
    assert {(case.shape, case.parameters) for case in chosen} == pairs


def test_restrictions_restrict():
    chosen = select("quick", ["eye_", "normal_"], ["float16"])
    assert {case.function for case in chosen} == {"eye_", "normal_"}
    assert {case.dtype for case in chosen} == {"float16"}


def test_a_case_can_be_rebuilt_from_its_repr():
    for case in QUICK[::50]:
        assert eval(repr(case)) == case


@pytest.mark.parametrize("nonlinearity", reference.NONLINEARITIES)
def test_reference_gains_are_torchs(nonlinearity):
    torch = pytest.importorskip("torch")
    assert reference.gain(nonlinearity) == torch.nn.init.calculate_gain(nonlinearity)


def test_reference_laws_import_nothing_of_refinit():
    from pathlib import Path

    import verify

    about_kernels = {"executors.py", "kernels.py"}  # what runs and lints refinit's own
    for path in Path(verify.__file__).parent.rglob("*.py"):
        if path.parent.name != "subjects" and path.name not in about_kernels:
            assert "import refinit" not in path.read_text().replace('"import numpy as np, refinit', ""), path
            assert "from refinit" not in path.read_text(), path


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "xavier" in name or "kaiming" in name])
def test_reference_scales_are_refinits_to_the_last_bit(name):
    """Whether a two-byte value lies in [-b, b) may hang on it; that both are right is for other tests."""
    registered = INITIALIZERS[name]
    for case in select("full", [name], ["float32"], REFINIT_FUNCTIONS):
        if case.size:
            ours, theirs = reference.law(case), registered.law(case.shape, **case.named)
            scale = (theirs.lo, theirs.hi) if name.endswith("uniform_") else (0.0, theirs.std)
            assert tuple(vars(ours).values()) == scale, case.id


def test_reference_dirac_is_torchs():
    torch = pytest.importorskip("torch")
    for shape, groups in (((6, 4, 2, 4), 1), ((24, 5, 3, 5), 3), ((12, 6, 2, 4, 2), 2), ((4, 9, 3), 4)):
        w = torch.empty(shape)
        torch.nn.init.dirac_(w, groups)
        assert (reference.expected_array(shape, reference.Exactly("dirac", groups)) == w.numpy()).all()
