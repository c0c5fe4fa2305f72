"""Which steps are live: against a simulation that follows each element."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refinit.models.recipe.parts import Fill, Operation, View
from refinit.models.replay.liveness import Liveness, Ranges, span

SIZE = 12


@given(st.lists(st.tuples(st.booleans(), st.integers(0, SIZE), st.integers(0, SIZE)), max_size=12))
def test_ranges_are_sets_of_elements(changes):
    ranges, elements = Ranges(), set()
    for adds, start, stop in changes:
        assert ranges.meets(start, stop) == bool(elements & {*range(start, stop)})
        if adds:
            ranges.add(start, stop)
            elements |= {*range(start, stop)}
        else:
            ranges.remove(start, stop)
            elements -= {*range(start, stop)}
        assert bool(ranges) == bool(elements)
        assert ranges.edges == sorted(set(ranges.edges))


def row(start, length=4):
    return View("w", start, (length,), (1,))


def matrix(buffer):
    return View(buffer, 0, (3, 4), (4, 1))


def live(steps, *views):
    return Liveness(steps).of(views)


def test_what_is_written_again_unread_is_dead():
    steps = [Fill("normal_", matrix("w")), Fill("uniform_", matrix("w"))]
    assert live(steps, matrix("w")) == ([1], frozenset())


def test_what_is_read_in_between_is_live():
    steps = [
        Fill("normal_", matrix("w")),
        Operation("copy", matrix("v"), (matrix("w"),)),
        Fill("uniform_", matrix("w")),
    ]
    assert live(steps, matrix("w"), matrix("v")) == ([0, 1, 2], frozenset())
    assert live(steps, matrix("w")) == ([2], frozenset())


def test_parts_that_cover_all_leave_nothing():
    parts = [Fill("normal_", row(start)) for start in (0, 4, 8)]
    assert live([Fill("uniform_", matrix("w")), *parts], matrix("w")) == ([1, 2, 3], frozenset())
    assert live([Fill("uniform_", matrix("w")), *parts[1:]], matrix("w")) == ([0, 1, 2], frozenset())


def test_a_transposed_view_covers_its_memory():
    transposed = View("w", 0, (4, 3), (1, 4))
    assert live([Fill("uniform_", matrix("w")), Fill("normal_", transposed)], matrix("w"))[0] == [1]


def test_scattered_elements_cover_nothing():
    scattered = View("w", 0, (3, 2), (4, 2))
    assert live([Fill("uniform_", matrix("w")), Fill("normal_", scattered)], matrix("w"))[0] == [0, 1]


def test_an_operation_in_place_reads_what_it_writes():
    steps = [Fill("normal_", matrix("w")), Operation("mul", matrix("w"), (matrix("w"), 2.0))]
    assert live(steps, matrix("w")) == ([0, 1], frozenset())


def test_what_nobody_has_written_is_named():
    assert live([Fill("normal_", row(4, 8))], matrix("w")) == ([0], frozenset({"w"}))


def test_what_the_state_lacks_is_dead():
    assert live([Fill("normal_", matrix("w"))], matrix("v")) == ([], frozenset({"v"}))


VIEWS = st.builds(
    lambda buffer, offset, rows, columns, step: View(buffer, offset, (rows, columns), (4 * step, step)),
    st.sampled_from("ab"),
    st.integers(0, 3),
    st.integers(1, 2),
    st.integers(1, 2),
    st.integers(1, 2),
)
STEPS = st.one_of(
    st.builds(Fill, st.just("normal_"), VIEWS),
    st.builds(lambda out, source: Operation("copy", out, (source,)), VIEWS, VIEWS),
)


def elements(view):
    index = np.arange(2 * SIZE)
    strided = np.lib.stride_tricks.as_strided(index[view.offset :], view.shape, [8 * s for s in view.strides])
    return {(view.buffer, int(number)) for number in strided.ravel()}


@settings(max_examples=300)
@given(st.lists(STEPS, max_size=8), st.lists(VIEWS, min_size=1, max_size=2))
def test_no_step_is_dead_that_an_element_hangs_on(steps, views):
    needed = set().union(*map(elements, views))
    expected = []
    for index in reversed(range(len(steps))):
        out = elements(steps[index].out)
        if out & needed:
            expected.append(index)
            needed -= out
            if isinstance(steps[index], Operation):
                needed |= elements(steps[index].operands[0])
    indices, unwritten = live(steps, *views)
    assert {*expected} <= {*indices}
    assert {buffer for buffer, _ in needed} <= unwritten


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View("w", 3, (), ()), (3, 4)),
        (View("w", 3, (2, 0), (1, 1)), (3, 3)),
        (View("w", 1, (2, 3), (8, 2)), (1, 14)),
    ],
)
def test_span(view, expected):
    assert span(view) == expected
