"""Adding is one block: an initializer and a stream from outside the package, registered, and verified as ours are."""

import math
import warnings
from unittest.mock import patch

import numpy as np
import pytest

import refinit
import refinit.dask
from refinit.arrays.opening import shape_and_target
from refinit.fill.fill import fill
from refinit.fill.sources import STREAMS
from refinit.initializers.registry import FLOATING, INITIALIZERS, initializer
from refinit.laws.fans import fans
from refinit.laws.law import Normal, Uniform
from refinit.streams.engine import Engine
from verify.__main__ import DISCREPANCY, OK, main
from verify.cases.case import Case
from verify.cases.functions import FUNCTIONS, Function
from verify.diagnosis.reproduce import fill_lines
from verify.laws import reference
from verify.laws.streams import Stream
from verify.subjects import SUBJECTS, Filled, Subject, subject

SEED = "--seed=2"


def toy_law(shape, scale=1.0):
    return Normal(0.0, scale / math.sqrt(fans(shape)[0]))


def toy_(tensor, scale=1.0, generator=None):
    r""":math:`w \sim N(0, scale^2 / fan_{in})`, independently."""
    shape, target = shape_and_target(tensor)
    return fill(tensor, toy_law(shape, scale), generator, "normal_", target)


def toy_reference(shape, scale=1.0):
    return reference.Normal(0.0, scale * math.prod(shape[1:]) ** -0.5)


@pytest.fixture
def toy_initializer():
    """What adding an initializer takes: its block, its law restated in verify, the parameters to try it with."""
    function = Function("toy_", ("float32", "float64"), (2, 3, 4, 5), ({}, {"scale": 0.5}))
    with (
        patch.dict(INITIALIZERS),
        patch.dict(FUNCTIONS, toy_=function),
        patch.dict(reference.LAWS, toy_=toy_reference),
    ):
        yield initializer(toy_law, dtypes=FLOATING, least_ndim=2)(toy_)


class ToyEngine(Engine):
    """NumPy's PCG64."""

    def __init__(self, seed):
        super().__init__()
        self.random = np.random.default_rng(seed)


class ToyGenerator:
    def __init__(self, seed):
        self._engine = ToyEngine(seed)


def prepared(target, law, _geometry):
    """The two laws that the toy stream knows, in any layout."""

    def uniform(engine):
        values = engine.random.uniform(law.lo, law.hi, target.shape).astype(target.element.dtype)
        below = np.nextafter(target.element.dtype.type(law.hi), target.element.dtype.type(law.lo))
        target.array[...] = np.minimum(values, below)

    def normal(engine):
        target.array[...] = engine.random.normal(law.mean, law.std, target.shape)

    realise = {Uniform: uniform, Normal: normal}.get(type(law))
    if realise is None:
        raise NotImplementedError(f"expected a uniform or a normal law on the toy stream, got {law}")
    return realise


class ToySubject(Subject):
    """refinit on the toy stream."""

    name = "refinit:toy"
    stream = Stream("toy", end="below")

    def fill(self, case, seed):
        weight = np.empty(case.shape, case.dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # an empty weight is a no-op
            INITIALIZERS[case.function].function(weight, **case.named, generator=ToyGenerator(seed))
        return Filled(weight)


@pytest.fixture
def toy_stream():
    """What adding a stream takes: its engine with what prepares its fills, and in verify its subject."""
    with patch.dict(STREAMS, {ToyEngine: prepared}), patch.dict(SUBJECTS, {"refinit:toy": ToySubject}):
        yield


def verdict_of(name, *functions):
    return main(["--subject", name, "--only", ",".join(functions), "--dtype", "float32", SEED])


@pytest.mark.parametrize("name", ["refinit:counter", "refinit:torch"])
def test_an_initializer_from_outside_is_verified_on_every_stream(name, toy_initializer):
    """false_fail_rate 1e-6, of the run."""
    assert verdict_of(name, toy_initializer.__name__) == OK


def test_an_initializer_from_outside_fills_what_ours_fill(toy_initializer):
    generator = refinit.CounterGenerator(3)
    whole = toy_initializer(refinit.empty(60, 40), generator=generator.clone_state())
    lazy = refinit.dask.full(toy_initializer, (60, 40), chunks=(25, 40), generator=generator)
    assert (lazy.compute() == whole).all()


@pytest.mark.usefixtures("toy_stream")
def test_a_stream_from_outside_is_verified_with_ours_and_foreign_initializers(toy_initializer):
    """false_fail_rate 1e-6, of the run."""
    assert verdict_of("refinit:toy", "uniform_", "kaiming_normal_", toy_initializer.__name__) == OK


@pytest.mark.usefixtures("toy_stream", "toy_initializer")
def test_a_wrong_law_from_outside_is_condemned(monkeypatch):
    """false_pass_rate below 1e-6: a standard deviation 10 % off, in weights of models."""
    monkeypatch.setitem(reference.LAWS, "toy_", lambda shape, scale=1.0: toy_reference(shape, 1.1 * scale))
    assert verdict_of("refinit:toy", "toy_") == DISCREPANCY


@pytest.mark.usefixtures("toy_stream")
def test_what_a_stream_from_outside_does_not_know_it_refuses_before_it_writes():
    weight = np.full((3, 4), 7.0, np.float32)
    with pytest.raises(NotImplementedError, match="toy stream"):
        refinit.orthogonal_(weight, generator=ToyGenerator(0))
    assert (weight == 7.0).all()


def test_a_stream_that_is_not_registered_is_refused():
    with pytest.raises(TypeError, match="argument 'generator' must be"):
        refinit.uniform_(refinit.empty(3), generator=ToyGenerator(0))


@pytest.mark.usefixtures("toy_initializer")
def test_a_failure_of_an_initializer_from_outside_is_shown_by_the_subject_that_filled():
    lines = fill_lines(subject("refinit:counter"), Case("toy_", (4, 3)), 5)
    assert "tried.fill(Case('toy_', (4, 3)), 5)" in lines[-1]
