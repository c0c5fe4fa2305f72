"""What compares the libraries' models sees what differs; no library is needed for that."""

import sys
from collections import Counter
from types import ModuleType, SimpleNamespace

import pytest

import refinit

torch = pytest.importorskip("torch", reason="models are torch's")

from tests.platforms import library_models  # noqa: E402 - needs torch
from tests.platforms.library_models import Comparison, compared, replaced  # noqa: E402
from tests.tables import library_models as table  # noqa: E402


def linear():
    layer = torch.nn.Linear(8, 4)
    torch.nn.init.xavier_normal_(layer.weight)
    return layer


def wrong(**functions):
    """refinit with these functions in the place of its own."""
    return SimpleNamespace(**{**vars(refinit), **functions})


def test_a_model_with_the_same_bits_has_nothing_unequal():
    result = compared("linear", linear, refinit)
    # Linear itself: kaiming_uniform_, the fans, uniform_
    assert result == Comparison("linear", tensors=2, elements=36, calls=4)


def test_a_parameter_that_differs_is_named():
    def ones(weight, *_, **__):
        return refinit.ones_(weight)

    assert compared("linear", linear, wrong(xavier_normal_=ones)).unequal == ("weight", "generator")


def test_a_generator_that_ends_elsewhere_is_named():
    def twice(weight, *arguments, **keywords):
        state = torch.get_rng_state()
        refinit.xavier_normal_(weight, *arguments, **keywords)
        torch.rand(700)
        assert not torch.equal(torch.get_rng_state(), state)
        return weight

    assert compared("linear", linear, wrong(xavier_normal_=twice)).unequal == ("generator",)


def test_what_is_no_function_of_the_seed_is_left_out():
    values = iter(range(9))

    def make():
        layer = linear()
        layer.register_buffer("made", torch.tensor(float(next(values))))
        return layer

    assert compared("linear", make, refinit).unequal == ()
    assert compared("linear", make, refinit).tensors == 2


def test_a_model_that_torch_cannot_construct_is_told():
    def make():
        raise ValueError("no such model\nand more")

    assert compared("none", make, refinit).error == "ValueError: no such model"


def test_names_that_modules_imported_and_tables_of_theirs_are_replaced_and_put_back(monkeypatch):
    original = torch.nn.init.normal_
    library = ModuleType("some_library")
    library.normal_, library.TABLE = original, {"normal": original}
    monkeypatch.setitem(sys.modules, "some_library", library)
    calls = Counter()
    with replaced(refinit, calls):
        for function in (torch.nn.init.normal_, library.normal_, library.TABLE["normal"]):
            function(torch.empty(3))
    assert calls == {"normal_": 3}
    assert library.normal_ is library.TABLE["normal"] is torch.nn.init.normal_ is original


def test_a_library_has_a_line_that_counts_what_was_made(monkeypatch):
    monkeypatch.setattr(library_models, "version", lambda name: "1.0")
    results = [Comparison("a", 3, 2000, 5), Comparison("b", 1, 10, 1, ("w",)), Comparison("c", error="no")]
    assert library_models.row("some", results) == ("some 1.0", "2", "4", "2,010", "6", "1")


def test_no_model_is_listed_twice():
    for names in (table.TORCHVISION, table.TIMM, table.TRANSFORMERS):
        assert len(set(names)) == len(names)
    assert set(table.STANDARD) | set(table.OWN_SIZES) <= set(table.TRANSFORMERS)
