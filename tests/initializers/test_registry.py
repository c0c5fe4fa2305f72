"""The table of initializers: each entry's law is the one that its function fills with."""

import sys
from typing import get_type_hints

import pytest

import refinit
from refinit.initializers.registry import DEPRECATED, INITIALIZERS
from tests.tables.streams import STREAM_CALLS

SHAPES = {2: (6, 4), 3: (6, 4, 3), 4: (4, 6, 3, 2)}


@pytest.mark.parametrize("call", [c for c in STREAM_CALLS if {2, 3, 4} & set(c.ndims)], ids=str)
def test_the_law_of_the_table_is_the_one_that_is_filled(call, monkeypatch):
    entry, filled = INITIALIZERS[call.function], []
    module = sys.modules[entry.function.__module__]
    monkeypatch.setattr(module, "fill", lambda tensor, law, *rest, **named: filled.append(law))
    shape = SHAPES[min({2, 3, 4} & set(call.ndims))]
    call.on(refinit, refinit.empty(*shape))
    law = entry.law(shape, **call.parameters)
    assert filled == [law]
    assert entry.random == law.random


def test_every_entry_is_called_above():
    called = {call.function for call in STREAM_CALLS}
    assert called == set(INITIALIZERS), "add a Call to CALLS in tests/tables/cases.py"


def test_the_public_names_are_those_of_the_table():
    exported = "import it in refinit/initializers/__init__.py and add it to __all__ there"
    assert set(refinit.initializers.__all__) == set(INITIALIZERS), exported
    assert set(INITIALIZERS) | set(DEPRECATED) <= set(refinit.__all__)
    for name, entry in INITIALIZERS.items():
        assert entry.function is getattr(refinit, name) is getattr(refinit.initializers, name), name
    for name in DEPRECATED:
        assert getattr(refinit, name).__name__ == name


@pytest.mark.parametrize("entry", INITIALIZERS.values(), ids=INITIALIZERS)
def test_annotations_can_be_evaluated_and_say_that_the_tensor_comes_out(entry):
    types = get_type_hints(entry.function)
    assert types["return"] is types["tensor"]
    assert ("generator" in types) == entry.random
