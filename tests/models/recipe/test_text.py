"""Recipes as JSON: what is written is read back, to the bit."""

import math

import numpy as np
import pytest

from refinit.models.recipe.literals import MOST_VALUES, literal_from_json, literal_to_json
from refinit.models.recipe.parts import Buffer, Fill, Literal, Operation, View
from refinit.models.recipe.reading import parsed
from refinit.models.recipe.steps import Recipe
from refinit.models.recipe.writing import text_of

NAN = np.array([0x7FC00001], np.uint32).view(np.float32)
LITERALS = {
    "constant": Literal(np.zeros((300, 4), np.float32), "float32"),
    "negative zero": Literal(np.full(3, -0.0), "float64"),
    "both zeros": Literal(np.array([0.0, -0.0]), "float64"),
    "broadcast": Literal(np.broadcast_to(np.int64(7), (1000, 1000, 1000)), "int64"),
    "scalar": Literal(np.array(3, np.uint8), "uint8"),
    "few": Literal(np.array([math.nan, math.inf, -math.inf, 1e-45, 0.1], np.float32), "float32"),
    "payload": Literal(NAN, "float32"),
    "complex": Literal(np.array([1 + 2j, complex(0, -math.inf)]), "complex128"),
    "bool": Literal(np.array([True, False]), "bool"),
    "many": Literal(np.arange(999, dtype=np.int16).reshape(3, 333), "int16"),
    "many transposed": Literal(np.arange(999, dtype=np.float16).reshape(3, 333).T, "float16"),
    "masks": Literal(np.tri(100, dtype=bool), "bool"),
    "empty": Literal(np.empty((0, 3)), "float64"),
}


def recipe():
    whole, part = Buffer("a", "float32", (3, 4)), View("a", 4, (4, 2), (1, 4))
    steps = (
        Fill("normal_", whole.whole, {"mean": 0.1, "std": math.inf}, "normal_(w, 0.1)", "net.py:3"),
        Operation("clamp", part, (part, None), {"max": math.nan}),
        Operation("norm", part, (part, 2), {"dim": [0]}, "net.py:4"),
    )
    return Recipe(
        {"a": whole}, steps, {"w": whole.whole, "w.T": part, "mask": LITERALS["masks"]}, "net", {"torch": "2"}
    )


def test_a_recipe_is_read_back(tmp_path):
    recipe().save(tmp_path / "net.init.json")
    again = Recipe.load(tmp_path / "net.init.json")
    assert again.to_document() == recipe().to_document()
    assert again.steps[0] == recipe().steps[0]
    assert again.state["w.T"] == recipe().state["w.T"]
    assert again.buffers == recipe().buffers


def test_what_may_differ_from_torchs_bits_is_marked():
    w = Buffer("w", "float32", (3, 3)).whole
    steps = (
        Fill("orthogonal_", w),
        Operation("exp", w, (w,)),
        Operation("mul", w, (w, 2)),
        Operation("norm", View("w", 0, (), ()), (w,)),
    )
    document = Recipe({"w": Buffer("w", "float32", (3, 3))}, steps, {"w": w}).to_document()
    assert [step.get("within") for step in document["steps"]] == ["inf", 2.0, None, 17.0]
    assert Recipe.from_document(document).to_document() == document


def test_remarks_may_have_lines_and_arguments_numpys_numbers():
    w = Buffer("w", "float32", (3, 3))
    steps = (Fill("normal_", w.whole, {"std": np.float32(0.5), "mean": np.int64(2)}, "normal_(\n\tw)"),)
    recipe = Recipe({"w": w}, steps, {"w": w.whole})
    (again,) = Recipe.from_document(parsed(text_of(recipe.to_document()))).steps
    assert again == Fill("normal_", w.whole, {"std": 0.5, "mean": 2}, "normal_(\n\tw)")


def test_each_step_stands_on_a_line():
    lines = text_of(recipe().to_document()).splitlines()
    assert sum('"out"' in line for line in lines) == 3
    assert (
        '    {"fill": "normal_", "out": {"buffer": "a"}, "arguments": {"mean": 0.1, "std": "inf"}, '
        in lines[8]
    )


@pytest.mark.parametrize("name", LITERALS)
def test_a_literal_is_read_back_to_the_bit(name):
    literal = LITERALS[name]
    data = parsed(text_of(literal_to_json(literal)))
    shape = tuple(data["shape"])
    again = literal_from_json(data, literal.dtype, shape, "here")
    assert again.array.dtype == literal.array.dtype
    assert again.array.shape == literal.array.shape
    assert not again.array.flags.writeable
    if name == "broadcast":
        assert again.array.strides == (0, 0, 0)
    else:
        assert again.array.tobytes() == literal.array.tobytes()


def test_small_literals_are_readable_and_large_ones_compressed():
    kinds = {name: set(literal_to_json(literal)) - {"dtype", "shape"} for name, literal in LITERALS.items()}
    assert kinds["constant"] == kinds["negative zero"] == kinds["broadcast"] == kinds["scalar"] == {"value"}
    assert kinds["both zeros"] == kinds["few"] == kinds["complex"] == kinds["empty"] == {"values"}
    assert kinds["many"] == kinds["payload"] == kinds["masks"] == {"zlib", "bytes"}
    assert MOST_VALUES < 999


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn"])
@pytest.mark.parametrize("size", [5, 500])
def test_literals_of_types_that_numpy_lacks(dtype, size):
    pytest.importorskip("ml_dtypes", reason="the types are its")
    from refinit.dtypes import ELEMENTS

    array = np.linspace(-3, 3, size, dtype=np.float32).astype(ELEMENTS[dtype].dtype)
    data = literal_to_json(Literal(array, dtype))
    assert literal_from_json(data, dtype, (size,), "").array.tobytes() == array.tobytes()
