"""By position: each parameter is the substream of its name, and no two are equal."""

import itertools

import numpy as np
import pytest

import refinit as init
from refinit.models.recipe.parts import Buffer, Fill, Operation, View
from refinit.models.recipe.problem import RecipeError
from refinit.models.recipe.steps import Recipe
from refinit.models.replay import by_position


def buffers(*names, shape=(8, 6)):
    return {name: Buffer(name, "float32", shape) for name in names}


def copy(out, source):
    return Operation("copy", out.whole, (source.whole,))


def replayed(steps, memory, state, **options):
    return init.replay(Recipe(memory, tuple(steps), state), generator=init.CounterGenerator(7), **options)


def direct(function, name, *args, number=0, shape=(8, 6)):
    generator = init.CounterGenerator(7).substream(name)
    for _ in range(number):
        init.normal_(init.empty(1), generator=generator)
    return getattr(init, function)(init.empty(shape), *args, generator=generator)


def assert_all_differ(weights):
    for first, second in itertools.combinations(weights, 2):
        assert not np.array_equal(weights[first], weights[second]), (first, second)


def test_a_parameter_is_its_last_live_fill_on_the_substream_of_its_name():
    memory = buffers("a", "b")
    steps = [Fill("kaiming_uniform_", buffer.whole) for buffer in memory.values()]
    steps += [Fill("normal_", memory["a"].whole, {"std": 0.02})]
    weights = replayed(steps, memory, {"wte": memory["a"].whole, "head": memory["b"].whole})
    assert (weights["wte"] == direct("normal_", "wte", 0, 0.02)).all()
    assert (weights["head"] == direct("kaiming_uniform_", "head")).all()


def test_values_do_not_hang_on_the_order_of_steps_or_names():
    memory = buffers("a", "b")
    state = {"wte": memory["a"].whole, "head": memory["b"].whole}
    steps = [Fill("normal_", buffer.whole) for buffer in memory.values()]
    first, second = (
        replayed(steps, memory, state),
        replayed(steps[::-1], memory, dict(reversed(state.items()))),
    )
    assert all((first[name] == second[name]).all() for name in state)


def test_the_generator_does_not_move():
    memory, generator = buffers("a"), init.CounterGenerator(7)
    recipe = Recipe(memory, (Fill("normal_", memory["a"].whole),), {"a": memory["a"].whole})
    assert (
        init.replay(recipe, generator=generator)["a"] == init.replay(recipe, generator=generator)["a"]
    ).all()
    assert generator.fill_number == 0


def test_a_numpy_generator_keys_a_replay():
    memory = buffers("a")
    recipe = Recipe(memory, (Fill("normal_", memory["a"].whole),), {"a": memory["a"].whole})
    generator, other = np.random.default_rng(3), np.random.default_rng(3)
    key = init.CounterGenerator(int(other.integers(0, 2**64, dtype=np.uint64)))
    assert (init.replay(recipe, generator=generator)["a"] == init.replay(recipe, generator=key)["a"]).all()
    assert generator.random() == other.random()


def test_parts_of_one_parameter_take_fill_numbers_in_turn():
    (memory,) = (buffers("qkv", shape=(24, 6)),)
    parts = [View("qkv", 48 * k, (8, 6), (6, 1)) for k in range(3)]
    steps = [Fill("normal_", memory["qkv"].whole), *(Fill("xavier_uniform_", part) for part in parts)]
    weights = replayed(steps, memory, {"in_proj": memory["qkv"].whole})
    for k in range(3):
        assert (weights["in_proj"][8 * k : 8 * k + 8] == direct("xavier_uniform_", "in_proj", number=k)).all()
    names = {f"part{k}": part for k, part in enumerate(parts)}
    everything = replayed(steps, memory, names)
    assert (replayed(steps, memory, names, only="part2")["part2"] == everything["part2"]).all()
    assert (everything["part2"] == direct("xavier_uniform_", "part0", number=2)).all()


