"""What a recipe cannot say is refused, with the line of the constructor."""

import re

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

from refinit.models.record.record import record  # noqa: E402 - needs torch
from tests.models.record.modules import Module, recorded, words  # noqa: E402


def as_parameter(name, tensor):
    return lambda self: setattr(self, name, torch.nn.Parameter(tensor()))


LOOKS = {
    "item": lambda w: w[0].item(),
    "float": lambda w: float(w.sum()),
    "bool": lambda w: bool(w[0] > 0),
    "equal": lambda w: torch.equal(w, w),
    "allclose": lambda w: torch.allclose(w, w),
    "isnan": lambda w: torch.isnan(w).any() and None,
    "numpy": lambda w: w.numpy(),
    "asarray": np.asarray,
    "tolist": lambda w: w.tolist(),
    "nonzero": lambda w: w.nonzero(),
    "mask": lambda w: w[w > 0],
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_constructor_that_looks_at_random_numbers(look):
    line = look.__code__.co_firstlineno if look is not np.asarray else r"\d+"

    def fill(self):
        self.w = torch.nn.Linear(3, 2)
        look(self.w.weight.data[0])

    with pytest.raises(NotImplementedError, match="looks at random numbers") as refusal:
        recorded(fill)
    assert re.search(rf"tests/models/record/test_refusals\.py:{line}\b", str(refusal.value))


DRAWS = {
    "randperm": lambda: torch.randperm(3),
    "randint": lambda: torch.randint(3, (2,)),
    "bernoulli": lambda: torch.empty(3).bernoulli_(0.5),
    "exponential": lambda: torch.empty(3).exponential_(),
    "dropout": lambda: torch.nn.functional.dropout(torch.ones(3)),
    "multinomial": lambda: torch.multinomial(torch.ones(3), 1),
    "normal of means": lambda: torch.normal(torch.ones(3), 1.0),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_draw_by_another_law_moves_the_generator_and_is_refused(draw):
    with pytest.raises(NotImplementedError, match=r"draws by a law that refinit lacks, at tests.*:\d+"):
        recorded(lambda self: draw())


@pytest.mark.parametrize(
    "draw",
    [
        lambda w, g: w.normal_(generator=g),
        lambda w, g: torch.randn(3, generator=g),
        lambda w, g: torch.nn.init.trunc_normal_(w, generator=g),
        lambda w, g: torch.nn.init.xavier_normal_(w, generator=g),
        lambda w, g: torch.nn.init.orthogonal_(w, generator=g),
    ],
    ids=["normal_", "randn", "trunc_normal_", "xavier_normal_", "orthogonal_"],
)
def test_a_generator_of_its_own(draw):
    with pytest.raises(NotImplementedError, match="generator of its own"):
        recorded(lambda self: draw(torch.empty(3, 3), torch.Generator()))


def test_a_constructor_that_seeds():
    def fill(self):
        torch.manual_seed(0)
        self.w = torch.nn.Linear(2, 2)

    with pytest.raises(NotImplementedError, match="moves or seeds torch's generator"):
        recorded(fill)


def test_a_constructor_that_seeds_for_a_while():
    def fill(self):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.w = torch.nn.Linear(2, 2)

    with pytest.raises(NotImplementedError, match="moves or seeds torch's generator"):
        recorded(fill)


def test_a_constructor_that_draws_and_takes_it_back():
    def fork(self):
        with torch.random.fork_rng(devices=[]):
            self.w = torch.nn.Linear(2, 2)

    def restore(self):
        state = torch.get_rng_state()
        torch.nn.Linear(2, 2)
        torch.set_rng_state(state)
        self.w = torch.nn.Linear(2, 2)

    for fill in (fork, restore):
        with pytest.raises(NotImplementedError, match="moves or seeds torch's generator"):
            recorded(fill)


def test_a_constructor_that_seeds_at_its_end():
    with pytest.raises(NotImplementedError, match="moves or seeds torch's generator"):
        recorded(lambda self: torch.manual_seed(0))


def test_the_meta_device():
    with pytest.raises(NotImplementedError, match=r"w\.weight of the state_dict is a .* on meta"):
        recorded(lambda self: setattr(self, "w", torch.nn.Linear(2, 2, device="meta")))


def test_memory_that_has_grown_since_a_step_wrote_to_it():
    def grown(self):
        w = torch.empty(4).fill_(1)
        w.untyped_storage().resize_(4000)
        self.w = torch.nn.Parameter(w.set_(w.untyped_storage(), 0, (1000,), (1,)).normal_())

    with pytest.raises(NotImplementedError, match=r"another size, at tests.*:\d+"):
        recorded(grown)


def test_memory_that_nothing_initialises():
    def fill(self):
        self.a = torch.nn.Parameter(torch.empty(3))
        self.b = torch.nn.Parameter(torch.empty(0))

    with pytest.raises(NotImplementedError, match=r"leaves a as torch\.empty made"):
        recorded(fill)


def test_memory_that_nothing_initialises_beside_draws():
    def fill(self):
        self.a = torch.nn.Parameter(torch.empty(6))
        self.a.data[::2].normal_()
        self.a.data[3:].uniform_()

    with pytest.raises(NotImplementedError, match=r"leaves a as torch\.empty made"):
        recorded(fill)


def test_parts_that_together_are_the_whole():
    def fill(self):
        self.a = torch.nn.Parameter(torch.empty(4, 6))
        for part in self.a.data.chunk(2, dim=1):
            part.normal_()

    assert words(recorded(fill)) == ["normal_", "normal_"]


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda w: w.cumsum(0), r"w depends on cumsum, which recipes lack, at tests.*:\d+"),
        (lambda w: w.div(3, rounding_mode="floor"), "div, which recipes lack with these operands"),
        (lambda w: w.sort().values, "sort, which recipes lack"),
        (lambda w: w.index_fill_(0, torch.tensor(1), 2.0), "index_fill_, which recipes lack"),
    ],
    ids=["cumsum", "div", "sort", "index_fill_"],
)
def test_an_operation_that_recipes_lack(compute, message):
    with pytest.raises(NotImplementedError, match=message):
        recorded(lambda self: self.register_buffer("w", compute(torch.randn(3))))


