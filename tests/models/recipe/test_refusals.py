"""Recipes that are none: each refusal names the place, what was expected, and what came."""

import json
import tracemalloc
import zlib
from base64 import b64encode

import numpy as np
import pytest

import refinit as init
from refinit.models.recipe import steps
from refinit.models.recipe.problem import RecipeError
from refinit.models.recipe.reading import parsed
from refinit.models.recipe.steps import Recipe
from tests.tables.recipes import IMPOSSIBLE, MALFORMED, VALID, changed

LIMIT = 1 << 20


def test_the_valid_one_is_valid():
    weights = init.replay(VALID, 3, max_bytes=LIMIT)
    assert [*weights] == [*VALID["state"]]
    assert weights["steps"].tolist() == [1, 2, 3, 4]
    assert init.replay(VALID, generator=init.CounterGenerator(3), max_bytes=LIMIT).keys() == weights.keys()


@pytest.mark.parametrize(("path", "value", "message"), [*MALFORMED, *IMPOSSIBLE])
def test_a_refusal_names_the_place(path, value, message):
    generator = init.Generator().manual_seed(3)
    before = generator.get_state()
    with pytest.raises(RecipeError) as error:
        init.replay(changed(*path, to=value), generator=generator, max_bytes=LIMIT)
    assert message in str(error.value)
    assert (generator.get_state() == before).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a recipe in JSON, got "),
        ("[" * 100_000, "JSON nested too deep"),
        ('{"format": 1, "format": 2}', "expected each key once, got 'format' twice in one object"),
        ('{"format": NaN}', 'got NaN; nan and the infinities are the strings "nan", "inf", "-inf"'),
        ("9" * 5000, "expected a recipe in JSON, got "),
        (b"\xff\xfe\x00", "expected a recipe in JSON, got "),
        ("null", "expected a JSON object, got NoneType None"),
    ],
)
def test_texts_that_are_none(tmp_path, text, message):
    path = tmp_path / "net.init.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecipeError) as error:
        init.replay(path, 3)
    assert message in str(error.value)


def test_numbers_beyond_a_float_are_refused():
    text = json.dumps(VALID).replace('"std": 0.5', '"std": 1e999')
    with pytest.raises(RecipeError, match=r"steps\[1\]\.arguments\.std: expected a finite number"):
        Recipe.from_document(parsed(text))


def test_a_large_file_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "LARGEST_TEXT", 100)
    (tmp_path / "net.init.json").write_text(json.dumps(VALID))
    with pytest.raises(RecipeError, match="expected a file of at most 100 bytes, got"):
        init.replay(tmp_path / "net.init.json", 3)


def test_deep_operands_are_refused():
    deep = [1]
    for _ in range(50):
        deep = [deep]
    with pytest.raises(RecipeError, match="expected lists nested at most 4 deep"):
        init.replay(changed("steps", 7, "operands", to=deep), 3)


@pytest.mark.parametrize("declared", [1 << 10, 1 << 19, 1 << 25])
def test_a_zlib_bomb_unfolds_to_no_more_than_was_declared(declared):
    bomb = b64encode(zlib.compress(bytes(1 << 26), 9)).decode()
    literal = {"dtype": "uint8", "shape": [declared], "zlib": bomb}
    document = changed("state", "mask", to=literal)
    tracemalloc.start()
    with pytest.raises(RecipeError, match=r"state\['mask'\]"):
        init.replay(document, 3, max_bytes=LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * LIMIT


def test_a_recipe_of_objects_is_checked_too():
    recipe = Recipe.from_document(VALID)
    broken = Recipe(recipe.buffers, recipe.steps, {"w": np.zeros(3)})
    with pytest.raises(RecipeError, match=r"state\['w'\]: expected a view or a literal"):
        init.replay(broken, 3)