def test_copies_are_drawn_anew_under_their_own_names():
    """As nn.TransformerEncoder copies its layer, which is not in the state itself."""
    memory = buffers("layer", "0", "1", "2")
    steps = [Fill("xavier_normal_", memory["layer"].whole)]
    steps += [copy(memory[name], memory["layer"]) for name in "012"]
    weights = replayed(steps, memory, {name: memory[name].whole for name in "012"})
    for name in "012":
        assert (weights[name] == direct("xavier_normal_", name)).all()


def test_a_copy_of_a_parameter_and_a_copy_of_that_are_drawn_anew():
    memory = buffers("a", "b", "c")
    steps = [
        Fill("normal_", memory["a"].whole),
        Operation("mul", memory["a"].whole, (memory["a"].whole, 0.5)),
    ]
    steps += [copy(memory["b"], memory["a"]), copy(memory["c"], memory["b"])]
    weights = replayed(steps, memory, {name: memory[name].whole for name in "abc"})
    for name in "abc":
        assert (weights[name] == direct("normal_", name) * np.float32(0.5)).all()


def test_copies_of_what_belongs_together_belong_together():
    """A weight-normed layer, copied: the norms are those of the copied weight."""
    memory = buffers("v", "v0", "v1") | buffers("g", "g0", "g1", shape=(8, 1))
    norm = Operation("norm", memory["g"].whole, (memory["v"].whole, 2, [1], True))
    steps = [Fill("normal_", memory["v"].whole), norm]
    for number in "01":
        steps += [copy(memory[f"g{number}"], memory["g"]), copy(memory[f"v{number}"], memory["v"])]
    weights = replayed(steps, memory, {name: memory[name].whole for name in memory})
    assert_all_differ({name: weights[name] for name in ("v", "v0", "v1")})
    for number in ("", "0", "1"):
        norms = np.linalg.norm(weights[f"v{number}"], axis=1, keepdims=True)
        assert np.allclose(norms, weights[f"g{number}"], rtol=1e-6)


def test_a_value_that_is_overwritten_after_its_copy_is_not_mixed_up():
    memory = buffers("a", "b", "c")
    a, b, c = (memory[name] for name in "abc")
    steps = [Fill("normal_", a.whole), copy(b, a), Fill("uniform_", a.whole), copy(c, a)]
    weights = replayed(steps, memory, {name: memory[name].whole for name in "abc"})
    assert (weights["b"] == direct("normal_", "b")).all()
    assert (weights["c"] == direct("uniform_", "c")).all()
    assert (weights["a"] == direct("uniform_", "a")).all()


def test_copies_without_chance_stay_equal():
    memory = buffers("a", "b")
    weights = replayed(
        [Fill("ones_", memory["a"].whole), copy(memory["b"], memory["a"])],
        memory,
        {name: memory[name].whole for name in "ab"},
    )
    assert (weights["b"] == 1).all()


def test_tied_names_stay_tied():
    memory = buffers("a")
    weights = replayed(
        [Fill("normal_", memory["a"].whole)], memory, dict.fromkeys(("w", "head"), memory["a"].whole)
    )
    assert np.shares_memory(weights["w"], weights["head"])
    assert (weights["head"] == direct("normal_", "w")).all()


def test_torchs_stream_copies():
    memory = buffers("a", "b")
    steps = (Fill("normal_", memory["a"].whole), copy(memory["b"], memory["a"]))
    weights = init.replay(Recipe(memory, steps, {name: memory[name].whole for name in "ab"}), 3)
    assert (weights["a"] == weights["b"]).all()


def test_copies_do_not_blow_up(monkeypatch):
    monkeypatch.setattr(by_position, "_MOST_ADDED", 50)
    memory = buffers("a", *map(str, range(60)))
    steps = [Fill("normal_", memory["a"].whole), *(copy(memory[str(k)], memory["a"]) for k in range(60))]
    with pytest.raises(RecipeError, match="steps: expected copies that repeat at most 50 steps"):
        replayed(steps, memory, {name: memory[name].whole for name in memory})
