"""``replay``: torch's bits, the generator's state, patterns, bounds of memory, names within some ulp."""

import math

import numpy as np
import pytest

import refinit as init
from refinit.models.recipe.parts import Buffer, Fill, Literal, Operation, View
from refinit.models.recipe.problem import RecipeError
from refinit.models.recipe.steps import Recipe


def whole(name, *shape, dtype="float32"):
    return Buffer(name, dtype, shape)


W, B, S = whole("w", 20, 30), whole("b", 20), whole("s", 20, 30)


def linear():
    """A layer whose first draws are overwritten, scaled, tied, with a mask."""
    steps = (
        Fill("kaiming_uniform_", W.whole, {"a": math.sqrt(5)}),
        Fill("uniform_", B.whole, {"a": -0.1, "b": 0.1}),
        Fill("normal_", W.whole, {"std": 0.02}),
        Fill("zeros_", B.whole),
        Fill("trunc_normal_", S.whole),
        Fill("normal_", S.whole),
        Operation("mul", S.whole, (S.whole, 0.5)),
    )
    state = {"weight": W.whole, "bias": B.whole, "tied": W.whole, "scaled": S.whole}
    mask = Literal(np.tri(3, dtype=bool), "bool")
    return Recipe({"w": W, "b": B, "s": S}, steps, {**state, "mask": mask})


def by_hand(generator):
    w, b, s = init.empty(20, 30), init.empty(20), init.empty(20, 30)
    init.kaiming_uniform_(w, a=math.sqrt(5), generator=generator)
    init.uniform_(b, -0.1, 0.1, generator=generator)
    init.normal_(w, std=0.02, generator=generator)
    init.trunc_normal_(s, generator=generator)
    init.normal_(s, generator=generator)
    return {"weight": w, "bias": np.zeros_like(b), "tied": w, "scaled": s * np.float32(0.5)}


def same(first, second):
    return all(np.array_equal(first[name], second[name]) for name in second)


def test_values_and_state_are_those_of_the_fills_in_order():
    ours, theirs = init.Generator().manual_seed(3), init.Generator().manual_seed(3)
    weights, expected = init.replay(linear(), generator=ours), by_hand(theirs)
    assert [*weights] == ["weight", "bias", "tied", "scaled", "mask"]
    assert same(weights, expected)
    assert (weights["mask"] == np.tri(3, dtype=bool)).all()
    assert (ours.get_state() == theirs.get_state()).all()
    assert same(init.replay(linear(), 3), expected)


def test_tied_names_share_memory_and_all_are_writable():
    weights = init.replay(linear(), 3)
    assert np.shares_memory(weights["weight"], weights["tied"])
    assert all(array.flags.writeable for array in weights.values())


def test_without_seed_and_generator_the_default_one_is_drawn_from():
    init.manual_seed(3)
    assert same(init.replay(linear()), init.replay(linear(), 3))


def test_a_torch_generator_is_left_as_torch_leaves_it():
    torch = pytest.importorskip("torch", reason="the generator is its")
    generator, ours = torch.Generator().manual_seed(3), init.Generator().manual_seed(3)
    assert same(init.replay(linear(), generator=generator), init.replay(linear(), 3))
    by_hand(ours)
    assert (generator.get_state().numpy() == ours.get_state()).all()


def test_a_gpu_stream_draws_in_order():
    gpu = init.Generator("cuda", multiprocessors=40, threads_per_multiprocessor=1024).manual_seed(3)
    small = Recipe({"w": W}, (Fill("uniform_", W.whole), Fill("normal_", W.whole)), {"weight": W.whole})
    other = gpu.clone_state()
    init.uniform_(init.empty(20, 30), generator=other)
    expected = init.normal_(init.empty(20, 30), generator=other)
    assert (init.replay(small, generator=gpu)["weight"] == expected).all()
    assert (gpu.get_state() == other.get_state()).all()


def test_patterns_do_not_change_values_nor_the_state():
    for generators in (
        [init.Generator().manual_seed(3) for _ in range(2)],
        [init.CounterGenerator(3) for _ in range(2)],
    ):
        everything = init.replay(linear(), generator=generators[0])
        part = init.replay(linear(), generator=generators[1], only=["sc*", "b*"])
        assert [*part] == ["bias", "scaled"]
        assert same(everything, part)
        assert (generators[0].get_state() == generators[1].get_state()).all()