def test_random_memory_seen_as_another_type():
    def fill(self):
        self.register_buffer("w", torch.randn(3, dtype=torch.complex64))
        torch.view_as_real(self.w).mul_(2)

    with pytest.raises(NotImplementedError, match=r"w depends on .*complex64 memory seen as float32"):
        recorded(fill)


def test_a_lazily_conjugated_state():
    with pytest.raises(NotImplementedError, match="lazily conjugated"):
        recorded(lambda self: self.register_buffer("w", torch.randn(3, dtype=torch.complex64).conj()))


def test_a_state_that_is_no_tensor():
    class WithExtraState(Module):
        def get_extra_state(self):
            return {"step": 1}

    with pytest.raises(NotImplementedError, match="_extra_state of the state_dict is no tensor"):
        record(lambda: WithExtraState(lambda self: None), check=False)


def test_a_sparse_state():
    with pytest.raises(NotImplementedError, match=r"layout torch\.sparse_coo"):
        recorded(lambda self: self.register_buffer("w", torch.eye(3).to_sparse()))


def test_a_refusal_that_the_constructor_catches_is_still_one():
    def fill(self):
        try:
            torch.randperm(3)
        except Exception:  # noqa: BLE001 - as constructors do
            self.w = torch.nn.Linear(2, 2)

    with pytest.raises(NotImplementedError, match="randperm draws"):
        recorded(fill)


def test_what_the_constructor_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        recorded(lambda self: 1 / 0)


@pytest.mark.parametrize("factory", [3, None, torch.nn.Linear(2, 2)], ids=["number", "None", "module"])
def test_a_factory_is_a_function(factory):
    with pytest.raises(TypeError, match="expected a function that constructs a module"):
        record(factory)


def test_a_factory_returns_a_module():
    with pytest.raises(TypeError, match=r"expected a torch\.nn\.Module .*got int"):
        record(lambda: 3)
