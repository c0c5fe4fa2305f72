"""How the axes of a CUDA array are dealt out to launches: every element once, in few launches."""

from itertools import product

import pytest

from refinit.arrays.walks import axes
from refinit.arrays.walks.axes import Axis, pieces


def all_of(given):
    """The address and number of every element."""
    return sorted(
        (
            sum(at * axis.stride for at, axis in zip(index, given, strict=True)),
            sum(at * axis.step for at, axis in zip(index, given, strict=True)),
        )
        for index in product(*(range(axis.length) for axis in given))
    )


def walked(given):
    """The same by what launches are given, and how many launches there are."""
    found, launches = [], 0
    for address, number, walk in pieces(0, 0, given):
        launches += 1
        for index in range(walk.size):
            rest, place = index, []
            for length in (*walk.lengths, walk.size):
                place.append(rest % length)
                rest //= length
            found.append(
                (
                    address + sum(at * stride for at, stride in zip(place, walk.strides, strict=True)),
                    number + sum(at * step for at, step in zip(place, walk.steps, strict=True)),
                )
            )
    return sorted(found), launches


LENGTHS = [(7,), (5, 3), (3, 1, 4, 2), (30, 2, 3, 2, 2), (2, 3, 40, 2, 3, 2)]


@pytest.mark.parametrize("most", [1 << 31, 8])
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_every_element_is_in_one_launch(lengths, most, monkeypatch):
    monkeypatch.setattr(axes, "INDEX_LIMIT", most)
    given = [Axis(length, 1000 * 7**k, 3 * 11**k) for k, length in enumerate(reversed(lengths))][::-1]
    assert walked(given)[0] == all_of(given)


@pytest.mark.parametrize(("lengths", "launches"), [((500, 2, 3, 2, 2), 2), ((2, 3, 400, 2, 3, 2), 4)])
def test_axes_beyond_four_cost_launches_by_the_shortest_of_them(lengths, launches):
    given = [Axis(length, 10**k, 1) for k, length in enumerate(lengths)]
    assert walked(given)[1] == launches