def test_a_pattern_without_a_match_is_refused():
    with pytest.raises(
        ValueError, match=r"got 'head\.\*', which matches none of 5: 'weight', 'bias', 'tied', \.\.\."
    ):
        init.replay(linear(), 3, only=["w*", "head.*"])


def test_seed_and_generator_together_are_refused():
    with pytest.raises(ValueError, match="got both"):
        init.replay(linear(), 3, generator=init.Generator())
    with pytest.raises(TypeError, match="must be a refinit"):
        init.replay(linear(), generator=3)


def test_the_bound_of_memory_is_that_of_the_buffers_at_a_time():
    peak = init.replay(linear(), 3).peak_bytes
    assert peak == 2 * 2400 + 80 + 2400 // 8  # the last: masks of trunc_normal_, counted for every draw
    assert same(init.replay(linear(), 3, max_bytes=peak), init.replay(linear(), 3))
    generator = init.Generator().manual_seed(3)
    before = generator.get_state()
    with pytest.raises(RecipeError, match=f"expected at most max_bytes={peak - 1} of memory, got {peak}"):
        init.replay(linear(), generator=generator, max_bytes=peak - 1)
    assert (generator.get_state() == before).all()


def test_a_refused_fill_names_its_step_and_leaves_the_generator():
    half = whole("h", 4, 4, dtype="float16")
    recipe = Recipe(
        {"h": half}, (Fill("normal_", half.whole), Fill("orthogonal_", half.whole)), {"h": half.whole}
    )
    generator = init.Generator().manual_seed(3)
    before = generator.get_state()
    with pytest.raises(
        RecipeError, match=r"steps\[1\]: expected arguments that orthogonal_ takes, got NotImpl"
    ) as error:
        init.replay(recipe, generator=generator)
    assert error.value.place == "steps[1]"
    assert (generator.get_state() == before).all()


def test_memory_that_no_step_writes_is_zero():
    part = View("w", 0, (5, 30), (30, 1))
    weights = init.replay(Recipe({"w": W, "b": B}, (Fill("ones_", part),), {"w": W.whole, "b": B.whole}), 3)
    assert (weights["w"][:5] == 1).all()
    assert not weights["w"][5:].any()
    assert not weights["b"].any()


def test_names_within_some_ulp_are_told():
    v = whole("v", 20)
    steps = (
        Fill("normal_", W.whole),
        Operation("norm", v.whole, (W.whole, 2, [1])),
        Operation("div", S.whole, (W.whole, View("v", 0, (20, 1), (1, 1)))),
        Fill("uniform_", B.whole),
        Operation("erfinv", B.whole, (B.whole,)),
    )
    buffers = {"w": W, "v": v, "s": S, "b": B}
    state = {"w": W.whole, "v": v.whole, "s": S.whole, "b": B.whole}
    inexact = init.replay(Recipe(buffers, steps, state), 3).inexact
    assert inexact == {"v": 608.0, "s": 1217.0, "b": 2.0}
    steps += (Operation("add", B.whole, (B.whole, 1.0)), Fill("ones_", S.whole))
    assert init.replay(Recipe(buffers, steps, state), 3).inexact == {"v": 608.0, "b": math.inf}


def test_products_of_complex_numbers_are_inexact_and_multiples_of_them_are_not():
    c = Buffer("c", "complex64", (300,))
    exact = (Fill("normal_", c.whole), Operation("mul", c.whole, (c.whole, 0.5)))
    assert init.replay(Recipe({"c": c}, exact, {"c": c.whole}), 3).inexact == {}
    for operation in (
        Operation("mul", c.whole, (c.whole, c.whole)),
        Operation("div", c.whole, (c.whole, c.whole)),
        Operation("square", c.whole, (c.whole,)),
        Operation("reciprocal", c.whole, (c.whole,)),
        Operation("pow", c.whole, (c.whole, 2)),
    ):
        steps = (*exact, operation, Operation("mul", c.whole, (c.whole, 3)))
        assert init.replay(Recipe({"c": c}, steps, {"c": c.whole}), 3).inexact == {"c": math.inf}


def test_a_path_and_a_document_do_as_well(tmp_path):
    linear().save(tmp_path / "net.init.json")
    assert same(init.replay(str(tmp_path / "net.init.json"), 3), init.replay(linear(), 3))
    assert same(init.replay(linear().to_document(), 3), init.replay(linear(), 3))
