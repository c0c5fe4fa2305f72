"""Where refinit refuses what torch accepts or dies of: every line of the table is tried on both, live."""

import signal
import warnings

import numpy as np
import pytest

import refinit
from refinit.initializers.divergences import DIVERGENCES
from tests.tables.references.torch import torch_module

torch = torch_module()
SILENT, NEVER = "accepts silently", "never returns"


class StillRunning(BaseException):
    """Raised by the alarm."""


def attempt(divergence, init, w):
    """The exception of the call, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            divergence(init, w)
        except (Exception, StillRunning) as error:  # noqa: BLE001 - whatever it is, it is what the test looks at
            return error
    return None


def tensor(divergence):
    return torch.full(divergence.shape, 7, dtype=getattr(torch, divergence.dtype))


def array(divergence):
    return tensor(divergence).numpy()


# Only tensors expand; tests/arrays has overlapping arrays.
ATTEMPTS = [(make, d) for d in DIVERGENCES for make in ((tensor,) if d.expanded else (tensor, array))]


@pytest.mark.parametrize(("make", "divergence"), ATTEMPTS, ids=[f"{m.__name__}-{d}" for m, d in ATTEMPTS])
def test_refinit_raises_what_the_table_says_and_changes_nothing(make, divergence):
    w, state, ours = make(divergence), torch.get_rng_state(), bytes(refinit.get_rng_state())
    error = attempt(divergence, refinit, w)
    assert type(error).__name__ == divergence.refinit
    assert (np.asarray(w) == 7).all()
    assert torch.equal(torch.get_rng_state(), state)
    assert bytes(refinit.get_rng_state()) == ours


@pytest.mark.parametrize("divergence", [d for d in DIVERGENCES if d.torch != NEVER], ids=str)
def test_torch_does_what_the_table_says(divergence):
    w = tensor(divergence)
    error = attempt(divergence, torch.nn.init, w)
    if divergence.torch == SILENT:
        assert error is None
    else:
        assert type(error).__name__ == divergence.torch.partition(",")[0]
    if "after zeroing" in divergence.torch:
        assert not w.any()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
@pytest.mark.parametrize("divergence", [d for d in DIVERGENCES if d.torch == NEVER], ids=str)
def test_torch_never_returns_where_the_table_says_so(divergence):
    """A second is 10 000 rounds of these sizes, every one of which accepts nothing."""

    def stop(*_):
        raise StillRunning

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        error = attempt(divergence, torch.nn.init, tensor(divergence))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert isinstance(error, StillRunning)


class Recorder:
    """Stands for `init` and for `w`: the calls that are made of it."""

    shape = (4, 4)

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *arguments, **keywords: self.calls.append((name, arguments, repr(keywords)))

    def __getitem__(self, index):
        self.calls.append(index)
        return self


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=str)
def test_each_text_is_the_call_that_is_made_and_has_a_reason(divergence):
    called, pasted = Recorder(), Recorder()
    divergence(called, called)
    eval(str(divergence), {"init": pasted, "w": pasted})
    assert str(called.calls).replace(repr(called), "w") == str(pasted.calls).replace(repr(pasted), "w")
    assert divergence.reason
