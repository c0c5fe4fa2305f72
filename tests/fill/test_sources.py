"""Whose numbers a call draws: found by the generator's type, also where that is a subclass of a known one."""

import numpy as np
import pytest

import refinit


class Named(refinit.Generator):
    """A user's own, with a name."""


class NamedCounter(refinit.CounterGenerator):
    """The same of the other stream."""


@pytest.mark.parametrize("kind", [Named, NamedCounter])
def test_a_subclass_draws_what_its_base_does(kind):
    base = kind.__base__()
    generator = kind().set_state(base.get_state())
    assert type(generator) is kind
    for shape in ((5, 3), (300, 70)):
        expected = refinit.normal_(refinit.empty(*shape).T, generator=base)
        assert refinit.normal_(refinit.empty(*shape).T, generator=generator).tobytes() == expected.tobytes()


@pytest.mark.parametrize("generator", ["cpu", 3, np.random.RandomState(0), object()], ids=type)
def test_what_is_no_generator_is_refused_again_and_again(generator):
    weight = np.full(3, 7.0)
    for _ in range(2):
        with pytest.raises(TypeError, match="argument 'generator' must be"):
            refinit.normal_(weight, generator=generator)
    assert (weight == 7.0).all()
