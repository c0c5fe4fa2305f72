"""A torch.Generator that another thread draws from in the middle of a fill: no number comes twice."""

import pytest

import refinit
from refinit.fill import borrowing, tensors
from tests.tables.references.torch import torch_module

torch = torch_module()

FILLS = {
    "uniform_": {},
    "normal_": {},
    "trunc_normal_": {"a": -1.0, "b": 1.0},
    "sparse_": {"sparsity": 0.5},
}
SHAPE = (60, 500)


def words(generator, count):
    return torch.randint(1 << 31, (count,), generator=generator)


def disturbed(monkeypatch, generator, times):
    """The words that another one draws from the generator in each of the first ``times`` fills."""
    drawn, draw = [], borrowing._draw

    def with_company(*arguments):
        if len(drawn) < times:
            drawn.append(words(generator, 7))
        draw(*arguments)

    monkeypatch.setattr(borrowing, "_draw", with_company)
    return drawn


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("function", FILLS)
def test_a_fill_begins_behind_what_another_has_drawn(function, times, monkeypatch):
    """After one disturbed try the fill is made anew; after two, with the others on a stream of their own."""
    generator, expected = (torch.Generator().manual_seed(9) for _ in range(2))
    result, reference = torch.empty(SHAPE), torch.empty(SHAPE)
    drawn = disturbed(monkeypatch, generator, times)
    getattr(refinit, function)(result, **FILLS[function], generator=generator)
    for values in drawn:
        assert torch.equal(values, words(expected, 7))
    getattr(refinit, function)(reference, **FILLS[function], generator=expected)
    assert torch.equal(result, reference)
    assert torch.equal(generator.get_state(), expected.get_state())


def test_who_draws_all_the_time_draws_from_another_stream_in_the_end(monkeypatch):
    generator, expected = (torch.Generator().manual_seed(9) for _ in range(2))
    drawn = disturbed(monkeypatch, generator, 99)
    result = refinit.uniform_(torch.empty(SHAPE), generator=generator)
    monkeypatch.undo()
    assert len(drawn) == 3
    for values in drawn[:2]:
        assert torch.equal(values, words(expected, 7))
    assert torch.equal(result, refinit.uniform_(torch.empty(SHAPE), generator=expected))
    assert not torch.isin(drawn[2], words(torch.Generator().manual_seed(9), 40000)).any()
    assert torch.equal(generator.get_state(), expected.get_state())


@pytest.mark.parametrize("times", [0, 2])
def test_an_interrupted_fill_gives_the_state_back(times, monkeypatch):
    """Also in the try in which the others are led aside."""
    generator = torch.Generator().manual_seed(9)
    drawn, attempts = disturbed(monkeypatch, generator, times), []
    draw = borrowing._draw

    def interrupted(*arguments):
        draw(*arguments)
        attempts.append(1)
        if len(attempts) > times:
            raise KeyboardInterrupt

    monkeypatch.setattr(borrowing, "_draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        refinit.uniform_(torch.empty(SHAPE), generator=generator)
    expected = torch.Generator().manual_seed(9)
    for values in drawn:
        assert torch.equal(values, words(expected, 7))
    assert torch.equal(generator.get_state(), expected.get_state())


def test_a_small_fill_is_made_anew_too(monkeypatch):
    """Which looks at the state where there are other threads."""
    law = refinit.laws.law.uniform(0.0, 1.0)
    generator, expected = (torch.Generator().manual_seed(9) for _ in range(2))
    for _ in range(2):  # the first makes the short way ready
        refinit.uniform_(torch.empty(50), generator=torch.Generator())
    call = law.ready[tensors.TorchState][torch.float32]
    drawn = []

    def with_company(*arguments):
        if not drawn:
            drawn.append(words(generator, 7))
        return call.run(*arguments)

    monkeypatch.setitem(law.ready[tensors.TorchState], torch.float32, call._replace(run=with_company))
    monkeypatch.setattr(tensors, "active_count", lambda: 2)
    result = refinit.uniform_(torch.empty(50), generator=generator)
    assert torch.equal(drawn[0], words(expected, 7))
    assert torch.equal(result, refinit.uniform_(torch.empty(50), generator=expected))
    assert torch.equal(generator.get_state(), expected.get_state())
