"""A recording leaves torch, NumPy and Python as they were, whatever the constructor does."""

import random
import threading

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

from refinit.models.record.captured import captured  # noqa: E402 - needs torch
from refinit.models.record.recorder import Recorder  # noqa: E402
from tests.models.record.modules import parameter, recorded, words  # noqa: E402

NAMES = ("trunc_normal_", "_no_grad_trunc_normal_", "orthogonal_", "sparse_", "eye_")


def everything():
    functions = [getattr(torch.nn.init, name) for name in NAMES]
    return (
        torch.get_rng_state().tolist(),
        [part.tolist() if isinstance(part, np.ndarray) else part for part in np.random.get_state()],  # noqa: NPY002
        random.getstate(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        [(function.__code__, function.__defaults__) for function in functions],
        vars(torch.nn.init).keys(),
        torch.utils._python_dispatch._get_current_dispatch_mode_stack(),
        torch.overrides._get_current_function_mode_stack(),
    )


def disturb(self):
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    self.w = torch.nn.Linear(3, 3)
    torch.nn.init.trunc_normal_(self.w.weight)
    np.random.rand(3)  # noqa: NPY002 - as constructors do
    random.random()


def disturb_and_fail(self):
    disturb(self)
    raise KeyboardInterrupt


def test_nothing_is_left_after_a_recording():
    before = everything()
    recorded(disturb)
    assert everything() == before


def test_nothing_is_left_after_a_failure():
    before = everything()
    with pytest.raises(KeyboardInterrupt):
        recorded(disturb_and_fail)
    assert everything() == before


def test_nothing_is_left_after_a_refusal():
    before = everything()
    with pytest.raises(NotImplementedError):
        recorded(lambda self: torch.manual_seed(0))
    assert everything() == before


def test_other_threads_fill_as_ever_while_a_recording_runs():
    filled = []

    def other():
        torch.manual_seed(5)
        filled.append(torch.nn.init.trunc_normal_(torch.empty(20)))

    other()
    recorder = Recorder()
    with captured(recorder):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert torch.equal(*filled)
    assert not recorder.steps


def test_a_recording_within_a_recording_gives_the_code_back_once():
    code = torch.nn.init.sparse_.__code__
    outer, inner = Recorder(), Recorder()
    with captured(outer):
        with captured(inner):
            assert torch.nn.init.sparse_.__code__ is not code
        assert torch.nn.init.sparse_.__code__ is not code
    assert torch.nn.init.sparse_.__code__ is code


def test_what_torch_refuses_in_a_captured_function_is_torchs_to_refuse():
    with pytest.raises(ValueError, match="Only tensors with 2 or more dimensions"):
        recorded(lambda self: torch.nn.init.orthogonal_(torch.empty(3)))
    with pytest.raises(ValueError, match="Only tensors with 2 dimensions"):
        recorded(lambda self: torch.nn.init.sparse_(torch.empty(3), 0.1))


def test_orthogonal_of_nothing_draws_nothing():
    def fill(self):
        self.w = torch.nn.init.orthogonal_(parameter(0, 3))

    assert words(recorded(fill)) == []
