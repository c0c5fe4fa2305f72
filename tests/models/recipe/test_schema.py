"""The schema beside the format: it says what the checks say, as far as JSON Schema can."""

import json

import pytest
from jsonschema import Draft202012Validator

from refinit.dtypes import ELEMENTS
from refinit.initializers.registry import INITIALIZERS
from refinit.models.recipe.signatures import SIGNATURES
from refinit.models.recipe.steps import Recipe
from tests.paths import ROOT
from tests.tables.recipes import MALFORMED, VALID, changed

SCHEMA = json.loads((ROOT / "refinit" / "models" / "recipe" / "schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_its_words_are_those_of_the_tables():
    definitions = SCHEMA["$defs"]
    assert definitions["dtype"]["enum"] == [*ELEMENTS]
    assert definitions["fill"]["properties"]["fill"]["enum"] == [*INITIALIZERS]
    assert definitions["operation"]["properties"]["operation"]["enum"] == sorted(SIGNATURES)


def test_it_accepts_what_is_written():
    assert not [*VALIDATOR.iter_errors(VALID)]
    assert not [*VALIDATOR.iter_errors(Recipe.from_document(VALID).to_document())]


@pytest.mark.parametrize(("path", "value"), [case[:2] for case in MALFORMED])
def test_it_refuses_what_the_checks_refuse(path, value):
    assert [*VALIDATOR.iter_errors(changed(*path, to=value))]
