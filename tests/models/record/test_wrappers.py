"""What stands between a constructor and its memory: parametrizations, wrappers, hooks, threads, other modes."""

import threading

import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

from torch.nn.utils import parametrizations  # noqa: E402 - needs torch

import refinit  # noqa: E402
from refinit.models.record.record import record  # noqa: E402
from tests.models.record.modules import Module, recorded, words  # noqa: E402
from tests.tables.plain_models import MODELS as MODELS_IN_PLAIN_TORCH  # noqa: E402

MODULES = {
    "weight_norm": lambda: parametrizations.weight_norm(torch.nn.Linear(5, 4)),
    "softplus": lambda: torch.nn.utils.parametrize.register_parametrization(
        torch.nn.Linear(4, 4), "weight", torch.nn.Softplus(), unsafe=True
    ),
    "spectral_norm": lambda: parametrizations.spectral_norm(torch.nn.Linear(5, 4)),
    "old spectral_norm": lambda: torch.nn.utils.spectral_norm(torch.nn.Conv2d(2, 3, 3)),
    "DataParallel": lambda: torch.nn.DataParallel(torch.nn.Linear(3, 2)),
    "double": lambda: torch.nn.LSTM(3, 4).double(),
    "channels last": lambda: torch.nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last),
    "ParameterDict": lambda: torch.nn.ParameterDict({"a": torch.randn(3), "b": torch.zeros(2)}),
    "empty": torch.nn.Sequential,
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_recorded_and_checked(name):
    recipe = record(MODULES[name])
    assert list(recipe.state) == list(MODULES[name]().state_dict())


def test_buffers_of_a_wrapped_module_have_its_names():
    assert list(record(MODULES["DataParallel"]).buffers) == ["module.weight", "module.bias"]


def test_the_memory_format_is_that_of_the_view():
    recipe = record(MODULES["channels last"])
    assert recipe.state["weight"].strides == (27, 1, 9, 3)


def test_draws_of_another_thread_are_told_by_the_check():
    def fill(self):
        self.fc = torch.nn.Linear(2, 2)
        thread = threading.Thread(target=lambda: torch.nn.init.normal_(self.fc.weight))
        thread.start()
        thread.join()

    with pytest.raises(NotImplementedError, match=r"moves or seeds torch's generator|fc\.weight"):
        record(lambda: Module(fill))


def test_hooks_that_compute_a_state_are_steps():
    def double(_, state, *__):
        state["w"] = state["w"] * 2

    def fill(self):
        self.w = torch.nn.Parameter(torch.randn(3))
        self.register_state_dict_post_hook(double)

    recipe = recorded(fill)
    assert words(recipe) == ["normal_", "mul"]
    assert recipe.state["w"].buffer == recipe.steps[1].out.buffer


def test_an_empty_model_is_an_empty_recipe():
    recipe = record(MODULES["empty"])
    assert not recipe.buffers
    assert not recipe.steps
    assert not recipe.state


@pytest.mark.parametrize("name", ["ViT", "Odd"])
def test_a_recording_is_the_same_while_refinit_draws_for_torch(name):
    expected = record(MODELS_IN_PLAIN_TORCH[name]).to_document()
    with refinit.accelerate_torch():
        assert record(MODELS_IN_PLAIN_TORCH[name]).to_document() == expected
